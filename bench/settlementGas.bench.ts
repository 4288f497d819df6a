/**
 * Gas of settlements on real V3 bytecode, as docs/settlement.md, "Gas", says: plain 18-decimal tokens, full-range
 * liquidity 1e25, no tick crossed, observation cardinality 10, trade 1e18, infinite approvals. `steady` is the
 * receipt of the second identical fill, `first` that of the first.
 *
 *   node bench/settlementGas.bench.ts [path of a compiled Settlement.json] [--json]
 */
import { readFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { numberToHex, parseAbi, size } from 'viem/utils'
import { mainnet } from '../solver/chain/chains/mainnet.ts'
import { type Address, type Hex, zeroAddress } from '../solver/core/hex.ts'
import { venues } from '../solver/engine/settleSolution.ts'
import { signerOf, signOrder, signWinCert } from '../solver/intents/sign.ts'
import type { Funding, Order } from '../solver/intents/order.ts'
import { createAccounts } from '../solver/localnet/accounts.ts'
import { buildContracts, ownArtifact } from '../solver/localnet/artifacts.ts'
import { deployAt } from '../solver/localnet/deploy.ts'
import { type Artifact, type HiddenNode, sendCall } from '../solver/localnet/node.ts'
import { startNode } from '../solver/localnet/runtime.ts'
import { mintableArtifact } from '../solver/localnet/tokens.ts'
import { deployVenues } from '../solver/localnet/venues.ts'
import { readMarket } from '../solver/market/reader.ts'
import type { MarketView } from '../solver/market/view.ts'
import { type PoolRef, toPoolId } from '../solver/pools/pool.ts'
import type { Leg } from '../solver/route/route.ts'
import { uniswapV3Address } from '../solver/settle/poolAddress.ts'
import { type EncodeOptions, encodeSettlement } from '../solver/settle/program.ts'

/** What one kind of settlement costs, in gas units and calldata bytes. */
export type GasRow = { readonly first: number; readonly steady: number; readonly calldata: number }

const trade = 10n ** 18n
const [tokenA, tokenB, tokenM]: readonly [Address, Address, Address] = [
  '0x000000000000000000000000000000000000a001',
  '0x000000000000000000000000000000000000b002',
  '0x0000000000000000000000000000000000001003',
]
const settlement: Address = '0x5e771e0000000000000000000000000000000001'
const seeder: Address = '0x5eed000000000000000000000000000000005eed'
const accounts = createAccounts()
const deployer = accounts.deployer.address
const owner = accounts.owner(0)
const auctioneer = privateKeyToAccount(accounts.owner(1).privateKey)
const spacings = { 500: 10, 3000: 60, 10000: 200 } as const
type Fee = keyof typeof spacings

/** Runs every kind twice on one chain and gives its gas. */
export async function measureGas(artifact: Artifact): Promise<Record<string, GasRow>> {
  const { node, close } = await startNode({
    accounts: accounts.all.map(({ privateKey }) => ({ privateKey, balance: 10n ** 24n })),
  })
  try {
    const pools = await setUp(node, artifact)
    const { view } = await readMarket(node, pools)
    const direct = [leg(pools, tokenA, tokenB, 3000, trade)]
    const twoHops = [
      leg(pools, tokenA, tokenM, 3000, trade),
      leg(pools, tokenM, tokenB, 3000, trade / 2n),
    ]
    const split = ([500, 3000, 10000] as const).map((fee) =>
      leg(pools, tokenA, tokenB, fee, trade / 3n),
    )
    const measure = (legs: readonly Leg[], funding: Funding, certified = false) =>
      measureTwice(node, view, legs, funding, certified)
    return {
      oneHop: await measure(direct, 'allowance'),
      certificate: await measure(direct, 'allowance', true),
      oneHopPermit2: await measure(direct, 'permit2'),
      twoHop: await measure(twoHops, 'allowance'),
      threeWaySplit: await measure(split, 'allowance'),
      threeWaySplitPermit2: await measure(split, 'permit2'),
    }
  } finally {
    await close()
  }
}

async function setUp(node: HiddenNode, artifact: Artifact): Promise<PoolRef[]> {
  await deployVenues(node, deployer)
  await deployAt(node, deployer, settlement, artifact)
  const { uniswapV2Factory, uniswapV3Factory, uniswapV4PoolManager } = mainnet
  const args = [uniswapV2Factory, uniswapV3Factory, uniswapV4PoolManager]
  await deployAt(node, deployer, seeder, ownArtifact('localnet/Seeder.sol', 'Seeder'), args)
  const token = mintableArtifact()
  for (const address of [tokenA, tokenB, tokenM]) {
    await deployAt(node, deployer, address, token, ['Plain', 'PLAIN', 18])
    for (const holder of [seeder, owner.address]) {
      const mint = { to: address, abi: token.abi, name: 'mint', args: [holder, 10n ** 27n] }
      await sendCall(node, deployer, mint)
    }
    for (const spender of [settlement, mainnet.permit2]) {
      const approve = {
        to: address,
        abi: token.abi,
        name: 'approve',
        args: [spender, 2n ** 256n - 1n],
      }
      await sendCall(node, owner.address, approve)
    }
  }
  return [
    await addPool(node, tokenA, tokenB, 500),
    await addPool(node, tokenA, tokenB, 3000),
    await addPool(node, tokenA, tokenB, 10000),
    await addPool(node, tokenA, tokenM, 3000),
    await addPool(node, tokenM, tokenB, 3000),
  ]
}

async function addPool(node: HiddenNode, x: Address, y: Address, fee: Fee): Promise<PoolRef> {
  const [deployment] = venues.uniswapV3
  if (deployment === undefined) throw new RangeError('no V3 deployment')
  const tokens = x < y ? [x, y] : [y, x]
  const id = toPoolId(uniswapV3Address(deployment, x, y, fee))
  const { abi } = ownArtifact('localnet/Seeder.sol', 'Seeder')
  const create = { to: seeder, abi, name: 'createV3', args: [...tokens, fee, 2n ** 96n] }
  await sendCall(node, deployer, create)
  const last = Math.floor(887_272 / spacings[fee]) * spacings[fee]
  const positions = [{ lower: -last, upper: last, liquidity: 10n ** 25n }]
  await sendCall(node, deployer, { to: seeder, abi, name: 'mintV3', args: [id, positions] })
  const grow = parseAbi(['function increaseObservationCardinalityNext(uint16)'])
  const name = 'increaseObservationCardinalityNext'
  await sendCall(node, deployer, { to: id, abi: grow, name, args: [10] })
  return { kind: 'uniswapV3', id, tokens, feePips: fee, tickSpacing: spacings[fee] }
}

function leg(
  pools: readonly PoolRef[],
  tokenIn: Address,
  tokenOut: Address,
  fee: number,
  amountIn: bigint,
): Leg {
  const pool = pools.find(
    ({ tokens, feePips }) =>
      feePips === fee && tokens.includes(tokenIn) && tokens.includes(tokenOut),
  )
  if (pool === undefined) throw new RangeError('no such pool')
  const { id, kind, tokens } = pool
  const [indexIn, indexOut] = [tokens.indexOf(tokenIn), tokens.indexOf(tokenOut)]
  return { pool: id, kind, indexIn, indexOut, tokenIn, tokenOut, amountIn, amountOut: 1n }
}

let nonce = 0n

async function measureTwice(
  node: HiddenNode,
  view: MarketView,
  legs: readonly Leg[],
  funding: Funding,
  certified: boolean,
): Promise<GasRow> {
  const call = () => callFor(view, legs, funding, certified)
  const calls = [await call(), await call()] as const
  const first = await gasOf(node, calls[0])
  return { first, steady: await gasOf(node, calls[1]), calldata: size(calls[1]) }
}

async function callFor(
  view: MarketView,
  legs: readonly Leg[],
  funding: Funding,
  certified: boolean,
): Promise<Hex> {
  nonce += 1n
  const order: Order = {
    owner: owner.address,
    sellToken: tokenA,
    buyToken: tokenB,
    receiver: owner.address,
    auctioneer: certified ? accounts.owner(1).address : zeroAddress,
    amount: trade,
    limitStart: trade / 2n,
    limitEnd: trade / 2n,
    decayStart: 2 ** 32,
    decayEnd: 2 ** 32 + 60,
    validTo: 2 ** 32 + 60,
    nonce,
    flags: certified ? 2 : 0,
  }
  const domain = { chainId: 1, settlement }
  const signed = await signOrder(
    order,
    domain,
    funding,
    signerOf(privateKeyToAccount(owner.privateKey)),
  )
  const options: EncodeOptions = { venues }
  if (!certified) return encodeSettlement(signed, { legs, credit: false }, view, options)
  const minOut = trade / 2n
  const [solver, lastBlock] = [accounts.solver.address, 2 ** 32]
  const cert = { order: signed.digest, part: 0, solver, sellAmount: trade, minOut, lastBlock }
  const { signature } = await signWinCert(cert, domain, signerOf(auctioneer))
  const certificate = { minOut, lastBlock, signature }
  return encodeSettlement(signed, { legs, credit: false }, view, { ...options, certificate })
}

async function gasOf(node: HiddenNode, data: Hex): Promise<number> {
  const from = accounts.solver.address
  const params = [{ from, to: settlement, data, gas: numberToHex(5_000_000) }]
  const hash = await node.request({ method: 'eth_sendTransaction', params })
  const receipt = await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  const { status, gasUsed } = receipt as { status: string; gasUsed: Hex }
  if (status !== '0x1') throw new RangeError('a settlement reverted')
  return Number(gasUsed)
}

if (import.meta.main) {
  const [path] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  await buildContracts(['Settlement.sol', 'localnet/Seeder.sol'])
  const artifact =
    path === undefined
      ? ownArtifact('Settlement.sol', 'Settlement')
      : (JSON.parse(readFileSync(path, 'utf8')) as Artifact)
  const rows = await measureGas(artifact)
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows))
  else console.table(rows)
  // The EVM of this process keeps it alive.
  process.exit(0)
}
