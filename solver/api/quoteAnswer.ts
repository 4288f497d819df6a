/** A quote as the API answers it. */
import { getAddress } from 'viem/utils'
import type { Address } from '../core/hex.ts'
import { mulDivDown } from '../core/rounding.ts'
import type { Engine } from '../engine/engine.ts'
import type { FirmQuote } from '../engine/options.ts'
import { unfitReason } from '../market/traits.ts'
import { bpsAbove } from '../measure/report.ts'
import type { Quote, QuoteRequest } from '../route/route.ts'
import { AmountAmbiguousError, UnsupportedChainError } from './errors.ts'

/** The request part of price and quote, after its schema. */
export type PairInput = {
  readonly chainId?: number | undefined
  readonly sellToken: Address
  readonly buyToken: Address
  readonly sellAmount?: bigint | undefined
  readonly buyAmount?: bigint | undefined
  readonly gasPriceWei?: bigint | undefined
}

/** Slippage of a quote through a private channel, in 1/100 %. */
export const defaultSlippageBps = 5
/** All but a hundredth of a per cent: an order that gives everything away is none. */
export const mostSlippageBps = 9_999

/** The least that an order for `buyAmount` accepts, in base units: at least 1, as the settlement demands. */
export function leastBought(buyAmount: bigint, slippageBps: number): bigint {
  const least = mulDivDown(buyAmount, BigInt(10_000 - slippageBps), 10_000n)
  return least < 1n ? 1n : least
}

/**
 * The best plan for `input`, or `undefined` when there is none.
 *
 * @throws {AmountAmbiguousError} `api.amount-ambiguous`.
 * @throws {UnsupportedChainError} `api.unsupported-chain`.
 */
export function quotePair(input: PairInput, engine: Engine): FirmQuote | undefined {
  const { sellToken, buyToken, sellAmount, buyAmount, chainId, gasPriceWei } = input
  const served = engine.view().chainId
  if (chainId !== undefined && chainId !== served) throw new UnsupportedChainError(chainId, served)
  if ((sellAmount === undefined) === (buyAmount === undefined)) throw new AmountAmbiguousError()
  const request: QuoteRequest =
    sellAmount === undefined
      ? { tokenIn: sellToken, tokenOut: buyToken, amountOut: buyAmount ?? 0n }
      : { tokenIn: sellToken, tokenOut: buyToken, amountIn: sellAmount }
  return engine.quote(request, gasPriceWei === undefined ? {} : { gasPrice: gasPriceWei })
}

/** Why there is no plan: what was found of the two tokens, or else that no pools join them deep enough. */
export function reasonsOf({ sellToken, buyToken }: PairInput, engine: Engine): readonly string[] {
  const { tokens } = engine.view()
  const unfit = [sellToken, buyToken].flatMap((address) => {
    const token = tokens.get(address)
    return token === undefined ? [] : (unfitReason(token) ?? [])
  })
  return unfit.length > 0 ? [...new Set(unfit)] : ['no-depth']
}

/** The answer to a price request; with no route amounts are null and `reasons` say why. */
export function priceAnswer(
  input: PairInput,
  found: Pick<FirmQuote, 'quote'> | undefined,
  slippageBps: number,
  reasons: readonly string[] = ['no-depth'],
): Record<string, unknown> {
  const kind = input.sellAmount === undefined ? 'buy' : 'sell'
  const tokens = { sellToken: getAddress(input.sellToken), buyToken: getAddress(input.buyToken) }
  if (found === undefined)
    return {
      liquidityAvailable: false,
      kind,
      ...tokens,
      sellAmount: input.sellAmount ?? null,
      buyAmount: input.buyAmount ?? null,
      reasons,
    }
  const { quote } = found
  const single = quote.bestSinglePool
  return {
    liquidityAvailable: true,
    kind,
    block: { number: quote.block?.number, hash: quote.block?.hash },
    ...tokens,
    sellAmount: quote.amountIn,
    buyAmount: quote.amountOut,
    minBuyAmount: leastBought(quote.amountOut, slippageBps),
    minBuyAmountRule: 'max(1,floor(buyAmount*(10000-slippageBps)/10000))',
    slippageBps,
    priceImpactBps: quote.priceImpactBps,
    costs: { gasUnits: quote.gas, netAmount: quote.netAmount },
    bestSingleVenue: single ?? null,
    savingsBps: single === undefined ? null : savings(kind, quote, single),
    optimality: { scope: 'net-of-gas', bound: quote.certificate.bound, gapBps: quote.gapBps },
    route: { legs: quote.route.legs },
  }
}

/** What the plan is better by than the best single pool, in 1/100 %: it pays more, or for a purchase takes less. */
function savings(
  kind: 'sell' | 'buy',
  quote: Quote,
  single: NonNullable<Quote['bestSinglePool']>,
): number {
  return kind === 'sell'
    ? bpsAbove(quote.amountOut, single.amountOut)
    : bpsAbove(single.amountIn, quote.amountIn)
}
