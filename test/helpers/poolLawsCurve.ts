/** The laws of the float views: curve, slope and price are those of the exact swap. */
import assert from 'node:assert/strict'
import type * as fc from 'fast-check'
import type { Curve, PoolModule, PoolStateBase, SegmentCurve } from '../../solver/pools/pool.ts'
import { curveOutput } from './curveOutput.ts'
import { amountInOf, hugeAmount, law } from './poolLawDraws.ts'
import type { Law, LawOptions } from './poolLawOptions.ts'

type MakeLaw = <state extends PoolStateBase>(
  module: PoolModule<state>,
  states: fc.Arbitrary<state>,
  options: LawOptions<state>,
) => Law

const defaultTolerance = 1e-6
const defaultFrom = 10n ** 9n

/** The curve pays what the exact swap pays, where amounts are large enough for their rounding not to show. */
export const curveLaw: MakeLaw = (module, states, options) =>
  law('pays by its curve what it pays', states, options, (draw) => {
    const { state, sizes, indexIn, indexOut } = draw
    const { tolerance = defaultTolerance, from = defaultFrom, when } = options.curve ?? {}
    const curve = module.curve(state)
    if (curve === undefined || when?.(state) === false) return
    const asked = amountInOf(module, draw, sizes[0])
    const { amountIn, amountOut } = module.swapExactIn(state, { ...draw, amountIn: asked })
    if (amountIn < from || amountOut < from) return
    near(payOf(curve, indexIn, indexOut, Number(amountIn)), Number(amountOut), tolerance)
    if (curve.shape !== 'smooth') return
    const most = curve.mostIn(indexIn, indexOut)
    assert.ok(Number(amountIn) <= most * (1 + tolerance), 'took more than mostIn')
  })

/** The slope of a smooth curve is its derivative, and falls. */
export const slopeLaw: MakeLaw = (module, states, options) =>
  law('has the slope of its curve', states, options, (draw) => {
    const { state, sizes, indexIn, indexOut } = draw
    const curve = module.curve(state)
    if (curve?.shape !== 'smooth' || options.curve?.when?.(state) === false) return
    const size = Number(amountInOf(module, draw, sizes[0]))
    const further = size * (1 + 1e-3)
    if (further > curve.mostIn(indexIn, indexOut)) return
    const before = curve.out(indexIn, indexOut, size)
    const gained = curve.out(indexIn, indexOut, further) - before
    const steep = curve.slope(indexIn, indexOut, size) * (further - size)
    const flat = curve.slope(indexIn, indexOut, further) * (further - size)
    // Differences of near floats lose digits in proportion to the floats, not to the difference.
    const noise = 1e-11 * before + 1e-6 * steep
    assert.ok(gained <= steep + noise, `gained ${gained}, the slope says at most ${steep}`)
    assert.ok(gained >= flat - noise, `gained ${gained}, the slope says at least ${flat}`)
  })

/** The price is the curve's slope at 0. */
export const priceLaw: MakeLaw = (module, states, options) =>
  law('is priced by the slope of its curve at 0', states, options, (draw) => {
    const { state, indexIn, indexOut } = draw
    const { tolerance = defaultTolerance, when } = options.curve ?? {}
    const price = module.price(state, indexIn, indexOut)
    assert.ok(Number.isFinite(price) && price >= 0)
    const curve = module.curve(state)
    if (curve === undefined || when?.(state) === false) return
    // A direction in which nothing is left has no slope to compare with.
    const buys = module.swapExactIn(state, { ...draw, amountIn: hugeAmount }).amountOut > 0n
    if (!buys) return
    near(slopeAt0(curve, indexIn, indexOut), price, tolerance)
  })

function payOf(curve: Curve, indexIn: number, indexOut: number, size: number): number {
  return curve.shape === 'smooth'
    ? curve.out(indexIn, indexOut, size)
    : curveOutput(curve, indexIn === 0, size)
}

function slopeAt0(curve: Curve, indexIn: number, indexOut: number): number {
  if (curve.shape === 'smooth') return curve.slope(indexIn, indexOut, 0)
  const price = firstPrice(curve, indexIn === 0) ** 2
  return indexIn === 0 ? price * curve.kept[0] : curve.kept[1] / price
}

/** The square-root price at which the first unit is traded: beyond the gap that the price may stand in. */
function firstPrice(
  { sqrtPrice, bounds, liquidity, current }: SegmentCurve,
  isDown: boolean,
): number {
  const step = isDown ? -1 : 1
  let at = current
  while (liquidity[at] === 0) at += step
  if (at === current) return sqrtPrice
  return bounds[isDown ? at + 1 : at] ?? NaN
}

function near(seen: number, expected: number, tolerance: number): void {
  if (seen === expected) return
  assert.ok(Math.abs(seen / expected - 1) <= tolerance, `${seen} instead of ${expected}`)
}
