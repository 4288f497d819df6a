/** `isoprice`: everything that a page or a program needs to trade through an isoprice server. */
export type { IntentState, NoLiquidity, Price, PriceLeg } from './answers.ts'
export type { Approval } from './approvals.ts'
export { type Binding, bindOrder, type Expectation, type Offer } from './bindings.ts'
export {
  type IntentActions,
  intentActions,
  type IntentOptions,
  type Quote,
  type SignedIntent,
} from './client.ts'
export { createIntentClient, type Eip1193Provider } from './eip1193.ts'
export * from './errors.ts'
export type { BoundRequest, PriceRequest, QuoteRequest } from './request.ts'
export { isFinal, type WatchOptions } from './watch.ts'
