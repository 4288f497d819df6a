/**
 * The SDK as viem actions: price, quote, approve, sign, hand in and follow an intent.
 *
 * The server is not trusted with what is signed or approved: both are derived here from the caller's request
 * (`bindings.ts`), and only ever for one settlement contract a chain.
 */
import { getAddress } from 'viem/utils'
import type { Address, Hex } from '../solver/core/hex.ts'
import type { SignedOrder } from '../solver/intents/order.ts'
import { signedOrderToJson } from '../solver/intents/orderJson.ts'
import {
  type FirmPart,
  type IntentState,
  type NoLiquidity,
  type Price,
  readFirmPart,
  readIntentState,
  readPrice,
} from './answers.ts'
import { type Approval, createApprover } from './approvals.ts'
import { bindOrder, type Offer } from './bindings.ts'
import { MismatchError, NoLiquidityError, QuoteExpiredError } from './errors.ts'
import { createHttp, type HttpOptions } from './http.ts'
import {
  type BoundRequest,
  bindPrice,
  bindRequest,
  type PriceRequest,
  type QuoteRequest,
  requireAddress,
} from './request.ts'
import { createSettlements, type Settlements } from './settlements.ts'
import { signIntentWith } from './signIntent.ts'
import { createWallet, type Wallet, type WalletClient } from './wallet.ts'
import { watchState, type WatchOptions } from './watch.ts'

/** Where the server is, and the settlement contract that signatures and approvals may name. */
export type IntentOptions = HttpOptions & {
  /** Give it wherever real funds are used. When absent, the first quote's own is pinned for this client. */
  readonly settlement?: Address | undefined
}

/** A firm quote for one taker. `request` is the caller's own, with defaults filled in. */
export type Quote = Price &
  FirmPart & {
    readonly request: BoundRequest
    readonly settlement: Address
    /** What has to be approved before the intent can be filled, exactly; empty when enough is approved. */
    readonly approvals: readonly Approval[]
  }

/** A signed order, ready to be handed in, with the quote that it takes. */
export type SignedIntent = SignedOrder & { readonly quoteId: Hex }

/** What a client can do. Every function throws errors with `code`, `facts` and `hint`. */
export type IntentActions = {
  /** An indicative price, bound to nobody. */
  getPrice(request: PriceRequest): Promise<Price | NoLiquidity>
  /**
   * A firm quote with the approvals that it needs. No route is an answer: test `liquidityAvailable` first.
   *
   * @throws {MismatchError} `sdk.mismatch`, when the server offers anything else to sign.
   */
  getQuote(request: QuoteRequest): Promise<Quote | NoLiquidity>
  /**
   * Sends one approval and waits until it is mined; gives the transaction's hash.
   *
   * @throws {SpenderRefusedError} `sdk.spender-refused`, for any spender but the settlement and Permit2.
   * @throws {ApprovalRevertedError} `sdk.approval-reverted`.
   */
  approve(approval: Approval): Promise<Hex>
  /**
   * Rebuilds the order from the request of `quote`, compares, and has the wallet sign the rebuilt one.
   *
   * @throws {MismatchError} `sdk.mismatch`; {@link QuoteExpiredError} `sdk.quote-expired`;
   *   {@link WrongSignatureError} `sdk.wrong-signature`, when the wallet signed as somebody else.
   */
  signIntent(quote: Quote): Promise<SignedIntent>
  /** Hands a signed intent in. The same intent again answers the same. */
  submitIntent(intent: SignedIntent): Promise<IntentState>
  getIntent(intentHash: Hex): Promise<IntentState>
  /**
   * The state of an intent now and after each change, up to and including its end. Leaving the loop or
   * aborting `signal` ends it.
   *
   * @throws {WatchTimeoutError} `sdk.watch-timeout`.
   */
  watchIntent(
    intent: Hex | Pick<IntentState, 'intentHash'>,
    options?: WatchOptions,
  ): AsyncGenerator<IntentState, void, undefined>
}

/** What the actions share. */
type Context = {
  readonly http: ReturnType<typeof createHttp>
  readonly wallet: Wallet
  readonly settlements: Settlements
}

/**
 * Actions for `client.extend(...)` of any viem client.
 *
 * @example
 * const client = createWalletClient({ transport: custom(window.ethereum) }).extend(
 *   intentActions({ url: 'http://127.0.0.1:4000', settlement }),
 * )
 * @throws {BadRequestError} `sdk.bad-request`, when `url` or `settlement` is malformed.
 */
export function intentActions(options: IntentOptions): (client: WalletClient) => IntentActions {
  const http = createHttp(options)
  const given =
    options.settlement === undefined ? undefined : requireAddress('settlement', options.settlement)
  return (client) => {
    const wallet = createWallet(client)
    const context = { http, wallet, settlements: createSettlements(wallet, given) }
    const approve = createApprover(wallet, context.settlements)
    const getIntent = async (intentHash: Hex) =>
      readIntentState(await http.get(`/v1/intents/${intentHash}`))
    return {
      async getPrice(request) {
        const query = bindPrice(request, await wallet.chainId())
        return readPrice(await http.get('/v1/price', query))
      },
      getQuote: (request) => getQuote(request, context, approve.needed),
      approve: approve.send,
      signIntent: (quote) => signIntent(quote, context),
      submitIntent: (intent) => submitIntent(intent, context),
      getIntent,
      watchIntent: (intent, watch) =>
        watchState(typeof intent === 'string' ? intent : intent.intentHash, getIntent, watch),
    }
  }
}

async function getQuote(
  asked: QuoteRequest,
  { http, wallet, settlements }: Context,
  approvalsOf: (request: BoundRequest, amount: bigint, settlement: Address) => Promise<Approval[]>,
): Promise<Quote | NoLiquidity> {
  const [chainId, taker] = await Promise.all([
    wallet.chainId(),
    asked.taker === undefined ? wallet.account() : requireAddress('taker', asked.taker),
  ])
  const request = bindRequest(asked, { chainId, taker })
  const { minBuyAmount: _least, maxSellAmount: _most, ...body } = request
  const answer = await http.post('/v1/quote', body)
  const price = readPrice(answer)
  if (!price.liquidityAvailable) return price
  const firm = readFirmPart(answer)
  const { domain } = await bind({ request, price, intent: firm.intent }, wallet, settlements)
  await settlements.pin(domain)
  const { settlement } = domain
  const approvals = await approvalsOf(request, price.sellAmount, settlement)
  return { ...price, ...firm, request, settlement: getAddress(settlement), approvals }
}

async function signIntent(
  quote: Quote | NoLiquidity,
  { wallet, settlements }: Context,
): Promise<SignedIntent> {
  if (!quote.liquidityAvailable) throw new NoLiquidityError(quote.reasons)
  const { request, quoteId, intent } = quote
  const chainId = await wallet.chainId()
  if (chainId !== request.chainId) throw new MismatchError('chainId', request.chainId, chainId)
  const { order, domain, headTime } = await bind(
    { request, price: quote, intent },
    wallet,
    settlements,
  )
  await settlements.pin(domain)
  if (order.validTo < headTime) throw new QuoteExpiredError(order.validTo, headTime)
  return { ...(await signIntentWith(wallet, order, domain, request.funding)), quoteId }
}

/** The order of an offer, and the chain's time at which it was bound. */
async function bind(offer: Offer, wallet: Wallet, settlements: Settlements) {
  const headTime = await wallet.headTime()
  // A node that lags must not make an honest quote look too long; a chain may also be ahead of the wall.
  const now = Math.max(headTime, Math.floor(Date.now() / 1_000))
  const settlement = settlements.known(offer.request.chainId)
  return { ...bindOrder(offer, { settlement, now }), headTime }
}

async function submitIntent(
  { quoteId, ...signed }: SignedIntent,
  { http }: Context,
): Promise<IntentState> {
  const state = readIntentState(
    await http.post('/v1/intents', { ...signedOrderToJson(signed), quoteId }),
  )
  if (state.intentHash !== signed.digest)
    throw new MismatchError('intentHash', signed.digest, state.intentHash)
  return state
}
