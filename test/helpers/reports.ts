/** Settled intents without a chain: a quote on the auctions' market and what became of it. */
import type { SettledIntent } from '../../solver/measure/report.ts'
import { createBundle } from '../../solver/route/bundle.ts'
import type { Quote } from '../../solver/route/route.ts'
import { aView, quoteOf } from './auctions.ts'
import { aSigned } from './auctions.ts'
import { ownerAddress } from './orders.ts'
import { tokenA, tokenB } from './pools.ts'

/** An intent settled as quoted, with changes. */
export function aSettled(
  change: Partial<SettledIntent> = {},
  quoteChange: Partial<Quote> = {},
): SettledIntent {
  const view = aView()
  const found = quoteOf(view, { tokenIn: tokenA, tokenOut: tokenB, amountIn: 10n ** 20n })
  const quote = { ...found, ...quoteChange }
  return {
    hash: aSigned().digest,
    owner: ownerAddress,
    sellToken: tokenA,
    buyToken: tokenB,
    quote,
    sold: quote.amountIn,
    quoted: quote.amountOut,
    received: quote.amountOut,
    gasUsed: 123_456n,
    channel: 'eth_sendBundle',
    block: 77n,
    transaction: `0x${'7a'.repeat(32)}`,
    bundle: createBundle(view, found, { gasPrice: 0n, executable: true }),
    ...change,
  }
}
