/**
 * Reads a StableSwap pool from the chain, whatever its generation: the pool's own answers tell which it is.
 *
 * What a swap depends on beyond the pool (rates of lending tokens, a base pool's virtual price, RAI's redemption
 * price) is read at the same block. Two rounds, three for lending and meta pools.
 */
import type { Call } from '../chain/block.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import { divDown } from '../core/rounding.ts'
import type { CurveStableState, CurveStableVariant } from './curveStableState.ts'
import { curveStableFactories, rebasingTokens } from './curveStableDeployments.ts'
import { addressOf, wordAt } from './logWords.ts'
import type { StableRounding } from './math/stable.ts'
import { dyOf } from './math/stableLiquidity.ts'
import {
  type Answers,
  coinsMax,
  digits,
  either,
  listOf,
  nativeMark,
  ratesOf,
  tokenOf,
  unitOf,
  type View,
  view,
} from './curveStableViews.ts'
import { type PoolId, type PoolRef, type SnapshotReader, toPoolId } from './pool.ts'

type Reading<result> = Generator<readonly Call[], result, Answers>

/** Asset type of StableSwapNG whose balances move by themselves. */
const rebasingType = 2n
/** RAI's price has 27 digits. */
const redemptionScale = 10n ** 9n

/** Reads the whole state of `ref`; its tokens too where it names none. See {@link PoolModule}. */
export function* readCurveStable(ref: PoolRef): SnapshotReader<CurveStableState> {
  const pool = yield* readPool(ref)
  if (pool === undefined) return undefined
  const { tokens, balances, facts, rounding } = pool
  const outside = yield* readOutside(ref, pool)
  const rates = outside.rates.map((rate) => rate ?? 0n)
  if (rates.includes(0n)) return undefined
  const { A, aPrecision, fee, adminFee, offpegFeeMultiplier, ramping } = facts
  const state: CurveStableState = {
    kind: 'curveStable',
    id: ref.id,
    tokens,
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    A,
    aPrecision,
    fee,
    balances,
    rates,
    rounding,
    variant: variantOf(rounding, outside),
    ...(adminFee === undefined ? {} : { adminFee }),
    ...(offpegFeeMultiplier === undefined ? {} : { offpegFeeMultiplier }),
    ...(outside.basePool === undefined ? {} : { basePool: outside.basePool }),
    ...(ramping ? { ramping } : {}),
    ...(outside.rebasing ? { rebasing: true } : {}),
  }
  return outside.cachedPrice === undefined
    ? state
    : yield* withMetaPrice(state, outside.cachedPrice)
}

function variantOf(rounding: StableRounding, outside: Outside): CurveStableVariant {
  if (rounding === 'ng') return 'ng'
  if (outside.basePool !== undefined) return 'meta'
  return rounding === 'aave' || outside.isWrapped ? 'lending' : 'plain'
}

type Facts = Pick<
  CurveStableState,
  'A' | 'aPrecision' | 'fee' | 'adminFee' | 'offpegFeeMultiplier'
> & {
  readonly ramping: boolean
  readonly answers: Readonly<Partial<Record<View, Hex>>>
}

type OwnAnswers = {
  readonly tokens: readonly Address[]
  readonly balances: readonly bigint[]
  readonly facts: Facts
  readonly rounding: StableRounding
}

const own = [
  'A',
  'A_precise',
  'fee',
  'admin_fee',
  'future_A',
  'future_A_time',
  'offpeg_fee_multiplier',
  'ma_exp_time',
  'stored_rates',
  'base_pool',
  'base_virtual_price',
  'redemption_price_snap',
  'gamma',
] as const satisfies readonly View[]

/** What the pool itself says; `undefined` when it is no StableSwap pool. */
function* readPool({ id, tokens }: PoolRef): Reading<OwnAnswers | undefined> {
  const places = Array.from({ length: tokens.length || coinsMax }, (_, at) => BigInt(at))
  const lists = (['coins', 'coinsInt', 'balances', 'balancesInt'] as const).map((name) =>
    places.map((at) => view(id, name, at)),
  )
  const got = yield [...own.map((name) => view(id, name)), ...lists.flat()]
  const answers: Facts['answers'] = Object.fromEntries(
    own.flatMap((name, at) => (got[at] === undefined ? [] : [[name, got[at]]])),
  )
  const listed = (list: number) =>
    places.map((_, at) => got[own.length + list * places.length + at])
  const coins = either(listed(0), listed(1)).map((coin) => tokenOf(addressOf(wordAt(coin, 0))))
  const balances = either(listed(2), listed(3)).map((balance) => wordAt(balance, 0))
  const known = tokens.length > 0 ? tokens : coins
  const facts = factsOf(answers)
  // A pool with gamma is a CryptoSwap pool.
  if (facts === undefined || answers.gamma !== undefined || known.length < 2) return undefined
  if (balances.length < known.length) return undefined
  const { ma_exp_time: oracle, future_A_time: ramp } = answers
  const isOffpeg = facts.offpegFeeMultiplier !== undefined
  const rounding: StableRounding =
    oracle !== undefined
      ? isOffpeg
        ? 'ng'
        : 'ema'
      : isOffpeg
        ? 'aave'
        : ramp === undefined
          ? 'first'
          : 'classic'
  return { tokens: known, balances: balances.slice(0, known.length), facts, rounding }
}

function factsOf(answers: Facts['answers']): Facts | undefined {
  const number = (name: View) => {
    const answer = answers[name]
    return answer === undefined ? undefined : wordAt(answer, 0)
  }
  const [plain, precise, fee] = [number('A'), number('A_precise'), number('fee')]
  const A = precise ?? plain
  if (A === undefined || fee === undefined) return undefined
  const isRamped = number('future_A_time') !== undefined
  return {
    A,
    aPrecision: precise === undefined ? 1n : 100n,
    fee,
    adminFee: number('admin_fee'),
    offpegFeeMultiplier: number('offpeg_fee_multiplier'),
    ramping: isRamped && number('future_A') !== A,
    answers,
  }
}

type Outside = {
  readonly rates: readonly (bigint | undefined)[]
  readonly basePool: PoolId | undefined
  /** True where a coin is worth more than its unit of something else. */
  readonly isWrapped: boolean
  readonly rebasing: boolean
  /** The base pool's virtual price as the pool last kept it, where it keeps one. */
  readonly cachedPrice: bigint | undefined
}

/** What the pool's coins and its base pool say. */
function* readOutside(ref: PoolRef, { tokens, facts, rounding }: OwnAnswers): Reading<Outside> {
  const { answers } = facts
  const factories = curveStableFactories.map(({ factory }) => factory)
  const erc20s = tokens.map((token) => (token === zeroAddress ? nativeMark : token))
  const places = tokens.map((_, at) => BigInt(at))
  const got = yield [
    ...erc20s.map((token) => view(token, 'decimals')),
    ...places.map((at) => view(ref.id, 'underlying_coins', at)),
    ...places.map((at) => view(ref.id, 'underlying_coinsInt', at)),
    ...factories.map((factory) => view(factory, 'get_base_pool', BigInt(ref.id))),
    ...factories.map((factory) => view(factory, 'get_pool_asset_types', BigInt(ref.id))),
  ]
  const n = tokens.length
  const units = tokens.map((token, at) =>
    unitOf(token === zeroAddress ? 18n : digits(got[at]), 36n),
  )
  const underlying = either(got.slice(n, 2 * n), got.slice(2 * n, 3 * n)).map((each) =>
    addressOf(wordAt(each, 0)),
  )
  const said = [answers.base_pool, ...got.slice(3 * n, 3 * n + factories.length)].map((each) =>
    each === undefined ? zeroAddress : addressOf(wordAt(each, 0)),
  )
  const base = ref.basePool ?? said.find((each) => each !== zeroAddress)
  const types = got
    .slice(3 * n + factories.length)
    .some((each) => each !== undefined && listOf(each).includes(rebasingType))
  const isMeta = base !== undefined && n === 2
  const common = {
    basePool: isMeta ? toPoolId(base) : undefined,
    rebasing: types || rounding === 'aave' || tokens.some((token) => rebasingTokens.has(token)),
    isWrapped: false,
    cachedPrice: undefined,
  }
  if (answers.stored_rates !== undefined)
    return { ...common, rates: ratesOf(answers.stored_rates, n) }
  if (isMeta) return { ...common, ...(yield* readMeta(base, units, facts)) }
  if (rounding === 'aave') return { ...common, rates: units }
  const wrapped = erc20s.map((coin, at) => ![undefined, zeroAddress, coin].includes(underlying[at]))
  if (!wrapped.includes(true)) return { ...common, rates: units }
  const lent = yield* readLent(erc20s, underlying)
  return {
    ...common,
    isWrapped: true,
    rates: units.map((unit, at) => (wrapped[at] ? lent[at] : unit)),
  }
}

/** Rates of lending tokens: common units of what they are exchanged for, at this block. */
function* readLent(
  coins: readonly Address[],
  underlying: readonly Address[],
): Reading<readonly (bigint | undefined)[]> {
  const got = yield coins.flatMap((coin, at) => [
    view(underlying[at] ?? coin, 'decimals'),
    view(coin, 'exchangeRateCurrent'),
    view(coin, 'getPricePerFullShare'),
  ])
  return coins.map((_, at) => {
    const unit = unitOf(digits(got[3 * at]), 18n)
    const rate = got[3 * at + 1] ?? got[3 * at + 2]
    return unit === undefined || rate === undefined ? undefined : unit * wordAt(rate, 0)
  })
}

/** Rates of a meta pool: its coin's, by RAI's redemption price where it has one, and its base pool's share's. */
function* readMeta(
  base: Address,
  units: readonly (bigint | undefined)[],
  { answers }: Facts,
): Reading<Pick<Outside, 'rates' | 'cachedPrice'>> {
  const snap = answers.redemption_price_snap
  const [price, redemption] = yield [
    view(base, 'get_virtual_price'),
    ...(snap === undefined ? [] : [view(addressOf(wordAt(snap, 0)), 'snappedRedemptionPrice')]),
  ]
  const cached = answers.base_virtual_price
  const first =
    redemption === undefined ? units[0] : divDown(wordAt(redemption, 0), redemptionScale)
  return {
    rates: [
      snap !== undefined && redemption === undefined ? undefined : first,
      price === undefined ? undefined : wordAt(price, 0),
    ],
    cachedPrice: cached === undefined ? undefined : wordAt(cached, 0),
  }
}

/**
 * The older meta pools keep their base pool's virtual price for ten minutes. Which price is in force is asked of
 * the pool: the one with which `get_dy` is ours.
 */
function* withMetaPrice(state: CurveStableState, cached: bigint): Reading<CurveStableState> {
  const dx = divDown(state.balances[0] ?? 0n, 8n) + 1n
  const [answer] = yield [view(state.id, 'get_dy', 0n, 1n, dx)]
  const kept = { ...state, rates: state.rates.with(1, cached) }
  if (answer === undefined) return state
  const ours = dyOf({ ...kept, rounding: state.rounding ?? 'classic' }, [0, 1], dx, 'feeFirst')
  return ours === wordAt(answer, 0) ? kept : state
}
