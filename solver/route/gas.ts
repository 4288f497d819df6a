/** What a plan costs to execute: gas per leg as data, and its price in the token that a quote is counted in. */
import { mulDivUp } from '../core/rounding.ts'
import { swapGas } from '../pools/gas.ts'

/** Gas of a settlement apart from its legs: signature, nonce, taking the sell tokens, paying the receiver. */
export const settlementGas = 96_000n

/** A kind without a measured figure is charged as the dearest one. */
const unknownKindGas = 150_000n

/**
 * Gas units that one leg through a pool of `kind` adds, the same in plans and in bounds. Ticks crossed are left
 * out: their gas depends on the amount, and a bound needs a figure that no use of the pool can undercut.
 */
export function legGas(kind: string): bigint {
  return swapGas[kind]?.base ?? unknownKindGas
}

/** The price of gas, in the token that a quote is counted in (exact-in: token out; exact-out: token in). */
export type GasTerms = {
  /** Wei per gas unit; 0n leaves gas out. */
  readonly gasPrice: bigint
  /** Wei of the native currency for 10^18 base units of the counted token; above 0. */
  readonly priceWei: bigint
}

/** Terms that leave gas out. */
export const noGas: GasTerms = { gasPrice: 0n, priceWei: 1n }

/** `gas` units in base units of the counted token, rounded up: against us. */
export function gasCost(terms: GasTerms, gas: bigint): bigint {
  return mulDivUp(gas * terms.gasPrice, 10n ** 18n, terms.priceWei)
}

/** One gas unit in base units of the counted token, as a float for the search. */
export function gasRate(terms: GasTerms): number {
  return (Number(terms.gasPrice) / Number(terms.priceWei)) * 1e18
}
