/** One winning solution brought on chain: calldata, simulation, private inclusion, and what the receipt says. */
import type { Solution } from '../auction/auction.ts'
import { mainnet } from '../chain/chains/mainnet.ts'
import type { Log } from '../chain/block.ts'
import type { ChainClient } from '../chain/client.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, toAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { MarketView } from '../market/view.ts'
import { uniswapV2Deployments, uniswapV3Deployments } from '../pools/deployments.ts'
import type { PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'
import { readFills } from '../measure/fill.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { Bundle } from '../route/bundle.ts'
import type { Venues } from '../settle/layout.ts'
import { type Preparation, prepareSettlement } from '../settle/prepare.ts'
import type { Settlement } from '../settle/settlement.ts'
import { hasVerb } from '../settle/swapVerb.ts'
import type { Submitter } from '../submit/submitter.ts'

/** What settling needs. */
export type SettleWith = {
  readonly client: ChainClient
  /** For reads on which money depends, see `createAgreed`; `client` when absent. */
  readonly agreed?: ChainClient | undefined
  readonly submitter: Submitter
  readonly settlement: Address
  /** Who sends the settlement. */
  readonly solver: Address
  /** Name of the channel, for the report. */
  readonly channel: string
}

/** Why an order was not settled this time. */
export type NotSettled = {
  readonly why: string
  /** True when it is on chain and only the proof is missing: it must not be tried again. */
  readonly isIncluded?: true | undefined
}

/** The deployments of this chain that the settlement derives pools of. */
export const venues: Venues = {
  uniswapV2: uniswapV2Deployments,
  uniswapV3: uniswapV3Deployments,
  wrappedNative: mainnet.wrappedNative,
}

/** The pools that the settlement can cross: a quote through any other could not be kept. */
export function withVerbs(pools: ReadonlyMap<PoolId, PoolState>): ReadonlyMap<PoolId, PoolState> {
  return new Map([...pools].filter(([, state]) => hasVerb(state, venues)))
}

/**
 * Settles one solution, whose quote `bundle` replays. Ordinary failures are answers: a plan that no longer runs, a relay that is down, a
 * block that was missed. What is not one of our errors is thrown.
 */
export async function settleSolution(
  options: SettleWith,
  view: MarketView,
  solution: Solution,
  bundle: Bundle,
): Promise<SettledIntent | NotSettled> {
  try {
    return await settle(options, view, solution, bundle)
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { why: (error as BaseError & { readonly code: string }).code }
  }
}

async function settle(
  options: SettleWith,
  view: MarketView,
  { order: signed, quote }: Solution,
  bundle: Bundle,
): Promise<SettledIntent | NotSettled> {
  const { submitter, settlement: address, solver, channel } = options
  const client = options.agreed ?? options.client
  const preparation: Preparation = { signed, route: quote, view, solver, venues }
  const settlement = await prepareSettlement(client, preparation)
  if (!keepsItsWord(settlement, quote.amountOut)) return { why: 'simulated-below-quote' }
  const { outcome } = await submitter.submit(settlement, async () => {
    const again = await prepareSettlement(client, preparation).catch(() => undefined)
    return again !== undefined && keepsItsWord(again, quote.amountOut)
  })
  if (outcome.status === 'reverted') return { why: `reverted: ${outcome.reason}` }
  if (outcome.status !== 'included') return { why: 'waiting-inclusion' }
  const { transactionHash: hash } = outcome
  const logs = await readReceiptLogs(client, hash)
  const fill = logs && readFills(logs, address).find(({ digest }) => digest === signed.digest)
  if (fill === undefined) return { why: 'waiting-receipt', isIncluded: true }
  return {
    hash: signed.digest,
    owner: toAddress(signed.order.owner),
    sellToken: signed.order.sellToken,
    buyToken: signed.order.buyToken,
    quote,
    sold: fill.sold,
    quoted: quote.amountOut,
    received: fill.bought,
    gasUsed: outcome.gasUsed,
    channel,
    block: outcome.blockNumber,
    transaction: hash,
    bundle,
  }
}

/** The logs of a transaction that was seen in a block; nodes behind one name may need a moment to agree. */
async function readReceiptLogs(
  { viem }: ChainClient,
  hash: Hex,
): Promise<readonly Log[] | undefined> {
  for (let look = 0; look < limits.receiptLooks; look += 1) {
    const receipt = await viem.getTransactionReceipt({ hash }).catch(() => undefined)
    if (receipt !== undefined) return receipt.logs
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return undefined
}

/** A settlement that pays less than was quoted is planned again rather than sent. */
function keepsItsWord({ expected }: Settlement, quoted: bigint): boolean {
  return expected.every(({ bought }) => bought >= quoted)
}
