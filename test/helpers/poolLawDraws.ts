/** How the laws of pools draw their swaps: token pairs, and amounts from dust to beyond the pool. */
import * as fc from 'fast-check'
import type { PoolModule, PoolStateBase, SwapResult } from '../../solver/pools/pool.ts'
import type { Law, LawOptions, Moved, Slack } from './poolLawOptions.ts'

/** A size before it meets a pool: a share of what the pool can pay, or a plain number. */
type Size = { readonly isShare: boolean; readonly bits: number; readonly digits: bigint }

/** What a law is given: three indices (the third differs from both where there are three tokens), two sizes. */
export type Draw<state> = {
  readonly state: state
  readonly indexIn: number
  readonly indexOut: number
  /** A third token, or `undefined` in a pool of two. */
  readonly third: number | undefined
  readonly sizes: readonly [Size, Size]
}

const digitBits = 30
/** More than any pool holds; no contract takes it. */
export const hugeAmount = 2n ** 120n

const anySize: fc.Arbitrary<Size> = fc.record({
  isShare: fc.boolean(),
  bits: fc.nat({ max: 119 }),
  digits: fc.bigInt({ min: 2n ** BigInt(digitBits - 1), max: 2n ** BigInt(digitBits) - 1n }),
})

/** One law over seeded draws; the long campaign runs it `FC_NUM_RUNS` times whatever it costs. */
export function law<state extends PoolStateBase>(
  name: string,
  states: fc.Arbitrary<state>,
  { cost = 1 }: Pick<LawOptions<state>, 'cost'>,
  holds: (draw: Draw<state>) => void,
): Law {
  const draws = fc
    .tuple(states, fc.nat({ max: 99 }), fc.nat({ max: 99 }), fc.nat({ max: 99 }), anySize, anySize)
    .map(([state, first, second, last, size1, size2]): Draw<state> => {
      const count = state.tokens.length
      const indexIn = first % count
      const indexOut = (indexIn + 1 + (second % (count - 1))) % count
      const rest = state.tokens.map((_, at) => at).filter((at) => at !== indexIn && at !== indexOut)
      const third = rest[last % Math.max(1, rest.length)]
      return { state, indexIn, indexOut, third, sizes: [size1, size2] }
    })
  const check = () => {
    const wanted = fc.readConfigureGlobal().numRuns ?? 100
    const isLong = process.env['ISOPRICE_LONG'] === '1'
    const numRuns = isLong ? wanted : Math.max(20, Math.ceil(wanted / cost))
    fc.assert(fc.property(draws, holds), { numRuns })
  }
  return { name, check }
}

/** The amount of token `indexOut` that `size` stands for, at least 1. */
export function amountOutOf<state extends PoolStateBase>(
  module: PoolModule<state>,
  { state, indexIn, indexOut }: Omit<Draw<state>, 'sizes'>,
  { isShare, bits, digits }: Size,
): bigint {
  if (!isShare) return plain(bits, digits)
  const most = module.swapExactIn(state, { indexIn, indexOut, amountIn: hugeAmount }).amountOut
  // From twice what the pool can pay down to its 2^-58th part, every order of magnitude alike.
  return 1n + ((most * digits) >> BigInt(digitBits - 1 + (bits >> 1)))
}

/** The amount of token `indexIn` that `size` stands for, at least 1. */
export function amountInOf<state extends PoolStateBase>(
  module: PoolModule<state>,
  draw: Omit<Draw<state>, 'sizes'>,
  size: Size,
): bigint {
  if (!size.isShare) return plain(size.bits, size.digits)
  const { state, indexIn, indexOut } = draw
  const amountOut = amountOutOf(module, draw, size)
  return 1n + module.swapExactOut(state, { indexIn, indexOut, amountOut }).amountIn
}

function plain(bits: number, digits: bigint): bigint {
  return 1n + ((digits << BigInt(bits)) >> BigInt(digitBits))
}

/** `slack` as a number of base units. */
export function slackOf<state>(
  slack: Slack<state> | undefined,
  state: state,
  moved: Moved,
): bigint {
  if (slack === undefined) return 0n
  return typeof slack === 'bigint' ? slack : slack(state, moved)
}

/** What `result` moved, with its indices. */
export function movedBy<state>(
  { indexIn, indexOut }: { readonly indexIn: number; readonly indexOut: number },
  { amountIn, amountOut }: SwapResult<state>,
): Moved {
  return { indexIn, indexOut, amountIn, amountOut }
}
