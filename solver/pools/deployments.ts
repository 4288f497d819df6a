/**
 * The factories on Ethereum mainnet whose pools are trusted to run the published code.
 *
 * Every row is proven: its hash and factory give the addresses of recorded pools, or its hash is that of the
 * creation code that its npm package carries (test/pools/deployments.test.ts names which).
 */
import type { Address, Hex } from '../core/hex.ts'
import type { UniswapV3Variant } from './states.ts'

/** What all factories have. */
type Factory = {
  /** What a snapshot's `exchange` and a pool's state say. */
  readonly exchange: string
  readonly factory: Address
  /** keccak256 of the pools' creation code: with the creator and the salt it gives a pool's address. */
  readonly initCodeHash: Hex
}

/** A view that says the fee in force, where the pairs' code does not fix it. */
export type FeeCall = {
  readonly of: 'pair' | 'factory'
  readonly selector: Hex
  /** Millionths in one unit of its answer. */
  readonly pipsPerUnit: number
}

/** A factory of constant-product pairs. */
export type V2Factory = Factory & {
  /** Millionths; what a pair is said to charge until it has been read. */
  readonly feePips: number
  /** Present where governance can change the fee: read with every snapshot. */
  readonly feeCall?: FeeCall
}

/** A factory of concentrated-liquidity pools. */
export type V3Factory = Factory & {
  /** Who creates the pools, where it is not the factory itself. */
  readonly deployer?: Address
  readonly variant?: UniswapV3Variant
}

/** Constant-product factories that the settlement derives pools of; `row` is the verb's low nibble. */
export const uniswapV2Deployments = [
  {
    row: 15,
    exchange: 'uniswap_v2',
    factory: '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f',
    initCodeHash: '0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f',
    feePips: 3_000,
  },
  {
    row: 0,
    exchange: 'sushiswap_v2',
    factory: '0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac',
    initCodeHash: '0xe18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303',
    feePips: 3_000,
  },
] as const satisfies readonly (V2Factory & { readonly row: number })[]

/** Concentrated-liquidity factories that the settlement derives pools of, the same way. */
export const uniswapV3Deployments = [
  {
    row: 15,
    exchange: 'uniswap_v3',
    factory: '0x1f98431c8ad98523631ae4a59f267346ea31f984',
    initCodeHash: '0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54',
  },
] as const satisfies readonly (V3Factory & { readonly row: number })[]

/** Every constant-product factory whose pairs are priced. */
export const v2Factories: readonly V2Factory[] = [
  ...uniswapV2Deployments,
  {
    exchange: 'pancakeswap_v2',
    factory: '0x1097053fd2ea711dad45caccc45eff7548fcb362',
    initCodeHash: '0x57224589c67f3f30a6b0d7a1b54cf3153ab84563bc609ef41dfb34f8b2974d2d',
    feePips: 2_500,
  },
  {
    exchange: 'shibaswap_v2',
    factory: '0x115934131916c8b277dd010ee02de363c09d037c',
    initCodeHash: '0x65d1a3b1e46c6e4f1be1ad5f99ef14dc488ae0549dc97db9b30afe2241ce1c7a',
    feePips: 3_000,
    // totalFee(), in thousandths, a variable of each pair
    feeCall: { of: 'pair', selector: '0x1df4ccfc', pipsPerUnit: 1_000 },
  },
  {
    exchange: 'defiswap_v2',
    factory: '0x9deb29c9a4c7a88a3c0257393b7f3335338d9a9d',
    initCodeHash: '0x69d637e77615df9f235f642acebbdad8963ef35c5523142078c9b8f9d0ceba7e',
    feePips: 3_000,
    // totalFeeBasisPoint(), one for all pairs
    feeCall: { of: 'factory', selector: '0xe380f728', pipsPerUnit: 100 },
  },
]

/** Every concentrated-liquidity factory whose pools are priced. */
export const v3Factories: readonly V3Factory[] = [
  ...uniswapV3Deployments,
  {
    exchange: 'sushiswap_v3',
    factory: '0xbaceb8ec6b9355dfc0269c18bac9d6e2bdc29c4f',
    initCodeHash: '0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54',
  },
  {
    exchange: 'pancakeswap_v3',
    factory: '0x0bfbcf9fa4f9c56b0f40a671ad40e0805a091865',
    deployer: '0x41ff9aa7e16b8b1a8a8dc4f0efacd93d02d071c9',
    initCodeHash: '0x6ce8eb472fa82df5469c6ab6d485f17c3ad13c8cd7af59b3d4a8026c5ce0f7e2',
    variant: 'pancake',
  },
]

/** Factories of Solidly pairs, each on its own chain: Aerodrome on Base, Velodrome V2 on Optimism. */
export const solidlyFactories: readonly { exchange: string; factory: Address }[] = [
  { exchange: 'aerodrome_v2', factory: '0x420dd381b31aef6683db6b902084cb0ffece40da' },
  { exchange: 'velodrome_v2', factory: '0xf1046053aa5682b4f9a81b5481394da16be5ff5a' },
]

/** The singleton that holds every Uniswap V4 pool. */
export const v4PoolManager = {
  exchange: 'uniswap_v4',
  factory: '0x000000000004444c5dc75cb358380d2e3de08a90',
} as const satisfies { exchange: string; factory: Address }

/** The vault of every Balancer V2 pool. */
export const balancerV2Vault: Address = '0xba12222222228d8ba445958a75a0704d566bf2c8'

/** A factory of Balancer V2: it deploys pools of one kind, none at an address that can be derived. */
export type BalancerFactory = {
  readonly kind: 'balancerWeighted' | 'balancerStable'
  readonly exchange: string
  readonly factory: Address
  /** The `version` of its pools' states. */
  readonly variant: string
}

const balancerV2 = { exchange: 'balancer_v2' } as const
const weightedV0 = { ...balancerV2, kind: 'balancerWeighted', variant: 'v0' } as const
const weightedV3 = { ...balancerV2, kind: 'balancerWeighted', variant: 'v3Plus' } as const
const stableV1 = { ...balancerV2, kind: 'balancerStable', variant: 'v1' } as const
const stableV2 = { ...balancerV2, kind: 'balancerStable', variant: 'v2' } as const

/** The factories of Balancer V2 whose pools are priced: test/pools/balancerV2.vectors.test.ts checks them. */
export const balancerV2Factories: readonly BalancerFactory[] = [
  { ...weightedV0, factory: '0x8e9aa87e45e92bad84d5f8dd1bff34fb92637de9' },
  // WeightedPool2Tokens
  { ...weightedV0, factory: '0xa5bf2ddf098bb0ef6d120c98217dd6b141c74ee0' },
  { ...weightedV3, factory: '0xcc508a455f5b0073973107db6a878ddbdab957bc' },
  { ...weightedV3, factory: '0x5dd94da3644ddd055fcf6b3e1aa310bb7801eb8b' },
  { ...weightedV3, factory: '0x897888115ada5773e02aa29f775430bfb5f34c51' },
  { ...stableV1, factory: '0xc66ba2b6595d3613ccab350c886ace23866ede24' },
  // MetaStablePool
  { ...stableV1, factory: '0x67d27634e44793fe63c467035e31ea8635117cd4' },
  // StablePhantomPool
  { ...stableV1, factory: '0xb08e16cfc07c684daa2f93c70323badb2a6cbfd2' },
  { ...stableV2, factory: '0x8df6efec5547e31b0eb7d1291b511ff8a2bf987c' },
  // ComposableStablePool from here on
  { ...stableV2, factory: '0xdc6d62ae091ea77331542042a72e5e38b188837c' },
  { ...stableV2, factory: '0xf9ac7b9df2b3454e841110cce5550bd5ac6f875f' },
  { ...stableV2, factory: '0x85a80afee867adf27b50bdb7b76da70f1e853062' },
  { ...stableV2, factory: '0xdba127fbc23fb20f5929c546af220a991b5c6e01' },
  { ...stableV2, factory: '0xfada0f4547ab2de89d1304a668c39b3e09aa7c76' },
  { ...stableV2, factory: '0xdb8d758bcb971e482b2c45f7f8a7740283a1bd3a' },
]

/** The factories of Curve CryptoSwap pools whose logs name the pool that they create. */
export const curveCryptoFactories = [
  {
    exchange: 'curve_twocrypto_ng',
    variant: 'twoNg',
    factory: '0x98ee851a00abee0d95d08cf4ca2bdce32aeaaf7f',
  },
  {
    exchange: 'curve_tricrypto_ng',
    variant: 'triNg',
    factory: '0x0c0e5f2ff0ff18a3be9b835635039256dc4b4963',
  },
] as const satisfies readonly { exchange: string; variant: string; factory: Address }[]

/** Contracts that hold shares of many vaults; what `maxRedeem` grants them tells how much a vault can pay. */
export const shareHolders: readonly Address[] = [
  // Balancer V3's vault, Balancer V2's, Uniswap V4's PoolManager, Morpho
  '0xba1333333333a1ba1108e8412f11850a5c319ba9',
  '0xba12222222228d8ba445958a75a0704d566bf2c8',
  '0x000000000004444c5dc75cb358380d2e3de08a90',
  '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb',
]
