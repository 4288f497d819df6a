/** Whether the pools of a market make sense: each is tried with a small swap and held against the others. */
import type { MarketView } from '../market/view.ts'
import { isDrifting } from '../market/changes.ts'
import { encodePool } from '../market/poolCodec.ts'
import { midPriceOf } from '../market/prices.ts'
import { moduleOf, type PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'
import { hasHook } from './poolsRows.ts'

/** What was found of one pool, from bad to merely worth knowing. */
export const findingNames = [
  'overpays',
  'refused',
  'closed',
  'empty',
  'one-way',
  'off-price',
  'out-of-range',
  'drifting',
] as const

/** One of {@link findingNames}. */
export type FindingName = (typeof findingNames)[number]

/** A pool and what was found of it. */
export type PoolFinding = {
  readonly finding: FindingName
  readonly kind: string
  readonly id: PoolId
  readonly detail: string
}

/** What a market looks like. */
export type Sanity = {
  readonly pools: number
  /** Pools that pay for a small swap between all of their tokens, both ways. */
  readonly quoting: number
  readonly findings: readonly PoolFinding[]
  /**
   * Of the pools with ticks, the median share of the listed liquidity that is in range: the active liquidity over the
   * sum of all positive steps. Absent without such pools.
   */
  readonly inRange: number | undefined
}

/** A small swap: a thousandth of an ETH where a token has a price, else a thousandth of a whole token. */
const smallWei = 10n ** 15n
/** The second try is larger, since a small swap may round to nothing. */
const largerFactor = 1_000n
/** Distance from the reference price above which a pool stands out. */
const offPrice = 0.05

/** Looks at every pool of `view`. Pure. */
export function checkSanity(view: MarketView): Sanity {
  const states = [...view.pools.values()]
  const findings = states.flatMap((state) => findingsOf(state, view))
  const shares = states.flatMap((state) => shareInRange(state) ?? []).sort((a, b) => a - b)
  const silent = new Set(
    findings
      .filter(({ finding }) => ['refused', 'closed', 'empty', 'one-way'].includes(finding))
      .map(({ id }) => id),
  )
  return {
    pools: states.length,
    quoting: states.length - silent.size,
    findings,
    inRange: shares[shares.length >> 1],
  }
}

function findingsOf(state: PoolState, view: MarketView): PoolFinding[] {
  const { kind, id } = state
  const found = (finding: FindingName, detail: string): PoolFinding => {
    return { finding, kind, id, detail }
  }
  const drifting = isDrifting(state)
    ? [found('drifting', 'a swap depends on what no log tells: it is read every block')]
    : []
  if (moduleOf(state).curve(state) === undefined)
    return [
      hasHook(encodePool(state))
        ? found('refused', 'its hook may change amounts')
        : found('closed', 'a side is empty, or it is paused'),
      ...drifting,
    ]
  const trials = trialsOf(state, view)
  const dry = trials.filter(({ paid }) => paid === 0n)
  const rich = trials.find(({ back, size }) => back > size)
  return [
    ...(rich === undefined ? [] : [found('overpays', `${rich.way}: a round trip gains`)]),
    ...(dry.length === 0
      ? []
      : [found(dry.length === trials.length ? 'empty' : 'one-way', `pays nothing ${listed(dry)}`)]),
    ...offPriceOf(state, view).map((detail) => found('off-price', detail)),
    ...(shareInRange(state) === 0 ? [found('out-of-range', 'no liquidity at its price')] : []),
    ...drifting,
  ]
}

/** A small swap from one token to another, and back. */
type Trial = {
  readonly way: string
  readonly size: bigint
  readonly paid: bigint
  readonly back: bigint
}

function trialsOf(state: PoolState, view: MarketView): Trial[] {
  const { swapExactIn } = moduleOf(state)
  return state.tokens.flatMap((token, indexIn) =>
    state.tokens.flatMap((_, indexOut): Trial[] => {
      if (indexIn === indexOut) return []
      const small = smallAmount(view, token)
      const swap = (amountIn: bigint) => swapExactIn(state, { indexIn, indexOut, amountIn })
      const first = swap(small)
      const there = first.amountOut > 0n ? first : swap(small * largerFactor)
      const { amountIn: size, amountOut: paid, next } = there
      const home = { indexIn: indexOut, indexOut: indexIn, amountIn: paid }
      const back = paid === 0n ? 0n : moduleOf(next).swapExactIn(next, home).amountOut
      return [{ way: `${indexIn} to ${indexOut}`, size, paid, back }]
    }),
  )
}

function smallAmount({ tokens }: MarketView, address: PoolState['tokens'][number]): bigint {
  const { priceWei, decimals = 18 } = tokens.get(address) ?? {}
  const amount =
    priceWei === undefined
      ? 10n ** BigInt(Math.min(decimals, 36)) / 1_000n
      : (smallWei * 10n ** 18n) / priceWei
  return amount > 0n ? amount : 1n
}

function listed(trials: readonly Trial[]): string {
  return `from token ${trials.map(({ way }) => way).join(', ')}`
}

/** Ordered pairs whose price in the pool is far from what the two tokens are said to be worth. */
function offPriceOf(state: PoolState, { tokens }: MarketView): string[] {
  const [first, ...others] = state.tokens.map((address) => tokens.get(address)?.priceWei)
  return others.flatMap((other, at) => {
    const mid = midPriceOf(state, 0, at + 1)
    if (first === undefined || other === undefined || mid === undefined) return []
    const ratio = (mid * Number(other)) / Number(first)
    if (Math.abs(Math.log(ratio)) <= offPrice) return []
    const percent = (100 * (ratio - 1)).toPrecision(3)
    return [`token 0 in token ${at + 1} is ${percent} % from the reference prices`]
  })
}

/** Active liquidity over the sum of all positive steps of the listed ticks; absent for pools without ticks. */
function shareInRange(state: PoolState): number | undefined {
  const { ticks, liquidity } = encodePool(state)
  if (!Array.isArray(ticks) || ticks.length === 0 || typeof liquidity !== 'string') return undefined
  const steps = ticks.map((tick) => (Array.isArray(tick) ? Number(tick[1]) : 0))
  const all = steps.reduce((sum, step) => sum + Math.max(step, 0), 0)
  return all > 0 ? Math.min(1, Number(liquidity) / all) : 0
}
