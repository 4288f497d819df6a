/**
 * A quote as a file that anybody can check: written, read, searched again to the same digest, and refused once
 * a single digit is changed.
 *
 * `node examples/replay.ts`
 */
import { join } from 'node:path'
import { BaseError } from '../solver/core/errors.ts'
import { findToken } from '../solver/market/findToken.ts'
import { loadSnapshot } from '../solver/market/snapshotFile.ts'
import { createBundle, formatBundle, parseBundle, replayBundle } from '../solver/route/bundle.ts'
import { findQuote } from '../solver/route/quote.ts'

const { view } = await loadSnapshot(join(import.meta.dirname, 'market.json'))
const quote = findQuote(view, {
  tokenIn: findToken(view, 'DAI').address,
  tokenOut: findToken(view, 'WETH').address,
  amountIn: 250_000n * 10n ** 18n,
})
if (quote === undefined) throw new TypeError('no pools join DAI and WETH')

// The text holds the request, the options, every pool state and the result: nothing else is needed.
const text = formatBundle(createBundle(view, quote))
const bundle = parseBundle(text)
const { digest } = replayBundle(bundle)
console.log(`quoted   ${bundle.digest}`)
console.log(`replayed ${digest} ${digest === bundle.digest ? 'the same' : 'ANOTHER'}`)
if (digest !== bundle.digest) process.exit(5)

try {
  parseBundle(text.replace(/"amountOut":"(\d+)"/, '"amountOut":"9$1"'))
  throw new TypeError('a changed bundle was taken for the original')
} catch (error) {
  if (!(error instanceof BaseError)) throw error
  console.log(
    `with one amount changed it is refused: ${(error as BaseError & { code: string }).code}`,
  )
}
