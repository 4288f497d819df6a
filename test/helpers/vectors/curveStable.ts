/**
 * Quotes of Curve's 3pool and of the RAI meta pool, with their state: BowTiedDevil/degenbot @ 1fb8d74 (MIT).
 *
 * They are answers of views: `get_dy`, `get_dy_underlying`, `calc_token_amount`, `calc_withdraw_one_coin`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import {
  dyOf,
  dyUnderlyingOf,
  sharesFor,
  type StableShares,
  withdrawalOf,
} from '../../../solver/pools/math/stableLiquidity.ts'
import type { VectorResult } from './result.ts'

const folder = join(sharedData, 'degenbot-golden/tests')
const states = 'fixtures/chain_data/1'
const quotes = 'golden/data/tests/curve/test_curve_onchain_parity'

type Integer = string | number
type PoolFile = {
  readonly a_coefficient: Integer
  readonly initial_a: Integer
  readonly fee: Integer
  readonly balances: readonly Integer[]
  readonly tokens: readonly { readonly decimals: number; readonly symbol: string }[]
  readonly lp_token_total_supply: Integer
}
type MetaFile = PoolFile & {
  readonly base_pool: PoolFile
  readonly redemption_price: Integer
  readonly base_virtual_price: Integer
}
type Quote = (args: readonly string[]) => bigint | undefined

/** A file whose big integers are bare numbers: those of 16 digits and more become texts. */
function read(path: string): unknown {
  const text = readFileSync(join(folder, path), 'utf8')
  return JSON.parse(text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"'))
}

/** 3pool, whose A has no precision. */
function tripool(file: PoolFile): StableShares {
  return {
    A: BigInt(file.a_coefficient),
    aPrecision: 1n,
    fee: BigInt(file.fee),
    balances: file.balances.map(BigInt),
    rates: [18, 6, 6].map((decimals) => 10n ** BigInt(36 - decimals)),
    rounding: 'classic',
    totalSupply: BigInt(file.lp_token_total_supply),
  }
}

const stables = ['DAI', 'USDC', 'USDT']

function between(names: readonly string[], way = ''): readonly [number, number] {
  const [from = '', to = ''] = way.split('->')
  return [names.indexOf(from), names.indexOf(to)]
}

/** Compares every recorded quote with ours. Needs the recorded data. */
export function runVectors(): VectorResult {
  const base = tripool(read(`${states}/curve_tripool_block_24407242.json`) as PoolFile)
  const file = read(`${states}/curve_metapool_rai_3crv_block_25144000.json`) as MetaFile
  const meta = {
    A: BigInt(file.initial_a),
    aPrecision: 100n,
    fee: BigInt(file.fee),
    balances: file.balances.map(BigInt),
    rates: [BigInt(file.redemption_price), BigInt(file.base_virtual_price)],
    rounding: 'classic',
  } as const
  const metaBase = tripool(file.base_pool)
  const one = (index: number, amount: bigint) =>
    stables.map((_, at) => (at === index ? amount : 0n))
  const verbs: Readonly<Record<string, Quote>> = {
    'tripool_get_dy get_dy': ([way, dx = '']) =>
      dyOf(base, between(stables, way), BigInt(dx), 'feeLast'),
    'tripool_calc_withdraw_and_token_amount calc_token_amount': ([, at = '', amount = '']) =>
      sharesFor(base, one(Number(at.slice(2)), BigInt(amount))),
    'tripool_calc_withdraw_and_token_amount calc_withdraw_one_coin': ([at = '', amount = '']) =>
      withdrawalOf(base, BigInt(amount), Number(at.slice(2))),
    'metapool_get_dy get_dy': ([way, dx = '']) =>
      dyOf(meta, between(['RAI', '3Crv'], way), BigInt(dx), 'feeFirst'),
    'metapool_get_dy get_dy_underlying': ([way, dx = '']) =>
      dyUnderlyingOf(
        { meta, base: metaBase },
        between(['RAI', ...stables], way),
        BigInt(dx),
        'feeLast',
      ),
  }
  const result = { entries: 0, exact: 0, misses: [] as { name: string; cause: string }[] }
  for (const name of [
    'tripool_get_dy',
    'tripool_calc_withdraw_and_token_amount',
    'metapool_get_dy',
  ]) {
    const { entries } = read(`${quotes}/test_curve_${name}.json`) as {
      entries: Record<string, { value: Integer }>
    }
    for (const [key, { value }] of Object.entries(entries)) {
      const [, verb = '', ...args] = key.split('|')
      const ours = verbs[`${name} ${verb}`]?.(args)
      result.entries += 1
      if (ours === BigInt(value)) result.exact += 1
      else result.misses.push({ name: key, cause: `${ours}, not ${value}` })
    }
  }
  return { kind: 'curveStable', infeasible: 0, ...result }
}
