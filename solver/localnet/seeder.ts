/** Creates and funds the table's pools through one contract that mints many positions a transaction. */
import {
  encodeAbiParameters,
  encodePacked,
  getContractAddress,
  keccak256,
  numberToHex,
} from 'viem/utils'
import { mainnet, mainnetTokens } from '../chain/chains/mainnet.ts'
import { type Address, type Hex, toAddress, zeroAddress } from '../core/hex.ts'
import { uniswapV2Deployments, uniswapV3Deployments } from '../pools/deployments.ts'
import { type PoolRef, toPoolId } from '../pools/pool.ts'
import { ownArtifact } from './artifacts.ts'
import { deployAt } from './deploy.ts'
import { type ContractCall, type HiddenNode, sendCall } from './node.ts'
import type { PoolPlan, Position } from './plan.ts'
import { usdPrices } from './pools.ts'
import { mintableArtifact, wethArtifact } from './tokens.ts'
import { poolManagerArtifact } from './venues.ts'

/** The seeder's source below `contracts/`. */
export const seederSource = 'localnet/Seeder.sol'

/** Where the seeder stands; it is nobody on mainnet. */
const seeder: Address = '0x5eed000000000000000000000000000000005eed'
/** US dollars of each token that the seeder gets: more than the whole table asks for. */
const purseUsd = 2_000_000_000
/** Positions of one transaction: each costs up to 400,000 gas of the 16 million. */
const positionsPerCall = 32

/**
 * Creates every planned pool. The node must mine by itself; `deployer` is unlocked.
 *
 * @returns The pools in the plans' order, named as the chain names them.
 * @throws {SetUpFailedError} `localnet.set-up-failed`.
 */
export async function seedPools(
  node: HiddenNode,
  deployer: Address,
  plans: readonly PoolPlan[],
): Promise<PoolRef[]> {
  const artifact = ownArtifact(seederSource, 'Seeder')
  const venues = [mainnet.uniswapV2Factory, mainnet.uniswapV3Factory, mainnet.uniswapV4PoolManager]
  await deployAt(node, deployer, seeder, artifact, venues)
  await fillPurse(node, deployer)
  const manager = poolManagerArtifact().abi
  const call = (name: string, args: readonly unknown[]): ContractCall => ({
    to: seeder,
    abi: artifact.abi,
    name,
    args,
  })
  const pools: PoolRef[] = []
  for (const plan of plans) {
    const pool = poolRefOf(plan)
    const [token0, token1] = plan.tokens
    const { feePips } = plan.seed
    if (pool.kind === 'uniswapV2') {
      await sendCall(node, deployer, call('seedV2', [token0, token1, ...plan.reserves]))
    } else if (pool.kind === 'uniswapV3') {
      const args = [token0, token1, feePips, plan.sqrtPriceX96]
      await sendCall(node, deployer, call('createV3', args))
    } else {
      const args = [keyOf(plan), plan.sqrtPriceX96]
      const to = mainnet.uniswapV4PoolManager
      await sendCall(node, deployer, { to, abi: manager, name: 'initialize', args })
    }
    const [mint, target] = pool.kind === 'uniswapV4' ? ['mintV4', keyOf(plan)] : ['mintV3', pool.id]
    for (const positions of chunks(plan.positions, positionsPerCall))
      await sendCall(node, deployer, call(mint, [target, positions]))
    pools.push(pool)
  }
  return pools
}

async function fillPurse(node: HiddenNode, deployer: Address): Promise<void> {
  const ether = 10n ** 18n
  const native = BigInt(Math.ceil(purseUsd / usdPrices.ETH)) * ether
  const rich = numberToHex(2n * native)
  await node.request({ method: 'hardhat_setBalance', params: [deployer, rich] })
  await node.request({ method: 'hardhat_setBalance', params: [seeder, numberToHex(native)] })
  const weth = { to: mainnet.wrappedNative, abi: wethArtifact().abi }
  await sendCall(node, deployer, { ...weth, name: 'deposit', args: [], value: native })
  await sendCall(node, deployer, { ...weth, name: 'transfer', args: [seeder, native] })
  const { abi } = mintableArtifact()
  for (const [symbol, { address, decimals }] of Object.entries(mainnetTokens)) {
    if (address === mainnet.wrappedNative || symbol === 'stETH') continue
    const usd = usdPrices[symbol as keyof typeof mainnetTokens] // the keys of `mainnetTokens`
    const amount = BigInt(Math.ceil(purseUsd / usd)) * 10n ** BigInt(decimals)
    await sendCall(node, deployer, { to: address, abi, name: 'mint', args: [seeder, amount] })
  }
}

/** The five fields of a V4 pool without hooks. */
function keyOf({ tokens, seed }: PoolPlan) {
  const [currency0, currency1] = tokens
  const { feePips: fee, tickSpacing } = seed
  return { currency0, currency1, fee, tickSpacing, hooks: zeroAddress }
}

/** The pool's name and what its creation fixes, by the venues' own address rules. */
export function poolRefOf(plan: PoolPlan): PoolRef {
  const { tokens, seed } = plan
  const { kind, feePips, tickSpacing } = seed
  const [token0, token1] = tokens
  if (kind === 'uniswapV2') {
    const [{ exchange, factory, initCodeHash }] = uniswapV2Deployments
    const salt = keccak256(encodePacked(['address', 'address'], [token0, token1]))
    const id = toPoolId(create2(factory, salt, initCodeHash))
    return { kind, id, tokens, exchange, feePips }
  }
  if (kind === 'uniswapV3') {
    const [{ exchange, factory, initCodeHash }] = uniswapV3Deployments
    const types = [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }] as const
    const salt = keccak256(encodeAbiParameters(types, [token0, token1, feePips]))
    const id = toPoolId(create2(factory, salt, initCodeHash))
    return { kind, id, tokens, exchange, feePips, tickSpacing }
  }
  const id = toPoolId(v4Id(plan))
  return { kind, id, tokens, exchange: 'uniswap_v4', feePips, tickSpacing, hooks: zeroAddress }
}

function v4Id(plan: PoolPlan): Hex {
  const { currency0, currency1, fee, tickSpacing, hooks } = keyOf(plan)
  const types = ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type }))
  return keccak256(encodeAbiParameters(types, [currency0, currency1, fee, tickSpacing, hooks]))
}

function create2(from: Address, salt: Hex, bytecodeHash: Hex): Address {
  return toAddress(getContractAddress({ opcode: 'CREATE2', from, salt, bytecodeHash }))
}

function chunks(positions: readonly Position[], size: number): Position[][] {
  const count = Math.ceil(positions.length / size)
  return Array.from({ length: count }, (_, index) =>
    positions.slice(index * size, (index + 1) * size),
  )
}
