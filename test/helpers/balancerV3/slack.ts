/** By how much the vault's and the pools' own rounding may miss the laws of pools. */
import type { BalancerV3StableState } from '../../../solver/pools/balancerV3Stable.ts'
import type { BalancerV3State } from '../../../solver/pools/balancerV3State.ts'
import { loadBalances } from '../../../solver/pools/balancerV3Vault.ts'
import { stableInvariant } from '../../../solver/pools/math/balancerStable.ts'
import type { PoolModule } from '../../../solver/pools/pool.ts'
import type { Moved, Slack } from '../poolLawOptions.ts'

const wad = 10n ** 18n

/** A scaled error of the output in base units, and two for the roundings of the scaling itself. */
function toBaseUnits(
  { scalingFactors, rates }: BalancerV3State,
  at: number,
  scaled: bigint,
): bigint {
  return 2n + (scaled * wad) / ((scalingFactors[at] ?? 1n) * (rates[at] ?? wad))
}

/** Scaled units that a rate of one more unit of 10^-18 keeps in the pool; the vault rounds rates up for what it pays. */
function ofRate({ rates }: BalancerV3State, at: number, scaled: bigint): bigint {
  return 1n + scaled / (rates[at] ?? wad)
}

/** Scaled output that one scaled unit of input buys at most, rounded up: what a rounded input may cost. */
function priceOfUnit<state extends BalancerV3State>(
  module: PoolModule<state>,
  state: state,
  { indexIn, indexOut }: Moved,
): bigint {
  const unitOf = (at: number) => Number(state.scalingFactors[at]) * Number(state.rates[at])
  const price = module.price(state, indexIn, indexOut) * (unitOf(indexOut) / unitOf(indexIn))
  return 1n + BigInt(Math.ceil(price))
}

/** Powers by logarithm are off by up to 10^-14 of the balance, and always against the trader. */
export function weightedSlack<state extends BalancerV3State>(
  module: PoolModule<state>,
): Slack<state> {
  return (state, moved) => {
    const held = loadBalances(state).live[moved.indexOut] ?? 0n
    const ofPower = (4n * held) / 10n ** 14n + ofRate(state, moved.indexOut, held)
    return toBaseUnits(state, moved.indexOut, ofPower + 4n * priceOfUnit(module, state, moved))
  }
}

/** D is known to a unit or two, and the balance that it gives as far as that moves it. */
export function stableSlack(
  module: PoolModule<BalancerV3StableState>,
): Slack<BalancerV3StableState> {
  return (state, moved) => {
    const { live } = loadBalances(state)
    const invariant = stableInvariant(state.amp, live, 'truncated') ?? 0n
    if (invariant === 0n) return 0n
    const held = live[moved.indexOut] ?? 0n
    const n = BigInt(live.length)
    const ofInvariant =
      4n * (n + 1n) * (1n + held / invariant) + ofRate(state, moved.indexOut, held)
    // The contract rounds up before it multiplies by a balance; its square root is what is left of that.
    const ofTerm = BigInt(Math.ceil(2 * Math.sqrt(Number(state.amp) * live.length)))
    const ofInput = 4n * priceOfUnit(module, state, moved)
    const ofRounding = toBaseUnits(state, moved.indexOut, ofInvariant + ofTerm + ofInput)
    // In a lopsided pool of three or more tokens the fee that the first swap leaves behind may better the price of
    // the second: a little of the fee comes back, also in exact numbers.
    const ofFee = n > 2n ? (moved.amountOut * state.swapFee) / wad : 0n
    return ofRounding + ofFee
  }
}

/** The same, and anything where the one swap is the largest that the pool takes: a second one may follow it. */
export function unlessLargest<state extends BalancerV3State>(
  module: PoolModule<state>,
  slack: Slack<state>,
): Slack<state> {
  return (state, moved) => {
    const { amountIn } = module.swapExactIn(state, { ...moved, amountIn: moved.amountIn + 1n })
    if (amountIn <= moved.amountIn) return 2n ** 256n
    return typeof slack === 'bigint' ? slack : slack(state, moved)
  }
}

/** The same, and all of it where exact-in refuses what exact-out takes: its limits are others. */
export function unlessRefused<state extends BalancerV3State>(
  module: PoolModule<state>,
  slack: Slack<state>,
): Slack<state> {
  return (state, moved) => {
    const { amountIn } = module.swapExactIn(state, moved)
    if (amountIn < moved.amountIn) return moved.amountOut
    return typeof slack === 'bigint' ? slack : slack(state, moved)
  }
}
