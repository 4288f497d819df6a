/** On-chain quotes of Balancer V2 pools, collected by BowTiedDevil/degenbot @ 1fb8d74 (MIT), with the pools' states. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { toAddress } from '../../../solver/core/hex.ts'
import type { BalancerStableState } from '../../../solver/pools/balancerStable.ts'
import type { BalancerWeightedState } from '../../../solver/pools/balancerWeighted.ts'
import { type PoolModule, type PoolStateBase, toPoolId } from '../../../solver/pools/pool.ts'
import type { VectorResult } from './result.ts'

const folder = join(sharedData, 'degenbot-golden/tests')
const states = join(folder, 'fixtures/chain_data/1')
const quotes = join(folder, 'golden/data/tests/balancer')
const wad = 10n ** 18n

/** A file whose big integers are bare numbers: those of 16 digits and more become texts. */
function read(path: string): unknown {
  const text = readFileSync(path, 'utf8')
  return JSON.parse(text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"'))
}

type Numeral = string | number

type PoolFile = {
  readonly name: string
  readonly address: string
  readonly pool_id: string
  readonly tokens: readonly { readonly address: string; readonly symbol: string }[]
  readonly balances: readonly Numeral[]
  /** A fraction. */
  readonly fee: string
  readonly weights?: readonly Numeral[]
  readonly amp?: Numeral
  readonly resolved_scaling_factors?: readonly Numeral[]
  /** 1: of the composable pools; 2: of the older ones. */
  readonly invariant_version?: number
}

function poolFiles(prefix: string): readonly PoolFile[] {
  const names = readdirSync(states).filter((name) => name.startsWith(prefix))
  return names.map((name) => read(join(states, name)) as PoolFile)
}

function baseOf({ address, pool_id: vaultId, tokens, fee, balances }: PoolFile) {
  const [share = 0n, unit = 1n] = fee.split('/').map(BigInt)
  return {
    id: toPoolId(address),
    tokens: tokens.map((token) => toAddress(token.address)),
    balances: balances.map(BigInt),
    swapFee: (share * wad) / unit,
    vaultId: toPoolId(vaultId),
  }
}

/** The three weighted pools of the recording, all of the first version, with their tokens' symbols. */
export function weightedPools() {
  return poolFiles('balancer_weighted').map((file) => ({
    symbols: file.tokens.map(({ symbol }) => symbol),
    state: {
      kind: 'balancerWeighted',
      ...baseOf(file),
      weights: (file.weights ?? []).map(BigInt),
      version: 'v0',
    } satisfies BalancerWeightedState,
  }))
}

/** The four stable pools of the recording, with `registered`: the contract's own index of each of our tokens. */
export function stablePools() {
  return poolFiles('balancer_stable').map((file) => {
    const whole = baseOf(file)
    const registered = whole.tokens.flatMap((token, at) => (token === whole.id ? [] : [at]))
    const pick = <item>(list: readonly item[]) => list.filter((_, at) => registered.includes(at))
    return {
      registered,
      state: {
        kind: 'balancerStable',
        ...whole,
        tokens: pick(whole.tokens),
        balances: pick(whole.balances),
        amp: BigInt(file.amp ?? 0),
        scalingFactors: pick((file.resolved_scaling_factors ?? []).map(BigInt)),
        version: file.invariant_version === 1 ? 'v2' : 'v1',
      } satisfies BalancerStableState,
    }
  })
}

/** One quote: what was asked of the pool at `pool`, and the answer; none where the contract reverted. */
export type Quote = {
  readonly name: string
  readonly pool: string
  readonly isGivenIn: boolean
  /** What the file calls the two tokens. */
  readonly from: string
  readonly to: string
  readonly amount: bigint
  readonly answer: bigint | undefined
}

type QuoteFile = { readonly entries: Readonly<Record<string, { readonly value?: Numeral | null }>> }

/** All quotes of the folder `test`. */
export function quotesOf(test: string): readonly Quote[] {
  const files = readdirSync(join(quotes, test)).map((name) => join(quotes, test, name))
  const entries = files.flatMap((path) => Object.entries((read(path) as QuoteFile).entries))
  return entries.map(([name, { value }]) => {
    const [pool = '', , given, ...rest] = name.split('|')
    const amount = BigInt(rest.at(-1) ?? '0')
    const [from = '', to = ''] = rest.length === 2 ? (rest[0] ?? '').split('->') : rest
    const answer = value === undefined || value === null ? undefined : BigInt(value)
    return { name, pool: toPoolId(pool), isGivenIn: given === 'GIVEN_IN', from, to, amount, answer }
  })
}

/** Compares `quotes` with what `module` says of the pools that `find` gives for them. */
export function compareQuotes<state extends PoolStateBase>(
  module: PoolModule<state>,
  all: readonly Quote[],
  find: (quote: Quote) => { state: state; indexIn: number; indexOut: number },
): VectorResult {
  const misses: { name: string; cause: string }[] = []
  let [exact, infeasible] = [0, 0]
  for (const quote of all) {
    const { name, isGivenIn, amount, answer } = quote
    const { state, indexIn, indexOut } = find(quote)
    const ours = isGivenIn
      ? module.swapExactIn(state, { indexIn, indexOut, amountIn: amount })
      : module.swapExactOut(state, { indexIn, indexOut, amountOut: amount })
    const [told, said] = isGivenIn
      ? [ours.amountIn, ours.amountOut]
      : [ours.amountOut, ours.amountIn]
    if (told === amount && said === answer) exact += 1
    else if (told < amount && answer === undefined) infeasible += 1
    else misses.push({ name, cause: `it says ${answer}, ours ${said} for ${told}` })
  }
  return { kind: module.kind, entries: all.length, exact, infeasible, misses }
}
