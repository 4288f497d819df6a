/** Small markets of pools of every kind over a few tokens, made from states that the kinds' own generators draw. */
import * as fc from 'fast-check'
import type { Address } from '../../solver/core/hex.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { QuoteRequest } from '../../solver/route/route.ts'
import { states as balancerStable } from './arbitraries/balancerStable.ts'
import { states as balancerV3Stable } from './arbitraries/balancerV3Stable.ts'
import { states as balancerV3Weighted } from './arbitraries/balancerV3Weighted.ts'
import { states as balancerWeighted } from './arbitraries/balancerWeighted.ts'
import { states as curveCrypto } from './arbitraries/curveCrypto.ts'
import { states as curveStable } from './arbitraries/curveStable.ts'
import { states as erc4626 } from './arbitraries/erc4626.ts'
import { states as solidly } from './arbitraries/solidly.ts'
import { states as uniswapV2 } from './arbitraries/uniswapV2.ts'
import { states as uniswapV3 } from './arbitraries/uniswapV3.ts'

/** A market with a request on it. */
export type MixedCase = { readonly view: MarketView; readonly request: QuoteRequest }

const address = (number: number): Address => `0x${number.toString(16).padStart(40, '0')}`

/** Tokens that a market of mixed pools has; a pool of more coins than these is left as it is. */
const tokenCount = 5

const pools: fc.Arbitrary<PoolState> = fc.oneof(
  balancerStable,
  balancerV3Stable,
  balancerV3Weighted,
  balancerWeighted,
  curveCrypto,
  curveStable,
  erc4626,
  solidly,
  uniswapV2,
  uniswapV3,
)

/** Pools of all kinds at whatever prices they were drawn with: loops everywhere. */
export const mixedCases: fc.Arbitrary<MixedCase> = fc
  .tuple(
    fc.array(fc.tuple(pools, fc.nat({ max: 1_000 })), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 0, max: tokenCount - 1 }),
    fc.integer({ min: 1, max: tokenCount - 1 }),
    fc.double({ min: 1, max: 28, noNaN: true }),
    fc.boolean(),
  )
  .map(([drawn, from, apart, digits, isExactIn]) => {
    const placed = drawn.map(([state, shift], index) => place(state, shift, index))
    const known = new Set(placed.flatMap(({ tokens }) => tokens))
    for (let token = 0; token < tokenCount; token++) known.add(address(10 + token))
    const ends = {
      tokenIn: address(10 + from),
      tokenOut: address(10 + ((from + apart) % tokenCount)),
    }
    const amount = BigInt(Math.floor(10 ** digits))
    return {
      view: {
        chainId: 1,
        tokens: new Map(
          [...known].map((token) => [
            token,
            { address: token, symbol: 'T', decimals: 18, priceWei: 10n ** 18n },
          ]),
        ),
        pools: new Map(placed.map((pool) => [pool.id, pool])),
        wrappedNative: address(10),
      },
      request: isExactIn ? { ...ends, amountIn: amount } : { ...ends, amountOut: amount },
    }
  })

/** The pool under its own name, between the market's tokens; more coins than there are tokens keep names of their own. */
function place(state: PoolState, shift: number, index: number): PoolState {
  const tokens = state.tokens.map((_, at) =>
    at < tokenCount ? address(10 + ((shift + at) % tokenCount)) : address(50 + 10 * index + at),
  )
  const sorted = tokens.length > 2 ? tokens : [...tokens].sort()
  return { ...state, id: toPoolId(address(1_000 + index)), tokens: sorted }
}
