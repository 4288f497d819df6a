/**
 * Recorded answers of Solidly pairs: quotes of two Aerodrome pairs at Base block 46,875,151 and the contracts'
 * inner functions, collected by BowTiedDevil/degenbot @ 1fb8d74 (MIT).
 *
 * Its one quote of Camelot on Arbitrum comes without the pair's state, so there is nothing to compute it from.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { toAddress } from '../../../solver/core/hex.ts'
import {
  getY,
  looseK,
  scaled,
  type SolidlyVariant,
  stableAmountOut,
  stableK,
  stableSlope,
} from '../../../solver/pools/math/solidly.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { getAmountOut, solidly, type SolidlyState } from '../../../solver/pools/solidly.ts'
import type { VectorResult } from './result.ts'

const folder = join(sharedData, 'degenbot-golden')
const chainData = 'tests/fixtures/chain_data/8453/aerodrome_v2'
const quotes = 'tests/golden/data/tests/aerodrome/test_aerodrome_v2_onchain_parity'
const pairs = [
  ['dola_usdbc_stable', 'test_aerodrome_v2_stable_get_amount_out'],
  ['tbtc_weth_volatile', 'test_aerodrome_v2_volatile_get_amount_out'],
] as const

type Miss = VectorResult['misses'][number]

/** Every recorded vector; an entry of a pair must agree both as `getAmountOut` and as what `swap` would pay. */
export function runVectors(
  alter: (state: SolidlyState) => SolidlyState = (state) => state,
): VectorResult {
  const results = [
    ...pairs.flatMap(([pair, file]) => quotesOf(pair, file, alter)),
    ...innerFunctions(),
  ]
  const misses = results.filter((result) => result !== undefined)
  const exact = results.length - misses.length
  return { kind: 'solidly', entries: results.length, exact, infeasible: 0, misses }
}

/** Integers of 16 digits and more are bare numbers in these files: they become texts. */
function readJson(path: string): unknown {
  const text = readFileSync(join(folder, path), 'utf8')
  return JSON.parse(text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"'))
}

type PairFile = {
  readonly pool: string
  readonly stable: boolean
  readonly fee_raw: number
  readonly token0: { readonly address: string; readonly symbol: string; readonly decimals: number }
  readonly token1: { readonly address: string; readonly symbol: string; readonly decimals: number }
  readonly reserves_token0: string | number
  readonly reserves_token1: string | number
}

type QuoteFile = {
  readonly entries: Readonly<Record<string, { readonly value: string | number }>>
}

function quotesOf(
  pair: string,
  file: string,
  alter: (state: SolidlyState) => SolidlyState,
): (Miss | undefined)[] {
  // Both files are as the collection's own README describes them.
  const known = readJson(`${chainData}_${pair}_block_46875151.json`) as PairFile
  const { entries } = readJson(`${quotes}/${file}.json`) as QuoteFile
  const state = alter({
    kind: 'solidly',
    id: toPoolId(known.pool),
    tokens: [toAddress(known.token0.address), toAddress(known.token1.address)],
    stable: known.stable,
    reserves: [BigInt(known.reserves_token0), BigInt(known.reserves_token1)],
    feePips: known.fee_raw * 100,
    decimals: [known.token0.decimals, known.token1.decimals],
    variant: 'v2',
  })
  return Object.entries(entries).map(([name, { value }]) => {
    const [, , direction = '', amount = ''] = name.split('|')
    const indexIn = direction.startsWith(`${known.token0.symbol}->`) ? 0 : 1
    const swap = { indexIn, indexOut: 1 - indexIn, amountIn: BigInt(amount) }
    const viewed = getAmountOut(state, swap)
    const { amountIn, amountOut } = solidly.swapExactIn(state, swap)
    if (amountIn === swap.amountIn && amountOut === BigInt(value) && viewed === amountOut)
      return undefined
    return { name, cause: `swap pays ${amountOut}, getAmountOut says ${viewed}, chain ${value}` }
  })
}

type Inner = (args: readonly bigint[]) => bigint | undefined

const at = (args: readonly bigint[], index: number) => args[index] ?? 0n

/** The functions by the names of the file; its `decimals` are the contracts': base units of one token. */
const inner: Readonly<Record<string, Inner>> = {
  calc_d: (args) => stableSlope(at(args, 0), at(args, 1)),
  calc_f: (args) => stableK(at(args, 0), at(args, 1)),
  f_camelot: (args) => looseK(at(args, 0), at(args, 1)),
  calc_k: kOf,
  k_camelot: kOf,
  get_y_solidly: yOf('v2'),
  get_y_camelot: yOf('v1'),
  calc_exact_in_stable_solidly: stableOf('v2'),
  calc_exact_in_stable_camelot: stableOf('v1'),
  calc_exact_in_volatile: volatileOf,
}

function innerFunctions(): (Miss | undefined)[] {
  const path = join(folder, 'rust/crates/degenbot-math/tests/oracle_solidly_snapshot.txt')
  const file = JSON.parse(readFileSync(path, 'utf8')) as Readonly<
    Record<string, readonly { readonly args: readonly string[]; readonly result: string }[]>
  >
  return Object.entries(file).flatMap(([name, entries]) =>
    entries.map(({ args, result }) => {
      const ours = inner[name]?.(args.map(BigInt))
      return ours === BigInt(result)
        ? undefined
        : { name: `${name}(${args.join(', ')})`, cause: `ours ${ours}, its ${result}` }
    }),
  )
}

function kOf(args: readonly bigint[]): bigint {
  return stableK(scaled(at(args, 0), at(args, 2)), scaled(at(args, 1), at(args, 3)))
}

function yOf(variant: SolidlyVariant): Inner {
  return (args) => {
    const units = [at(args, 3), at(args, 4)] as const
    return getY(variant, { x: at(args, 0), xy: at(args, 1), from: at(args, 2), units })
  }
}

/** Amount, index of the token in, both reserves, both units, the fee as a fraction. */
function stableOf(variant: SolidlyVariant): Inner {
  return (args) => {
    const kept = at(args, 0) - (at(args, 0) * at(args, 6)) / at(args, 7)
    const units = [at(args, 4), at(args, 5)] as const
    const indexIn = at(args, 1) === 0n ? 0 : 1
    return stableAmountOut(variant, [at(args, 2), at(args, 3)], units, indexIn, kept)
  }
}

/** The same without units: the fee is below 100 %, so the module itself answers. */
function volatileOf(args: readonly bigint[]): bigint | undefined {
  const indexIn = Number(at(args, 1))
  const state: SolidlyState = {
    kind: 'solidly',
    id: toPoolId('0x00'),
    tokens: [],
    stable: false,
    reserves: [at(args, 2), at(args, 3)],
    feePips: Number((at(args, 4) * 1_000_000n) / at(args, 5)),
  }
  const swap = { indexIn, indexOut: 1 - indexIn, amountIn: at(args, 0) }
  const viewed = getAmountOut(state, swap)
  return solidly.swapExactIn(state, swap).amountOut === viewed ? viewed : undefined
}
