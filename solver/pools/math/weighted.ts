/**
 * The weighted constant product as Balancer's pools round it: what a swap pays and takes before fees. Balances and
 * amounts are scaled to 18 digits, weights are in 10^-18.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/pool-weighted/contracts/WeightedMath.sol
 */
import {
  complement,
  type PowerForm,
  wad,
  wadDivDown,
  wadDivUp,
  wadMulDown,
  wadMulUp,
  wadPowUp,
} from './fixedPoint.ts'

/** Share of a balance that one swap may bring or take, in 10^-18: the contract reverts above. */
export const ratioMax = 3n * 10n ** 17n

/** The two tokens of a swap, both balances and weights above 0. */
export type WeightedSides = {
  readonly balanceIn: bigint
  readonly weightIn: bigint
  readonly balanceOut: bigint
  readonly weightOut: bigint
}

/** Paid for `amountIn`, rounded down; `undefined` where the contract reverts. */
export function weightedOut(
  { balanceIn, weightIn, balanceOut, weightOut }: WeightedSides,
  amountIn: bigint,
  form: PowerForm,
): bigint | undefined {
  if (amountIn > wadMulDown(balanceIn, ratioMax)) return undefined
  const base = wadDivUp(balanceIn, balanceIn + amountIn)
  const power = wadPowUp(base, wadDivDown(weightIn, weightOut), form)
  return power === undefined ? undefined : wadMulDown(balanceOut, complement(power))
}

/** Taken for `amountOut`, rounded up; `undefined` where the contract reverts. */
export function weightedIn(
  { balanceIn, weightIn, balanceOut, weightOut }: WeightedSides,
  amountOut: bigint,
  form: PowerForm,
): bigint | undefined {
  if (amountOut > wadMulDown(balanceOut, ratioMax)) return undefined
  const base = wadDivUp(balanceOut, balanceOut - amountOut)
  const power = wadPowUp(base, wadDivUp(weightOut, weightIn), form)
  return power === undefined || power < wad ? undefined : wadMulUp(balanceIn, power - wad)
}
