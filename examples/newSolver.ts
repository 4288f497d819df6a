/**
 * A solver of one's own in an auction: it fills each order through the best single pool, and loses to the one
 * that splits. A real one is this object in `solver/solve/<name>.ts` and one line in `solver/solve/index.ts`.
 *
 * `node examples/newSolver.ts`
 */
import { join } from 'node:path'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Auction, Solver } from '../solver/auction/auction.ts'
import { scoreSolution } from '../solver/auction/score.ts'
import { selectWinners } from '../solver/auction/select.ts'
import { toAddress, zeroAddress } from '../solver/core/hex.ts'
import { signerOf, signOrder } from '../solver/intents/sign.ts'
import { findToken } from '../solver/market/findToken.ts'
import { loadSnapshot } from '../solver/market/snapshotFile.ts'
import { findQuote } from '../solver/route/quote.ts'
import { direct } from '../solver/solve/direct.ts'

const onePool: Solver = {
  name: 'onePool',
  solve: ({ view, orders }) =>
    orders.flatMap((order) => {
      const { sellToken: tokenIn, buyToken: tokenOut, amount: amountIn } = order.order
      const request = { tokenIn, tokenOut, amountIn }
      const quote = findQuote(view, request, { executable: true, maxLegs: 1 })
      if (quote === undefined) return []
      return [{ solver: 'onePool', order, quote, sold: quote.amountIn, bought: quote.amountOut }]
    }),
}

const { view } = await loadSnapshot(join(import.meta.dirname, 'market.json'))
const account = privateKeyToAccount(generatePrivateKey())
const owner = toAddress(account.address)
const [sellToken, buyToken] = [findToken(view, 'WETH').address, findToken(view, 'USDC').address]
const amounts = { amount: 10n ** 20n, limitStart: 1n, limitEnd: 1n, nonce: 0n, flags: 0 }
const times = { decayStart: 0, decayEnd: 0, validTo: 2_000_000_000 }
const parties = { owner, receiver: owner, auctioneer: zeroAddress, sellToken, buyToken }
const domain = { chainId: 1, settlement: toAddress(`0x${'5e'.repeat(20)}`) }
const order = { ...parties, ...amounts, ...times }
const signed = await signOrder(order, domain, 'allowance', signerOf(account))

const auction: Auction = { view, orders: [signed], settlesAt: 0, solver: owner }
// The auction believes nobody: it runs each plan again on its own view.
const results = [direct, onePool].flatMap((solver) => solver.solve(auction))
const scored = results.flatMap((solution) => {
  const result = scoreSolution(auction, solution)
  const outcome = 'rejected' in result ? result.rejected : `${result.scoreWei} wei over the limit`
  console.log(`${solution.solver}: ${solution.quote.route.legs.length} legs, ${outcome}`)
  return 'rejected' in result ? [] : [result]
})
for (const { solution } of selectWinners(scored)) console.log(`winner: ${solution.solver}`)
