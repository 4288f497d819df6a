/** Rules 4 to 7 of a snapshot's pools, for every kind of the format, built or not (docs/market.md). */
import type { Address } from '../core/hex.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { address, isLowerHex, list, natural, refuse } from './fields.ts'

type KindRules = {
  /** Lists beside `tokens`, of naturals, with how many entries fewer they have. */
  readonly lists: Readonly<Record<string, 0 | 1>>
  /** Fees with their unit: a fee is below it. */
  readonly fees: Readonly<Record<string, bigint>>
  readonly optional: readonly string[]
  /** Rule 7: exactly two tokens, ascending. */
  readonly twoTokens?: boolean
}

const pips = 10n ** 6n
const tenDigits = 10n ** 10n
const wad = 10n ** 18n
/** How far compressed weights may miss 10^18. */
const weightSumSlack = 10n ** 14n

const ticks: KindRules = { lists: {}, fees: { feePips: pips }, optional: [], twoTokens: true }
const reserves: KindRules = { ...ticks, lists: { reserves: 0 } }

const kinds: Readonly<Record<string, KindRules>> = {
  uniswapV2: reserves,
  uniswapV3: ticks,
  uniswapV4: ticks,
  solidly: reserves,
  curveStable: {
    lists: { balances: 0, rates: 0 },
    fees: { fee: tenDigits },
    optional: [],
  },
  curveCrypto: {
    lists: { balances: 0, precisions: 0, priceScale: 1 },
    fees: { midFee: tenDigits, outFee: tenDigits },
    optional: [],
  },
  balancerWeighted: {
    lists: { balances: 0, weights: 0, scalingFactors: 0 },
    fees: { swapFee: wad },
    optional: ['scalingFactors'],
  },
  balancerStable: {
    lists: { balances: 0, scalingFactors: 0 },
    fees: { swapFee: wad },
    optional: [],
  },
}

/**
 * Checks what does not need the pool's arithmetic, and returns the pool's id.
 *
 * @param listed - Addresses in the file's token list.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, rules 1 and 4 to 7.
 */
export function checkPool(pool: JsonObject, listed: ReadonlySet<Address>): string {
  const { id, kind } = pool
  if (typeof id !== 'string' || !(isLowerHex(id, 40) || isLowerHex(id, 64)))
    return refuse(4, 'a pool id is neither 20 nor 32 bytes of lower-case hex', 'pools', id)
  if (typeof kind !== 'string') return refuse(4, 'kind is not a text', id, kind)
  const tokens = list(pool['tokens'], id, 'tokens').map((each) => address(each, id, 4))
  if (new Set(tokens).size !== tokens.length || tokens.length < 2)
    refuse(4, 'a pool has at least two tokens, all different', id, tokens)
  const unlisted = tokens.find((token) => !listed.has(token))
  if (unlisted !== undefined) refuse(4, 'a token is not in the token list', id, unlisted)
  const rules = kinds[kind]
  if (rules === undefined) return id
  checkLists(pool, id, rules, tokens.length)
  checkFees(pool, id, rules)
  if (rules.twoTokens === true) checkOrder(tokens, id)
  if (kind === 'balancerWeighted') checkWeights(pool['weights'], id)
  if (kind === 'balancerStable' && natural(pool['amp'], id, 'amp') < 1_000n)
    refuse(6, 'amp is below 1000', id, pool['amp'])
  return id
}

function checkLists(pool: JsonObject, id: string, rules: KindRules, tokens: number): void {
  for (const [name, fewer] of Object.entries(rules.lists)) {
    const value = pool[name]
    if (value === undefined && rules.optional.includes(name)) continue
    const entries = list(value, id, name)
    if (entries.length !== tokens - fewer)
      refuse(5, `${name} has ${entries.length} entries for ${tokens} tokens`, id, value)
    for (const entry of entries) natural(entry, id, name)
  }
}

function checkFees(pool: JsonObject, id: string, rules: KindRules): void {
  for (const [name, unit] of Object.entries(rules.fees))
    if (natural(pool[name], id, name) >= unit) refuse(5, `${name} is 100 % or more`, id, pool[name])
}

/** Rule 7. Lower-case hex of one length sorts as the numbers do. */
function checkOrder(tokens: readonly Address[], id: string): void {
  const [first = '', second = ''] = tokens
  if (tokens.length !== 2 || first >= second)
    refuse(7, 'a pool of this kind has two tokens in ascending order', id, tokens)
}

/** Rule 6 for weights. */
function checkWeights(value: Json | undefined, id: string): void {
  const weights = list(value, id, 'weights').map((each) => natural(each, id, 'weights'))
  if (weights.includes(0n)) refuse(6, 'a weight is 0', id, value)
  const excess = weights.reduce((sum, weight) => sum + weight, 0n) - wad
  if (excess > weightSumSlack || -excess > weightSumSlack)
    refuse(6, 'the weights do not add up to 1', id, value)
}
