/** The laws of pools themselves: a module with one fault breaks the law that is about it. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { PoolModule, SwapResult } from '../../solver/pools/pool.ts'
import type { UniswapV2State } from '../../solver/pools/states.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { states } from '../helpers/arbitraries/uniswapV2.ts'
import { lawsOf } from '../helpers/poolLaws.ts'

type State = UniswapV2State
type Module = PoolModule<State>

const options = { holds: ({ reserves }: State) => reserves }

/** Names of the laws that a pair with `fault` breaks. */
function brokenBy(fault: Partial<Module>): string[] {
  const module: Module = { ...uniswapV2, ...fault }
  return lawsOf(module, states, options)
    .filter(({ check }) => {
      try {
        check()
        return false
      } catch {
        return true
      }
    })
    .map(({ name }) => name)
}

/** A pair whose results are changed where it trades at all. */
function altered(
  change: (result: SwapResult<State>) => Partial<SwapResult<State>>,
): Pick<Module, 'swapExactIn'> {
  return {
    swapExactIn(state, swap) {
      const result = uniswapV2.swapExactIn(state, swap)
      return result.amountOut === 0n ? result : { ...result, ...change(result) }
    },
  }
}

describe('lawsOf', () => {
  it('passes the pair as it is', () => {
    assert.deepEqual(brokenBy({}), [])
  })

  it('catches a pair that pays one unit more', () => {
    const fault = altered(({ amountOut }) => ({ amountOut: amountOut + 1n }))
    assert.deepEqual(
      brokenBy(fault).filter((name) => /round trip|exact-out|books/.test(name)).length,
      3,
    )
  })

  it('catches exact-out that forgets to round up', () => {
    const broken = brokenBy({
      swapExactOut(state, swap) {
        const result = uniswapV2.swapExactOut(state, swap)
        return { ...result, amountIn: result.amountIn - (result.amountIn > 1n ? 1n : 0n) }
      },
    })
    assert.ok(broken.includes('takes by exact-out the least that pays as much by exact-in'))
  })

  it('catches exact-out that takes a unit too much', () => {
    const broken = brokenBy({
      swapExactOut(state, swap) {
        const { amountIn, amountOut } = uniswapV2.swapExactOut(state, swap)
        return uniswapV2.swapExactIn(state, { ...swap, amountIn: amountIn + 1n }).amountOut > 0n
          ? { ...uniswapV2.swapExactOut(state, swap), amountIn: amountIn + 1n, amountOut }
          : uniswapV2.swapExactOut(state, swap)
      },
    })
    assert.ok(broken.includes('takes by exact-out the least that pays as much by exact-in'))
  })

  it('catches a pair that throws when it runs dry', () => {
    const broken = brokenBy({
      swapExactOut(state, swap) {
        const result = uniswapV2.swapExactOut(state, swap)
        if (result.amountOut < swap.amountOut) throw new RangeError('dry')
        return result
      },
    })
    assert.ok(
      broken.includes('is total: a pool that runs dry fills the same part of any larger swap'),
    )
  })

  it('catches a pair that takes the whole of an input that it fills in part', () => {
    const broken = brokenBy({
      swapExactIn: (state, swap) => ({
        ...uniswapV2.swapExactIn(state, swap),
        amountIn: swap.amountIn,
      }),
    })
    assert.ok(broken.includes('never takes or pays more than asked, nor pays for nothing'))
  })

  it('catches a pair that charges odd amounts more', () => {
    const dear = { feePips: 999_999 }
    const broken = brokenBy({
      swapExactIn: (state, swap) =>
        uniswapV2.swapExactIn(swap.amountIn % 2n === 0n ? state : { ...state, ...dear }, swap),
    })
    assert.ok(broken.includes('pays no less for more'))
  })

  it('catches a pair that forgets a swap', () => {
    const broken = brokenBy({
      swapExactIn: (state, swap) => ({ ...uniswapV2.swapExactIn(state, swap), next: state }),
    })
    assert.ok(broken.includes('pays no more for an input in two swaps than in one'))
    assert.ok(broken.includes('keeps its books'))
  })

  it('catches a codec that loses a field', () => {
    const codec: Module['codec'] = { ...uniswapV2.codec, fields: ['reserves'] }
    assert.deepEqual(brokenBy({ codec }), ['comes out of a snapshot as it went in'])
  })

  it('catches a curve and a price of another fee', () => {
    const dearer = (state: State) => ({ ...state, feePips: state.feePips >> 1 })
    assert.deepEqual(brokenBy({ curve: (state) => uniswapV2.curve(dearer(state)) }), [
      'pays by its curve what it pays',
      'is priced by the slope of its curve at 0',
    ])
    assert.deepEqual(
      brokenBy({ price: (state, from) => uniswapV2.price(dearer(state), from, 1 - from) }),
      ['is priced by the slope of its curve at 0'],
    )
  })
})
