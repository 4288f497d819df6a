/** The Uniswap-like pools that a recorded block touches, read from a fork of the state before it. */
import { readCalls } from '../../solver/chain/batch.ts'
import type { Call, Log } from '../../solver/chain/block.ts'
import type { ChainNode } from '../../solver/chain/client.ts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Tape } from '../../solver/chain/tape.ts'
import { serveTape } from '../../solver/chain/tapeServer.ts'
import { type Address, type Hex, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import { v2Factories, v3Factories, v4PoolManager } from '../../solver/pools/deployments.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import {
  type PoolId,
  type PoolRef,
  type SnapshotReader,
  toPoolId,
} from '../../solver/pools/pool.ts'
import type { PoolKey } from '../../solver/pools/states.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'
import { forkAt } from './fork.ts'

/** The pools as they stood before the block, and the emitters of such logs that are none of ours. */
export type TouchedPools = {
  readonly pools: ReadonlyMap<PoolId, PoolState>
  readonly notHeld: readonly { readonly pool: string; readonly cause: string }[]
}

/**
 * The key of a V4 pool that only changes its liquidity in the recorded blocks, so that no recorded swap names it:
 * USDC/USDT at 10 pips. Its id is the hash of this key.
 */
const unswappedKeys: readonly (readonly [id: string, key: PoolKey])[] = [
  [
    '0x8aa4e11cbdf30eedc92100f4c8a31ff748e201d44712cc8c90d189edaa8e4e47',
    {
      currency0: mainnetTokens.USDC.address,
      currency1: mainnetTokens.USDT.address,
      fee: 10,
      tickSpacing: 1,
      hooks: zeroAddress,
    },
  ],
]

/** True for a log that changes a pool of the kinds told apart here. */
function kindOf({ address, topics }: Log): 'uniswapV2' | 'uniswapV3' | 'uniswapV4' | undefined {
  const [topic] = topics
  if (topic === undefined) return undefined
  if (address === v4PoolManager.factory)
    return uniswapV4.topics.some((each) => each === topic) ? 'uniswapV4' : undefined
  if (uniswapV2.topics.some((each) => each === topic)) return 'uniswapV2'
  return uniswapV3.topics.some((each) => each === topic) ? 'uniswapV3' : undefined
}

/** The pool that a log of {@link kindOf} is about. */
function idOf(log: Log): PoolId {
  return toPoolId(
    log.address === v4PoolManager.factory ? (log.topics[1] ?? log.address) : log.address,
  )
}

/**
 * Reads every pool that `logs` touch from the state that `tape` holds.
 *
 * @param keys - Keys of V4 pools by id: a log names the id alone.
 */
export async function readTouched(
  tape: Tape,
  logs: readonly Log[],
  keys: ReadonlyMap<string, PoolKey>,
): Promise<TouchedPools> {
  const touched = new Map<PoolId, NonNullable<ReturnType<typeof kindOf>>>()
  for (const log of logs) {
    const kind = kindOf(log)
    if (kind !== undefined) touched.set(idOf(log), kind)
  }
  if (touched.size === 0) return { pools: new Map(), notHeld: [] }
  const server = await serveTape(tape, { absent: 'zero' })
  const fork = await forkAt(server.url, server.blockNumber)
  try {
    // Calls at the pinned block run under the rules of its age, and before London none run.
    await fork.request({ method: 'evm_mine' })
    const pools = new Map<PoolId, PoolState>()
    const notHeld: { pool: string; cause: string }[] = []
    for (const [id, kind] of touched) {
      const ref = kind === 'uniswapV4' ? v4Ref(id, keys) : await refOf(fork, id, kind)
      const state = ref && (await readState(fork, readerOf(ref)))
      if (state !== undefined) pools.set(id, state)
      else notHeld.push({ pool: id, cause: ref ? `is no ${kind}` : 'its key is not recorded' })
    }
    return { pools, notHeld }
  } finally {
    await fork.close()
    await server.close()
  }
}

function readerOf(ref: PoolRef): SnapshotReader<PoolState> {
  const options = { wordsEachSide: 0 }
  if (ref.kind === 'uniswapV2') return uniswapV2.snapshot(ref)
  return ref.kind === 'uniswapV3'
    ? uniswapV3.snapshot(ref, options)
    : uniswapV4.snapshot(ref, options)
}

async function readState<state>(
  node: ChainNode,
  reader: SnapshotReader<state>,
): Promise<state | undefined> {
  let round = reader.next()
  while (round.done !== true) round = reader.next(await readCalls(node, round.value))
  return round.value
}

function v4Ref(id: PoolId, keys: ReadonlyMap<string, PoolKey>): PoolRef | undefined {
  const key = keys.get(id) ?? new Map(unswappedKeys).get(id)
  if (key === undefined) return undefined
  const { currency0, currency1, fee: feePips, tickSpacing, hooks } = key
  const tokens = [toAddress(currency0), toAddress(currency1)]
  return { kind: 'uniswapV4', id, tokens, feePips, tickSpacing, hooks: toAddress(hooks) }
}

/** `token0()`, `token1()` and, of a pool with ticks, `fee()`. */
const views: readonly Hex[] = ['0x0dfe1681', '0xd21220a7', '0xddca3f43']

/** What the pool says of itself, and the deployment that its address proves. */
async function refOf(
  node: ChainNode,
  id: PoolId,
  kind: 'uniswapV2' | 'uniswapV3',
): Promise<PoolRef> {
  const calls = views.map((data): Call => ({ target: id, value: 0n, data }))
  const [answer0, answer1, feeAnswer] = await readCalls(node, calls)
  const tokenIn = (answer: Hex | undefined): Address => `0x${(answer ?? '').slice(-40)}`
  const [token0, token1] = [tokenIn(answer0), tokenIn(answer1)]
  const base = { kind, id, tokens: [token0, token1] }
  if (kind === 'uniswapV2') {
    const row = v2Factories.find(
      (each) => uniswapV2Address({ ...each, row: 0 }, token0, token1) === id,
    )
    return row === undefined ? base : { ...base, exchange: row.exchange, feePips: row.feePips }
  }
  const fee = Number(feeAnswer ?? 0)
  const row = v3Factories.find(({ deployer, factory, initCodeHash }) => {
    const creator = { factory: deployer ?? factory, initCodeHash, row: 0 }
    return uniswapV3Address(creator, token0, token1, fee) === id
  })
  if (row === undefined) return base
  const { exchange, variant } = row
  return { ...base, exchange, ...(variant === undefined ? {} : { variant }) }
}
