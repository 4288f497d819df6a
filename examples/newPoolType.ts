/**
 * A pool type of one's own: Sky's converter, which turns DAI into USDS and back, one to one and without a fee. A
 * real one is this object in `solver/pools/<kind>.ts` and one line in `solver/pools/index.ts`: docs/new-pool-kind.md.
 *
 * `node examples/newPoolType.ts`
 */
import { baseRefOf, type PoolModule, type PoolStateBase, toPoolId } from '../solver/pools/pool.ts'

type ConverterState = PoolStateBase<'daiUsds'>

/** Sky's converter. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const daiUsds: PoolModule<ConverterState> = {
  kind: 'daiUsds',
  about: "Sky's converter of DAI and USDS, one to one",
  // Nothing that happens on chain changes the price.
  topics: [],
  discover: () => undefined,
  *snapshot(ref) {
    // One round of one call, dai(); the market runs the rounds of all pools together.
    const [answer] = yield [{ target: ref.id, value: 0n, data: '0xf4b9fa75' }]
    return answer === undefined ? undefined : { kind: 'daiUsds', id: ref.id, tokens: ref.tokens }
  },
  refOf: baseRefOf,
  apply: (state) => state,
  swapExactIn: (state, { amountIn }) => swap(state, amountIn),
  swapExactOut: (state, { amountOut }) => swap(state, amountOut),
  price: () => 1,
  curve: () => ({
    shape: 'smooth',
    out: (_i, _j, size) => size,
    slope: () => 1,
    mostIn: () => 1e40,
  }),
  codec: {
    idDigits: 40,
    fields: [],
    decode: (base) => ({ kind: 'daiUsds', ...base }),
    encode: () => ({}),
  },
}

function swap(state: ConverterState, amount: bigint) {
  return { amountIn: amount, amountOut: amount, gas: 60_000n, next: state }
}

// What the market does: run the reader's rounds with a node's answers.
const id = toPoolId('0x3225737a9bbb6473cb4a45b7244aca2befdb276a')
const dai = '0x6b175474e89094c44da98b954eedeac495271d0f'
const usds = '0xdc035d45d973e3ec169d2276ddab16f1e407384f'
const reader = daiUsds.snapshot({ kind: 'daiUsds', id, tokens: [dai, usds] })
console.log('reads', reader.next().value)
const { value: state } = reader.next([`0x${'0'.repeat(24)}${dai.slice(2)}`])
if (state === undefined || !('kind' in state)) throw new TypeError('the reader gave no state')
// The law that every pool type keeps: no free round trip.
const amountIn = 10n ** 18n
const there = daiUsds.swapExactIn(state, { indexIn: 0, indexOut: 1, amountIn })
const back = daiUsds.swapExactIn(state, { indexIn: 1, indexOut: 0, amountIn: there.amountOut })
console.log(`1 DAI -> ${there.amountOut} -> ${back.amountOut}`)
if (back.amountOut > amountIn) throw new TypeError('a round trip made money')
