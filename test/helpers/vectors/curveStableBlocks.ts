/**
 * Every exchange of a StableSwap pool in the recorded mainnet blocks, made again: the pool's state is read by our
 * own reader from a fork of the block's state, and the swap is compared with the log and with the pool's own
 * bytecode on that fork.
 *
 * A recorded block holds the slots that it touched, so the coins' code is replaced by Curve's own ERC-20 with the
 * decimals that they have.
 */
import { join } from 'node:path'
import { hexToBigInt, numberToHex } from 'viem/utils'
import { sharedData } from '../../../bench/accept/check.ts'
import { readCalls } from '../../../solver/chain/batch.ts'
import type { ChainNode } from '../../../solver/chain/client.ts'
import {
  loadRecordedBlock,
  loadRecordedCodes,
  type RecordedCodes,
} from '../../../solver/chain/recordedBlock.ts'
import { serveTape } from '../../../solver/chain/tapeServer.ts'
import { type Address, type Hex, zeroAddress } from '../../../solver/core/hex.ts'
import { createRng } from '../../../solver/core/rng.ts'
import { curveStable, type CurveStableState } from '../../../solver/pools/curveStable.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import {
  compareOn,
  nothingCompared,
  type StableComparison,
} from '../differential/curveStableCompare.ts'
import { type Coin, createStableProbe } from '../differential/curveStableProbe.ts'
import { forkAt } from '../fork.ts'

/** One exchange: where it stands, what its log says, and its pool's coins. */
type Recorded = {
  readonly block: number
  readonly pool: Address
  readonly coins: readonly Coin[]
  readonly indexIn: number
  readonly indexOut: number
  readonly amountIn: bigint
  readonly amountOut: bigint
}

/** One exchange made again. */
export type RecordedExchange = {
  readonly name: string
  /** Base units paid, by the log. */
  readonly expected: bigint
  readonly ours: bigint
  /** Whether the log leads from the state before to the same state after as the swap. */
  readonly applied: boolean
  readonly state: CurveStableState
  /** Seeded swaps against the pool's own bytecode; of nothing where a coin has no stand-in. */
  readonly bytecode: StableComparison
}

const dai: Coin = { address: '0x6b175474e89094c44da98b954eedeac495271d0f', decimals: 18 }
const usdc: Coin = { address: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', decimals: 6 }
const usdt: Coin = { address: '0xdac17f958d2ee523a2206206994597c13d831ec7', decimals: 6 }
/** Its code tells the pool its rate, and so stays. */
const susde: Coin = { address: '0x9d39a5de30e57443bff2a8307a4256c8797a3497', decimals: 18 }
const coin = (address: Address): Coin => ({ address, decimals: 18 })

/** The six exchanges; the recording's other curve exchanges are of CryptoSwap pools. */
const exchanges: readonly Recorded[] = [
  {
    block: 10_760_440,
    pool: '0xa5407eae9ba41422680e2e00537571bcc53efbfd',
    coins: [dai, usdc, usdt, coin('0x57ab1ec28d129707052df4df418d58a2d46d5f51')],
    indexIn: 1,
    indexOut: 0,
    amountIn: 71_132_177_345n,
    amountOut: 70_253_664_451_526_730_726_392n,
  },
  {
    block: 12_300_570,
    pool: '0xc5424b857f758e906013f3555dad202e4bdb4567',
    coins: [coin(zeroAddress), coin('0x5e74c9036fb86bd7ecdcb084a0673efc32ea31cb')],
    indexIn: 1,
    indexOut: 0,
    amountIn: 4_851_569_566_248_773_414n,
    amountOut: 4_913_113_604_681_829_791n,
  },
  {
    block: 17_666_333,
    pool: '0xbebc44782c7db0a1a60cb6fe97d0b483032ff1c7',
    coins: [dai, usdc, usdt],
    indexIn: 1,
    indexOut: 2,
    amountIn: 10_744_968_379n,
    amountOut: 10_743_789_362n,
  },
  {
    block: 19_932_148,
    pool: '0x02950460e2b9529d0e00284a5fa2d7bdf3fa4d72',
    coins: [coin('0x4c9edd5852cd905f086c759e8383e09bff1e68b3'), usdc],
    indexIn: 1,
    indexOut: 0,
    amountIn: 53_345_245_472n,
    amountOut: 53_288_281_084_875_032_798_469n,
  },
  {
    block: 19_933_597,
    pool: '0xca978a0528116dda3cba9acd3e68bc6191ca53d0',
    coins: [
      coin('0x8e870d67f660d95d5be530380d0ec0bd388289e1'),
      coin('0xf939e0a03fb07f59a73314e73794be0e57ac1b4e'),
    ],
    indexIn: 0,
    indexOut: 1,
    amountIn: 2_269_127_998_845_814_792_712n,
    amountOut: 2_277_172_016_913_941_412_882n,
  },
  {
    block: 24_628_607,
    pool: '0x4b5e827f4c0a1042272a11857a355da1f4ceebae',
    coins: [coin('0x57ab1ec28d129707052df4df418d58a2d46d5f51'), susde],
    indexIn: 0,
    indexOut: 1,
    amountIn: 215_312_992_603_912_135_770n,
    amountOut: 140_176_984_329_056_313_775n,
  },
]

/** Makes every exchange again, and `swaps` seeded ones on the bytecode of each pool. Needs the recorded data. */
export async function runRecorded(swaps = 0, seed = 1): Promise<readonly RecordedExchange[]> {
  const folder = join(sharedData, 'mainnet-blocks')
  const codes = await loadRecordedCodes(folder)
  const done: RecordedExchange[] = []
  for (const each of exchanges) done.push(await runOne(each, { folder, codes, swaps, seed }))
  return done
}

type Run = {
  readonly folder: string
  readonly codes: RecordedCodes
  readonly swaps: number
  readonly seed: number
}

async function runOne(
  { block, pool, coins, indexIn, indexOut, amountIn, amountOut }: Recorded,
  { folder, codes, swaps, seed }: Run,
): Promise<RecordedExchange> {
  const tape = await loadRecordedBlock(folder, block, codes)
  const server = await serveTape(tape, { absent: 'zero' })
  const fork = await forkAt(server.url, server.blockNumber)
  try {
    // Calls at the pinned block run under the rules of its age; on top of it, at the block's time, under today's.
    const time = Number(tape.block['timestamp']) + secondsPerBlock
    await fork.request({ method: 'evm_setNextBlockTimestamp', params: [time] })
    await fork.request({ method: 'evm_mine', params: [] })
    const [from] = (await fork.request({ method: 'eth_accounts' })) as readonly Address[] // by the specification
    const standIns = coins.filter((each) => each !== susde && each.address !== zeroAddress)
    const index = block < firstUintBlock ? 'int' : 'uint'
    // Setting up takes seconds of the chain's time, in which a rate grows; a plain pool needs its coins' decimals.
    const early = coins.includes(susde) ? await readState(fork, pool, coins) : undefined
    const held = await heldBy(fork, pool)
    const probe = await createStableProbe(fork, from ?? zeroAddress, pool, standIns, {
      index,
      held,
    })
    const state = early ?? (await readState(fork, pool, coins))
    const result = curveStable.swapExactIn(state, { indexIn, indexOut, amountIn })
    const isComplete = standIns.length === coins.length
    return {
      name: `${block} ${pool} ${indexIn}->${indexOut}`,
      expected: amountOut,
      ours: result.amountOut,
      applied: isSame(
        curveStable.apply(state, logOf({ pool, indexIn, indexOut, amountIn, amountOut })),
        result.next,
      ),
      state,
      bytecode: isComplete
        ? await compareOn(probe, state, [indexIn, indexOut], swaps, createRng(seed))
        : nothingCompared,
    }
  } finally {
    await fork.close()
    await server.close()
  }
}

/** What the rebuilt parent of a recorded block is older than it. */
const secondsPerBlock = 12
/** The oldest pools index their coins by int128; the recording has one, of this age. */
const firstUintBlock = 11_000_000

/** StableSwapNG keeps the length of its list of balances in slot 1 and the list behind it; others need no care. */
async function heldBy(node: ChainNode, pool: Address): Promise<readonly bigint[]> {
  const at = async (slot: bigint) => {
    const params = [pool, numberToHex(slot, { size: 32 }), 'latest']
    return hexToBigInt((await node.request({ method: 'eth_getStorageAt', params })) as Hex) // by the specification
  }
  return (await at(1n)) === 2n ? [await at(2n), await at(3n)] : []
}

async function readState(
  node: ChainNode,
  pool: Address,
  coins: readonly Coin[],
): Promise<CurveStableState> {
  const tokens = coins.map(({ address }) => address)
  const reader = curveStable.snapshot({ kind: 'curveStable', id: toPoolId(pool), tokens })
  let round = reader.next()
  while (round.done !== true) round = reader.next(await readCalls(node, round.value))
  if (round.value === undefined) throw new TypeError(`no pool ${pool}`)
  return round.value
}

function logOf(swap: Omit<Recorded, 'block' | 'coins'>) {
  const { pool, indexIn, indexOut, amountIn, amountOut } = swap
  const words = [BigInt(indexIn), amountIn, BigInt(indexOut), amountOut]
  const data: Hex = `0x${words.map((each) => each.toString(16).padStart(64, '0')).join('')}`
  return { address: pool, topics: [curveStable.topics[0] ?? '0x'], data }
}

function isSame(one: CurveStableState | undefined, other: CurveStableState): boolean {
  return one !== undefined && String(one.balances) === String(other.balances)
}
