/**
 * ERC-4626 vault as a pool of its asset (token 0) and its share (token 1): deposit and redeem, mint and withdraw.
 *
 * Exact-in is `deposit` and `redeem`, exact-out `mint` and `withdraw`; the latter take the least with which the
 * former would pay as much. The price is `(totalAssets + 1) / (totalSupply + 10^offset)` in OpenZeppelin's vaults
 * and the plain quotient in older ones; a vault that says otherwise, as one with a fee, is not read at all. Assets
 * grow without a log, so a state holds for its block alone.
 *
 * Sources: https://eips.ethereum.org/EIPS/eip-4626 and
 * https://github.com/OpenZeppelin/openzeppelin-contracts/blob/v5.7.0/contracts/token/ERC20/extensions/ERC4626.sol
 */
import type { Log } from '../chain/block.ts'
import { min, mulDivDown, mulDivUp } from '../core/rounding.ts'
import {
  erc4626Codec,
  type Erc4626State,
  eventTopics,
  snapshotVault,
  supplyMax,
  uncapped,
  weightsOf,
} from './erc4626State.ts'
import { gasOfSwap } from './gas.ts'
import {
  baseRefOf,
  type PoolModule,
  type SmoothCurve,
  type SwapExactIn,
  type SwapExactOut,
  type SwapResult,
} from './pool.ts'

export type { Erc4626State } from './erc4626State.ts'

/** The ERC-4626 module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const erc4626 = {
  kind: 'erc4626',
  about: "vault shares for their asset; exact against OpenZeppelin's bytecode",
  topics: eventTopics,
  // No factory makes vaults: they are named by a list.
  discover: () => undefined,
  snapshot: snapshotVault,
  refOf: baseRefOf,
  apply,
  drifts: () => true,
  swapExactIn,
  swapExactOut,
  price,
  curve,
  codec: erc4626Codec,
} satisfies PoolModule<Erc4626State>

/** A deposit or withdrawal says what moved, not what the rest has grown to. */
function apply(state: Erc4626State, log: Log): Erc4626State | undefined {
  const isOurs = log.address === state.id && eventTopics.some((topic) => topic === log.topics[0])
  return isOurs ? undefined : state
}

function swapExactIn(state: Erc4626State, swap: SwapExactIn): SwapResult<Erc4626State> {
  const vault = sidesOf(state, swap.indexIn)
  if (vault === undefined) return untouched(state)
  const amountIn = min(swap.amountIn, vault.mostIn)
  return trade(state, vault, amountIn, mulDivDown(amountIn, vault.weightOut, vault.weightIn))
}

function swapExactOut(state: Erc4626State, swap: SwapExactOut): SwapResult<Erc4626State> {
  const vault = sidesOf(state, swap.indexIn)
  if (vault === undefined) return untouched(state)
  const mostOut = mulDivDown(vault.mostIn, vault.weightOut, vault.weightIn)
  const amountOut = min(swap.amountOut, mostOut)
  return trade(state, vault, mulDivUp(amountOut, vault.weightIn, vault.weightOut), amountOut)
}

/** A vault from one side: `weightOut` units are paid for `weightIn` of the input, which is at most `mostIn`. */
type Sides = {
  readonly indexIn: number
  readonly weightIn: bigint
  readonly weightOut: bigint
  readonly mostIn: bigint
}

/** `undefined` for a vault without shares or assets where its formula has no price. */
function sidesOf(state: Erc4626State, indexIn: number): Sides | undefined {
  const { totalAssets, totalSupply, decimalsOffset, depositMax, redeemMax } = state
  const { assets, shares } = weightsOf(state)
  if (assets === 0n || shares === 0n) return undefined
  if (indexIn === 1) return { indexIn, weightIn: shares, weightOut: assets, mostIn: redeemMax }
  const sharesLeft = (decimalsOffset === undefined ? uncapped : supplyMax) - totalSupply
  const mostIn = min(uncapped - totalAssets, mulDivDown(sharesLeft, assets, shares))
  return { indexIn, weightIn: assets, weightOut: shares, mostIn: min(depositMax, mostIn) }
}

function trade(
  state: Erc4626State,
  { indexIn }: Sides,
  amountIn: bigint,
  amountOut: bigint,
): SwapResult<Erc4626State> {
  // A vault may take dust for nothing; nobody wants that.
  if (amountIn <= 0n || amountOut <= 0n) return untouched(state)
  const [assets, shares] = indexIn === 0 ? [amountIn, amountOut] : [-amountOut, -amountIn]
  const { depositMax } = state
  const next: Erc4626State = {
    ...state,
    totalAssets: state.totalAssets + assets,
    totalSupply: state.totalSupply + shares,
    depositMax: depositMax === uncapped ? uncapped : min(uncapped, depositMax - assets),
    redeemMax: state.redeemMax + shares,
  }
  return { amountIn, amountOut, gas: gasOfSwap(state), next }
}

function untouched(state: Erc4626State): SwapResult<Erc4626State> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

function price(state: Erc4626State, indexIn: number): number {
  const vault = sidesOf(state, indexIn)
  return vault === undefined ? 0 : Number(vault.weightOut) / Number(vault.weightIn)
}

function curve(state: Erc4626State): SmoothCurve | undefined {
  const sides = [sidesOf(state, 0), sidesOf(state, 1)]
  const mostIn = sides.map((each) => Number(each?.mostIn ?? 0n))
  if (sides[0] === undefined || mostIn.every((most) => most === 0)) return undefined
  const prices = [price(state, 0), price(state, 1)]
  const of = (values: readonly number[], index: number) => values[index] ?? 0
  return {
    shape: 'smooth',
    out: (indexIn, _, size) => of(prices, indexIn) * Math.min(size, of(mostIn, indexIn)),
    slope: (indexIn, _, size) => (size > of(mostIn, indexIn) ? 0 : of(prices, indexIn)),
    mostIn: (indexIn) => of(mostIn, indexIn),
  }
}
