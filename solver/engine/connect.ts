/** Composes an engine from addresses and keys: connects, reads the market, and wires the rooms. */
import type { LocalAccount } from 'viem/accounts'
import { type ChainClient, connect } from '../chain/client.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, toAddress } from '../core/hex.ts'
import { max } from '../core/rounding.ts'
import { createMarket, type Market } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { PoolRef } from '../pools/pool.ts'
import { createSubmitter } from '../submit/submitter.ts'
import { createEngine, type Engine } from './engine.ts'
import { withVerbs } from './settleSolution.ts'

/** Where the line runs and with which keys. */
export type LineOptions = {
  readonly rpcUrl: string
  readonly relayUrls: readonly string[]
  readonly settlement: Address
  /** Sends settlements; holds ETH for gas only. */
  readonly solver: LocalAccount
  /** Signs relay requests; another key than the solver's. */
  readonly relaySigner: LocalAccount
  readonly pools: readonly PoolRef[]
  /** Between two looks at the head, in milliseconds; 500 when absent. */
  readonly pollMs?: number | undefined
  readonly onSettled?: ((settled: SettledIntent) => void) | undefined
  readonly say?: ((line: string) => void) | undefined
}

/** A composed line and what it is connected to. */
export type Line = { readonly engine: Engine; readonly client: ChainClient }

/** Most wei per gas that a settlement may offer: 500 gwei, above every calm day. */
const feeCapWei = 500n * 10n ** 9n
/** Tip of the first attempt: one gwei is what builders ask on a calm day. */
const tipWei = 10n ** 9n

/**
 * Connects, reads every pool of `options.pools` at the head, and composes the engine.
 *
 * @throws {ChainUnreachableError} `chain.unreachable` and the other errors of `connect` and `readMarket`.
 * @throws {NoSettlementError} `engine.no-settlement`, {@link SolverUnfundedError} `engine.solver-unfunded`.
 * @throws {SameKeyError} `submit.same-key`, {@link NoRelayError} `submit.no-relay`.
 */
export async function connectLine(options: LineOptions): Promise<Line> {
  const { rpcUrl, relayUrls, solver, relaySigner, pollMs = 500, say = () => undefined } = options
  const client = await connect({ urls: [rpcUrl] })
  const { view: whole, requests, missing } = await readMarket(client, options.pools)
  const view = {
    ...whole,
    pools: withVerbs(whole.pools),
    gasPrice: (whole.gasPrice ?? 0n) + tipWei,
  }
  say(`market: ${view.pools.size} pools, ${view.tokens.size} tokens, read in ${requests} requests`)
  if (missing.length > 0)
    say(
      `not read: ${missing.length} pools that are not on this chain or of no built kind, ${missing[0]?.id} first`,
    )
  await requireReady(client, options)
  const submitter = createSubmitter({
    client: client.viem,
    relays: relayUrls.map((url, index) => ({ name: `relay-${index + 1}`, url })),
    signer: solver,
    relaySigner,
    limits: { chainId: client.chainId, feeCap: feeCapWei, tip: tipWei, pollMs },
  })
  const market = createMarket(view, tipWei)
  const engine = createEngine({
    client,
    market,
    // Deadlines follow the chain: a local chain may be ahead of the wall.
    clock: { now: () => max(BigInt(Math.floor(Date.now() / 1_000)), headTime(market)) },
    submitter,
    settlement: options.settlement,
    solver: toAddress(solver.address),
    channel: 'eth_sendBundle',
    tipWei,
    pollMs,
    onSettled: options.onSettled,
    onEvent: say,
  })
  return { engine, client }
}

function headTime(market: Market): bigint {
  return market.view().block?.timestamp ?? 0n
}

/** A line that could never settle must not start: it would take orders and leave them waiting. */
async function requireReady(
  { viem }: ChainClient,
  { settlement, solver }: LineOptions,
): Promise<void> {
  const code = await viem.getCode({ address: settlement })
  if (code === undefined || code === '0x') throw new NoSettlementError(settlement)
  const { address } = solver
  if ((await viem.getBalance({ address })) === 0n) throw new SolverUnfundedError(toAddress(address))
}

/** There is no contract at the settlement's address. */
export class NoSettlementError extends BaseError {
  override readonly code = 'engine.no-settlement'

  constructor(settlement: Address) {
    super('No contract stands at the address of the settlement.', {
      facts: { settlement },
      hint: 'Deploy the settlement on this chain first, or correct the address.',
    })
  }
}

/** The account that sends settlements has no ether for gas. */
export class SolverUnfundedError extends BaseError {
  override readonly code = 'engine.solver-unfunded'

  constructor(solver: Address) {
    super('The account that sends settlements has no ether.', {
      facts: { solver },
      hint: 'Send it ether for gas, a few tenths are enough, and start again.',
    })
  }
}
