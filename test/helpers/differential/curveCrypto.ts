/**
 * CryptoSwap maths against the real pools of recorded blocks: their own bytecode, in the recorded states and in
 * others written into their storage, is told seeded exchanges. Needs the recorded data: no package has the code.
 */
import type { Call } from '../../../solver/chain/block.ts'
import type { Hex } from '../../../solver/core/hex.ts'
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import { curveCrypto } from '../../../solver/pools/curveCrypto.ts'
import type { CurveCryptoState } from '../../../solver/pools/curveCryptoState.ts'
import { toWord } from '../../../solver/pools/logWords.ts'
import type { SwapResult } from '../../../solver/pools/pool.ts'
import {
  type CryptoChain,
  createCryptoChain,
  recordedPools,
  type RecordedPool,
} from '../cryptoChain.ts'
import { varyState, writeState } from '../cryptoStates.ts'

/** The bytecode is the recorded blocks'. */
export const needsSharedData = true

/** What a comparison saw. */
export type CryptoDifferential = {
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  readonly statesCompared: number
  /** Swaps that asked for more than the pool accepts. */
  readonly partial: number
  /** Swaps after which the price scale had moved. */
  readonly rescaled: number
  readonly differences: readonly string[]
}

type Alter = (state: CurveCryptoState) => CurveCryptoState

/** Swaps on one state before the next one is written. */
const swapsPerState = 25

/**
 * Compares `count` seeded swaps, half of them exact-out, in amounts and in the state after.
 *
 * @param alter - Changes the states that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter: Alter = (state) => state,
): Promise<CryptoDifferential> {
  const chain = await createCryptoChain()
  const rng = createRng(seed)
  const seen = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0, rescaled: 0 }
  const differences: string[] = []
  try {
    const pools = [...recordedPools]
    for (const pool of pools) await chain.place(pool)
    for (let turn = 0; seen.swaps < count; turn++) {
      const pool = pools[turn % pools.length]
      if (pool === undefined) break
      const state = alter(await stateFor(chain, pool, rng, turn < pools.length))
      for (let nth = 0; nth < swapsPerState && seen.swaps < count; nth++) {
        const trial = await (rng.next() < 0.5 ? trialIn : trialOut)(chain, pool, state, rng)
        seen.swaps += 1
        seen[trial.form] += 1
        seen.partial += trial.isPartial ? 1 : 0
        seen.statesCompared += trial.isMade ? 1 : 0
        seen.rescaled += trial.isRescaled ? 1 : 0
        differences.push(...trial.faults.map((fault) => `${pool.address} turn ${turn} ${fault}`))
      }
    }
  } finally {
    await chain.close()
  }
  return { ...seen, differences }
}

/** The recorded state first, then drawn ones; read from the chain as the market reads it. */
async function stateFor(
  chain: CryptoChain,
  pool: RecordedPool,
  rng: Rng,
  isRecorded: boolean,
): Promise<CurveCryptoState> {
  await chain.place(pool)
  const recorded = await chain.read(pool)
  const drawn = isRecorded ? undefined : varyState(recorded, rng)
  if (drawn !== undefined) await writeState(chain, pool, drawn)
  const state = await chain.read(pool)
  if (pool.variant !== 'tri' || state.rebalance === undefined) return state
  const notAdjusted = (await chain.slot(pool, 29)) === 1n
  return { ...state, rebalance: { ...state.rebalance, notAdjusted } }
}

type Trial = {
  readonly form: 'exactIn' | 'exactOut'
  readonly isPartial: boolean
  readonly isMade: boolean
  readonly isRescaled: boolean
  readonly faults: readonly string[]
}

type Direction = { readonly indexIn: number; readonly indexOut: number }

function directionOf(rng: Rng): Direction {
  const indexIn = rng.int(0, 2)
  return { indexIn, indexOut: (indexIn + rng.int(1, 2)) % 3 }
}

async function trialIn(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
  rng: Rng,
): Promise<Trial> {
  const direction = directionOf(rng)
  const amountIn = rng.logUniform(1n, 40n * (state.balances[direction.indexIn] ?? 1n))
  const ours = curveCrypto.swapExactIn(state, { ...direction, amountIn })
  const faults: string[] = []
  const says = `${direction.indexIn}->${direction.indexOut} in ${amountIn}`
  if (ours.amountIn > 0n) faults.push(...(await made(chain, pool, state, direction, ours, says)))
  const isPartial = ours.amountIn < amountIn
  if (isPartial) {
    const whole = await paidBy(chain, pool, state, direction, amountIn)
    if (whole > 0n) faults.push(`${says}: the pool pays ${whole}, we take ${ours.amountIn}`)
    if (ours.amountIn > 0n) {
      const more = await paidBy(chain, pool, state, direction, ours.amountIn + 1n)
      if (more > 0n) faults.push(`${says}: the pool takes more than ${ours.amountIn}`)
    }
  }
  return { form: 'exactIn', isPartial, ...looksOf(state, ours), faults }
}

async function trialOut(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
  rng: Rng,
): Promise<Trial> {
  const direction = directionOf(rng)
  const amountOut = rng.logUniform(1n, state.balances[direction.indexOut] ?? 1n)
  const ours = curveCrypto.swapExactOut(state, { ...direction, amountOut })
  const says = `${direction.indexIn}->${direction.indexOut} out ${amountOut}`
  const faults: string[] = []
  const isPartial = ours.amountOut < amountOut
  if (ours.amountIn > 0n) {
    faults.push(...(await made(chain, pool, state, direction, ours, says)))
    // A pool that cannot pay it all takes the least for the most that it pays.
    const enough = isPartial ? ours.amountOut : amountOut
    const less = ours.amountIn - 1n
    const paid = await paidBy(chain, pool, state, direction, less)
    if (paid >= enough) faults.push(`${says}: ${less} pays ${paid}, we take ${ours.amountIn}`)
    if (isPartial) faults.push(...(await beyond(chain, pool, state, direction, amountOut)))
  } else faults.push(`${says}: nothing made`)
  return { form: 'exactOut', isPartial, ...looksOf(state, ours), faults }
}

/** Inputs that the pool would have to accept to pay `amountOut`, from what it holds to far beyond. */
async function beyond(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
  direction: Direction,
  amountOut: bigint,
): Promise<readonly string[]> {
  const balance = state.balances[direction.indexIn] ?? 0n
  const faults: string[] = []
  for (const times of [2n, 8n, 30n, 99n]) {
    const paid = await paidBy(chain, pool, state, direction, times * balance)
    if (paid >= amountOut) faults.push(`${times * balance} pays ${paid}, we fill a part`)
  }
  return faults
}

function looksOf(before: CurveCryptoState, { amountIn, next }: SwapResult<CurveCryptoState>) {
  return {
    isMade: amountIn > 0n,
    isRescaled: before.priceScale.join() !== next.priceScale.join(),
  }
}

function exchangeCall({ address }: RecordedPool, { indexIn, indexOut }: Direction, amount: bigint) {
  const words = [BigInt(indexIn), BigInt(indexOut), amount, 0n].map(toWord).join('')
  return { target: address, value: 0n, data: `0x5b41b908${words}` } satisfies Call
}

function viewsOf({ address }: RecordedPool): readonly Call[] {
  const selectors: readonly Hex[] = ['0x0f529ba2', '0x0c46b72a', '0x7ba1a74d']
  const listed = [
    ...[0n, 1n, 2n].map((at): Hex => `0x4903b0d1${toWord(at)}`),
    ...[0n, 1n].map((at): Hex => `0xa3f7cdd5${toWord(at)}`),
  ]
  return [...selectors, ...listed].map((data) => ({ target: address, value: 0n, data }))
}

/** What the pool pays for `amount`, 0 where it reverts. */
async function paidBy(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
  direction: Direction,
  amount: bigint,
): Promise<bigint> {
  const { indexOut } = direction
  const balance: Call = {
    target: pool.address,
    value: 0n,
    data: `0x4903b0d1${toWord(BigInt(indexOut))}`,
  }
  const [done, after = 0n] = await chain.run([exchangeCall(pool, direction, amount), balance])
  return done === undefined ? 0n : (state.balances[indexOut] ?? 0n) - after
}

/** Makes the exchange that we say is made, and names what came out otherwise. */
async function made(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
  direction: Direction,
  { amountIn, amountOut, next }: SwapResult<CurveCryptoState>,
  says: string,
): Promise<readonly string[]> {
  const [done, ...seen] = await chain.run([
    exchangeCall(pool, direction, amountIn),
    ...viewsOf(pool),
  ])
  if (done === undefined) return [`${says}: the pool refuses ${amountIn}`]
  const { D, balances, priceScale, rebalance } = next
  const ours = [D, rebalance?.virtualPrice, rebalance?.xcpProfit, ...balances, ...priceScale]
  const paid = (state.balances[direction.indexOut] ?? 0n) - (seen[3 + direction.indexOut] ?? 0n)
  if (paid !== amountOut) return [`${says}: the pool pays ${paid}, we say ${amountOut}`]
  return ours.join() === seen.join()
    ? []
    : [`${says}: after it ${seen.join()}, we say ${ours.join()}`]
}
