/** The laws that every pool kind keeps, as property tests over any module and a generator of its states. */
import { describe, it } from 'mocha'
import type * as fc from 'fast-check'
import type { PoolModule, PoolStateBase } from '../../solver/pools/pool.ts'
import type { Law, LawOptions, Moved, Slack } from './poolLawOptions.ts'
import {
  booksLaw,
  codecLaw,
  consistencyLaw,
  monotoneInLaw,
  monotoneOutLaw,
  neverMoreLaw,
  roundTripLaw,
  splitLaw,
  totalLaw,
} from './poolLawsExact.ts'
import { curveLaw, priceLaw, slopeLaw } from './poolLawsCurve.ts'

export type { Law, LawOptions, Moved, Slack }

/** All laws of `module` over `states`, for {@link describeLaws} and for controls that must break one. */
export function lawsOf<state extends PoolStateBase>(
  module: PoolModule<state>,
  states: fc.Arbitrary<state>,
  options: LawOptions<state> = {},
): readonly Law[] {
  return [
    neverMoreLaw(module, states, options),
    totalLaw(module, states, options),
    roundTripLaw(module, states, options),
    splitLaw(module, states, options),
    monotoneInLaw(module, states, options),
    monotoneOutLaw(module, states, options),
    consistencyLaw(module, states, options),
    booksLaw(module, states, options),
    codecLaw(module, states, options),
    curveLaw(module, states, options),
    slopeLaw(module, states, options),
    priceLaw(module, states, options),
  ]
}

/**
 * Registers one mocha test for each law.
 *
 * @param states - Valid states of the kind: dust, huge, one-sided and empty pools, every variant. Swaps are drawn
 *   here, between all pairs of tokens, from one unit to far beyond what the pool has.
 */
export function describeLaws<state extends PoolStateBase>(
  module: PoolModule<state>,
  states: fc.Arbitrary<state>,
  options: LawOptions<state> = {},
): void {
  describe(`the laws of ${module.kind}`, () => {
    for (const { name, check } of lawsOf(module, states, options)) it(name, check)
  })
}
