/** An order and its plan, encoded and simulated: ready to be signed as one transaction. */
import type { Address } from '../core/hex.ts'
import { mulDivUp } from '../core/rounding.ts'
import type { SignedOrder } from '../intents/order.ts'
import type { MarketView } from '../market/view.ts'
import type { Quote, Route } from '../route/route.ts'
import { type EncodeOptions, encodeSettlement } from './program.ts'
import type { Settlement } from './settlement.ts'
import { type EthClient, simulateSettlement } from './simulate.ts'

/** What {@link prepareSettlement} works on. */
export type Preparation = EncodeOptions & {
  readonly signed: SignedOrder
  readonly route: Quote | Route
  /** The view that the route was found on. */
  readonly view: MarketView
  /** Who will send the settlement. */
  readonly solver: Address
  /** Block to simulate on; absent means the newest. */
  readonly blockNumber?: bigint | undefined
}

/**
 * Encodes the settlement of one order, runs it on `client`, and gives it a gas limit a tenth above the
 * estimate: pools cost a little more when another swap comes first.
 *
 * @throws the errors of {@link encodeSettlement} and {@link simulateSettlement}. Nothing was sent then.
 */
export async function prepareSettlement(
  client: EthClient,
  preparation: Preparation,
): Promise<Settlement> {
  const { signed, route, view, solver, blockNumber, ...options } = preparation
  const data = encodeSettlement(signed, route, view, options)
  const { fills, gas } = await simulateSettlement(client, { signed, data, solver, blockNumber })
  return { to: signed.settlement, data, gasLimit: mulDivUp(gas, 11n, 10n), expected: fills }
}
