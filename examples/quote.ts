/**
 * The best plan for one trade over a market snapshot, and the proof of how good it is.
 *
 * `node examples/quote.ts [MARKET.json[.gz]] [SELL] [BUY] [AMOUNT in base units]`
 */
import { join } from 'node:path'
import { findToken } from '../solver/market/findToken.ts'
import { loadSnapshot } from '../solver/market/snapshotFile.ts'
import { amountText, drawRouteText } from '../solver/measure/routeText.ts'
import { createBundle } from '../solver/route/bundle.ts'
import { findQuote } from '../solver/route/quote.ts'
import { verifyCertificate } from '../solver/route/verify.ts'

const [
  file = join(import.meta.dirname, 'market.json'),
  sell = 'WETH',
  buy = 'USDC',
  amount = '100000000000000000000',
] = process.argv.slice(2)

const { view } = await loadSnapshot(file)
const tokenIn = findToken(view, sell).address
const tokenOut = findToken(view, buy).address

// Pure: the same view and request give the same quote, byte for byte.
const quote = findQuote(view, { tokenIn, tokenOut, amountIn: BigInt(amount) })
if (quote === undefined) {
  console.log(`no pools join ${sell} and ${buy} for this amount`)
  process.exit(3)
}
for (const line of drawRouteText(quote.route, view)) console.log(line)
console.log(`pays ${amountText(quote.amountOut, tokenOut, view)} before gas`)
const single = quote.bestSinglePool
if (single) console.log(`the best single pool pays ${amountText(single.amountOut, tokenOut, view)}`)

// Anybody can recompute the bound from the pool states, without the search.
const proof = verifyCertificate(createBundle(view, quote))
if (!proof.valid) throw new TypeError(`the certificate does not hold: ${proof.reason}`)
console.log(`proven: no plan over these pools nets more than ${proof.gapBps.toFixed(4)} bps on top`)
