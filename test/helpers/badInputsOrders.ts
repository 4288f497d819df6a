/** Bad orders and broken surroundings at the engine: foreign, expired, replayed, unfunded; relay and node down. */
import { privateKeyToAccount } from 'viem/accounts'
import { connect } from '../../solver/chain/client.ts'
import { BaseError } from '../../solver/core/errors.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { connectLine } from '../../solver/engine/connect.ts'
import { createEngine } from '../../solver/engine/engine.ts'
import { settleSolution } from '../../solver/engine/settleSolution.ts'
import { hashOrder } from '../../solver/intents/eip712.ts'
import type { Order, SignedOrder } from '../../solver/intents/order.ts'
import { createMarket } from '../../solver/market/market.ts'
import { createSubmitter } from '../../solver/submit/submitter.ts'
import type { BadInput, BadWorld, Refusal } from './badInputs.ts'
import type { TestLine } from './line.ts'

/** The order of secp256k1. */
const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** The code and hint of what `action` throws; nothing when it does not. */
export async function thrownBy(action: () => unknown): Promise<Refusal> {
  try {
    await action()
    return { code: undefined, hint: undefined }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { code: (error as BaseError & { code: string }).code, hint: error.hint }
  }
}

/** An order signed properly and then changed. */
function order(
  name: string,
  code: string,
  owner: number,
  over: Partial<Order>,
  change: (signed: SignedOrder, line: TestLine) => SignedOrder = (signed) => signed,
): BadInput {
  return {
    name,
    code,
    run: ({ line }) =>
      thrownBy(async () => line.engine.accept(change(await line.sign(owner, over), line))),
  }
}

/** The same order with fields changed after it was signed, its digest made new: only the signature is off. */
function changed(fields: Partial<Order>) {
  return (signed: SignedOrder): SignedOrder => {
    const next = { ...signed.order, ...fields }
    return { ...signed, order: next, digest: hashOrder(next, signed) }
  }
}

/** (r, n - s) with the other v: the same signature to careless eyes. */
function mirrored(signed: SignedOrder): SignedOrder {
  const bytes = signed.signature.slice(2)
  const s = curveOrder - BigInt(`0x${bytes.slice(64, 128)}`)
  const v = bytes.slice(128) === '1b' ? '1c' : '1b'
  const signature: Hex = `0x${bytes.slice(0, 64)}${s.toString(16).padStart(64, '0')}${v}`
  return { ...signed, signature }
}

/** Settles a good order with a submitter of other relays; the answer is why it was not settled. */
async function settledThrough({ line }: BadWorld, relays: readonly string[]): Promise<Refusal> {
  const { client, engine, options } = line
  const signed = await line.sign(0, { nonce: 900n })
  const { sellToken: tokenIn, buyToken: tokenOut, amount: amountIn } = signed.order
  const found = engine.quote({ tokenIn, tokenOut, amountIn })
  const submitter = createSubmitter({
    client: client.viem,
    relays: relays.map((url) => ({ name: 'broken', url })),
    signer: options.solver,
    relaySigner: options.relaySigner,
    limits: { chainId: 1, feeCap: 10n ** 12n, tip: 10n ** 9n, pollMs: 20 },
    patience: { timeoutMs: 300, retries: 0 },
  })
  if (found === undefined) return { code: undefined, hint: undefined }
  const { quote, bundle } = found
  const sold = quote.amountIn
  const solution = { solver: 'direct', order: signed, quote, sold, bought: quote.amountOut }
  const settlement = line.net.settlement
  const solver = toAddress(options.solver.address)
  const how = { client, submitter, settlement, solver, channel: 'test' }
  const outcome = await settleSolution(how, engine.view(), solution, bundle)
  return 'why' in outcome
    ? { code: outcome.why, hint: 'the order stays open and says why' }
    : { code: undefined, hint: undefined }
}

/** Cases of the engine. Owner 0 is funded, 1 has no approval, 2 has nothing; nonce 7 of owner 0 is used. */
export const orderCases: readonly BadInput[] = [
  order('order of another chain', 'intents.wrong-chain', 0, {}, (signed) => ({
    ...signed,
    chainId: 5,
  })),
  order('order for another contract', 'intents.wrong-chain', 0, {}, (signed, { owner }) => ({
    ...signed,
    settlement: toAddress(owner(3).address),
  })),
  order('foreign signature', 'intents.signature-invalid', 0, {}, (signed, { owner }) =>
    changed({ owner: toAddress(owner(1).address), receiver: toAddress(owner(1).address) })(signed),
  ),
  order(
    'amount changed after signing',
    'intents.signature-invalid',
    0,
    {},
    changed({ amount: 2n }),
  ),
  order(
    'limit changed after signing',
    'intents.signature-invalid',
    0,
    { limitStart: 5n, limitEnd: 5n },
    changed({ limitStart: 4n, limitEnd: 4n }),
  ),
  order('malleable signature', 'intents.signature-invalid', 0, {}, mirrored),
  order('signature of 63 bytes', 'intents.signature-invalid', 0, {}, (signed) => ({
    ...signed,
    signature: signed.signature.slice(0, 128) as Hex,
  })),
  order('digest of another order', 'intents.digest-mismatch', 0, {}, (signed) => ({
    ...signed,
    digest: `0x${'00'.repeat(32)}` as SignedOrder['digest'],
  })),
  order('expired order', 'intents.expired', 0, { validTo: 1_000_000 }),
  order('replayed nonce', 'intents.nonce-used', 0, { nonce: 7n }),
  order('missing allowance', 'engine.allowance-too-low', 1, {}),
  order('missing balance', 'engine.balance-too-low', 2, {}),
  order('unknown flags', 'intents.unknown-flags', 0, {}, changed({ flags: 1 << 13 })),
  order(
    'receiver without its flag',
    'intents.flags-mismatch',
    0,
    {},
    changed({ receiver: `0x${'ab'.repeat(20)}` }),
  ),
  order(
    'receiver is nobody',
    'intents.bad-party',
    0,
    {},
    changed({ receiver: `0x${'00'.repeat(20)}`, flags: 1 }),
  ),
  order('time beyond 40 bits', 'intents.time-out-of-range', 0, {}, (signed) => ({
    ...signed,
    order: { ...signed.order, validTo: 2 ** 41 },
  })),
  {
    name: 'stale view',
    code: 'market.stale',
    run: ({ line }) =>
      thrownBy(() => {
        const { client, options, engine, net } = line
        const late = createEngine({
          client,
          market: createMarket(engine.view()),
          clock: { now: () => BigInt(Math.floor(Date.now() / 1_000)) + 3_600n },
          submitter: createSubmitter({
            client: client.viem,
            relays: [{ name: 'relay', url: net.served.relayUrl }],
            signer: options.solver,
            relaySigner: options.relaySigner,
            limits: { chainId: 1, feeCap: 1n, tip: 1n },
          }),
          settlement: net.settlement,
          solver: toAddress(options.solver.address),
          channel: 'test',
        })
        return late.quote({ tokenIn: '0x', tokenOut: '0x', amountIn: 1n })
      }),
  },
  {
    name: 'node of another chain',
    code: 'chain.wrong-chain',
    run: ({ line }) => thrownBy(() => connect({ urls: [line.net.served.url], chainId: 10 })),
  },
  {
    name: 'node down',
    code: 'chain.unreachable',
    run: ({ line }) =>
      thrownBy(() => connectLine({ ...line.options, rpcUrls: ['http://127.0.0.1:9'] })),
  },
  {
    name: 'no contract at the settlement address',
    code: 'engine.no-settlement',
    run: ({ line }) =>
      thrownBy(() => connectLine({ ...line.options, settlement: `0x${'ab'.repeat(20)}` })),
  },
  {
    name: 'solver without gas money',
    code: 'engine.solver-unfunded',
    run: ({ line }) =>
      thrownBy(() =>
        connectLine({ ...line.options, solver: privateKeyToAccount(`0x${'77'.repeat(32)}`) }),
      ),
  },
  {
    name: 'relay key is the funds key',
    code: 'submit.same-key',
    run: ({ line }) =>
      thrownBy(() => connectLine({ ...line.options, relaySigner: line.options.solver })),
  },
  {
    name: 'no relay',
    code: 'submit.no-relay',
    run: ({ line }) => thrownBy(() => connectLine({ ...line.options, relayUrls: [] })),
  },
  {
    name: 'relay down',
    code: 'submit.relay-down',
    run: (world) => settledThrough(world, ['http://127.0.0.1:9']),
  },
  {
    name: 'relay that is a public node',
    code: 'submit.relay-rejected',
    run: (world) => settledThrough(world, [world.line.net.served.url]),
  },
]
