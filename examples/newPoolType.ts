/**
 * A pool type of one's own: WETH9, which turns ETH into WETH and back, one to one and without a fee. A real one
 * is this object in `solver/pools/<kind>.ts` and one line in `solver/pools/index.ts`.
 *
 * `node examples/newPoolType.ts`
 */
import { type Address, zeroAddress } from '../solver/core/hex.ts'
import { poolModules } from '../solver/pools/index.ts'
import {
  type PoolModule,
  type PoolStateBase,
  type SwapResult,
  toPoolId,
} from '../solver/pools/pool.ts'

type WrapState = PoolStateBase<'wethWrap'>
const weth: Address = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'

const wethWrap: PoolModule<WrapState> = {
  kind: 'wethWrap',
  // Nothing that happens on chain changes the price.
  topics: [],
  discover: () => undefined,
  *snapshot(ref) {
    // One round of one call, totalSupply(); the market runs the rounds of all pools together.
    const [supply] = yield [{ target: weth, value: 0n, data: '0x18160ddd' }]
    return supply === undefined ? undefined : { kind: 'wethWrap', id: ref.id, tokens: ref.tokens }
  },
  apply: (state) => state,
  swapExactIn: (state, { amountIn }) => swap(state, amountIn),
  swapExactOut: (state, { amountOut }) => swap(state, amountOut),
  price: () => 1,
  // The router takes ETH and its wrapped token for one: it needs no curve to cross this pool.
  curve: () => undefined,
}

function swap(state: WrapState, amount: bigint): SwapResult<WrapState> {
  return { amountIn: amount, amountOut: amount, gas: 28_000n, next: state }
}

console.log(`kinds: ${Object.keys({ ...poolModules, wethWrap }).join(', ')}`)

// What the market does: run the reader's rounds with a node's answers.
const ref = { kind: 'wethWrap', id: toPoolId(weth), tokens: [zeroAddress, weth] }
const reader = wethWrap.snapshot(ref)
console.log('reads', reader.next().value)
const { value: state } = reader.next(['0x01'])
if (state === undefined || !('kind' in state)) throw new TypeError('the reader gave no state')

// The law that every pool type keeps: no free round trip.
const there = wethWrap.swapExactIn(state, { indexIn: 0, indexOut: 1, amountIn: 10n ** 18n })
const back = wethWrap.swapExactIn(there.next, {
  indexIn: 1,
  indexOut: 0,
  amountIn: there.amountOut,
})
console.log(`1 ETH -> ${there.amountOut} -> ${back.amountOut}`)
if (back.amountOut > there.amountIn) throw new TypeError('a round trip made money')
