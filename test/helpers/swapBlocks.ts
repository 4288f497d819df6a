/** Made-up blocks in which pools swap: the logs that the venues would write, and the states after them. */
import { encodeAbiParameters } from 'viem/utils'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { isRouted, type RoutedState } from '../../solver/route/routed.ts'
import { hashOf } from './fakeNode.ts'

/** The block before the first made-up one. */
export const firstBlock: BlockRef = {
  number: 1_000n,
  hash: hashOf(1_000),
  parentHash: hashOf(999),
  timestamp: 1_760_000_000n,
}

const v3Swap = '0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67'
const v4Swap = '0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f'

/** `count` blocks after {@link firstBlock}, with one swap in each of `touched` pools drawn anew each time. */
export function blocksOf(
  view: MarketView,
  { count, touched, seed }: { count: number; touched: number; seed: number },
): (ChainEvent & { kind: 'block' })[] {
  const rng = createRng(seed)
  const pools = [...view.pools.values()].filter(isRouted)
  let parent = firstBlock
  return Array.from({ length: count }, () => {
    const logs: Log[] = []
    const drawn = new Set<number>()
    while (drawn.size < touched) drawn.add(rng.int(0, pools.length - 1))
    for (const at of drawn) {
      const state = pools[at]
      if (state === undefined) continue
      const { next, log } = aSwap(state, rng)
      pools[at] = next
      logs.push(log)
    }
    const block = {
      number: parent.number + 1n,
      hash: hashOf(Number(parent.number) + 1),
      parentHash: parent.hash,
      timestamp: parent.timestamp + 12n,
    }
    parent = block
    return { kind: 'block', block, logs, nextBaseFee: 10n ** 9n }
  })
}

/** A small swap through `state`, and the log of its venue. */
export function aSwap(state: RoutedState, rng: Rng): { next: RoutedState; log: Log } {
  const indexIn = rng.int(0, 1)
  const amountIn = rng.logUniform(10n ** 6n, 10n ** 12n)
  const { next } = moduleOf(state).swapExactIn(state, { indexIn, indexOut: 1 - indexIn, amountIn })
  return { next, log: logOf(next) }
}

function logOf(state: RoutedState): Log {
  if (state.kind === 'uniswapV2') {
    const data = encodeAbiParameters([{ type: 'uint112' }, { type: 'uint112' }], state.reserves)
    return { address: state.id, topics: uniswapV2.topics, data }
  }
  const who = toWord(1n)
  const types = ['int256', 'int256', 'uint160', 'uint128', 'int24', 'uint24']
  const isV3 = state.kind === 'uniswapV3'
  const values = [1n, -1n, state.sqrtPriceX96, state.liquidity, state.tick, state.feePips]
  const used = isV3 ? 5 : 6
  const data = encodeAbiParameters(
    types.slice(0, used).map((type) => ({ type })),
    values.slice(0, used),
  )
  return isV3
    ? { address: state.id, topics: [v3Swap, who, who], data }
    : { address: mainnet.uniswapV4PoolManager, topics: [v4Swap, state.id, who], data }
}
