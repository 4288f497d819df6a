/** A submitter over a served chain with two relays, and the pace at which tests make blocks. */
import { after, afterEach, before, describe } from 'mocha'
import type { PublicClient } from 'viem'
import type { Hex } from '../../solver/core/hex.ts'
import type { ServedNode } from '../../solver/localnet/serve/serve.ts'
import type { Settlement } from '../../solver/settle/settlement.ts'
import { createMemoryOutbox } from '../../solver/submit/outbox.ts'
import {
  createSubmitter,
  type Submitter,
  type SubmitterOptions,
} from '../../solver/submit/submitter.ts'
import { localAccount, relayKey, startServed, until } from './served.ts'

/** One gwei, in wei. */
export const gwei = 10n ** 9n

/** A settlement that does nothing, but can be told by its calldata. */
export const settlement: Settlement = {
  to: '0x00000000000000000000000000000000000000cc',
  data: `0x${'5e771e'.repeat(12)}`,
  gasLimit: 100_000n,
  expected: [],
}

/** One that reverts. */
export const reverting: Settlement = {
  ...settlement,
  to: '0x00000000000000000000000000000000000000aa',
}

/** Who signs the settlements. */
export const signer = localAccount(1)

/** What a test of the submitter works with. */
export type Line = {
  readonly served: ServedNode
  readonly client: PublicClient
  readonly outbox: ReturnType<typeof createMemoryOutbox>
  /** A submitter over both relays; `limits` are merged into its limits. */
  make(more?: Partial<SubmitterOptions>, limits?: object): Submitter
  /** One over the first relay alone, for which a block is sealed after each event. */
  paced(more?: Partial<SubmitterOptions>, limits?: object): Submitter
  /** Seals a block whenever `waiting` bundles wait for it, until `work` is done. */
  sealing<value>(work: Promise<value>, waiting?: number): Promise<value>
  /** Seals a block a little later: the submitter is still at work when it hears of an event. */
  sealSoon(): void
  /** Ends all faults. */
  heal(): void
  /** The signer's next nonce at the head. */
  sealedNonce(): Promise<number>
}

/** Describes tests over one served chain; `define` gets the line when its tests are defined. */
export function describeSubmitting(title: string, define: (line: Line) => void): void {
  describe(title, () => {
    const state: Partial<{ started: Awaited<ReturnType<typeof startServed>> }> = {}
    const started = () => {
      if (state.started === undefined) throw new Error('the chain starts in `before`')
      return state.started
    }
    const asked: Promise<unknown>[] = []
    const line = createLine(
      () => started().served,
      () => started().client,
      asked,
    )
    before(async () => {
      state.started = await startServed({ relays: ['flashbots', 'flashbots'] })
      const params = [reverting.to, '0x5f5ffd']
      await line.served.node.request({ method: 'hardhat_setCode', params })
    })
    afterEach(async () => {
      line.heal()
      // A block that a finished test asked for must not surprise the next one.
      await Promise.all(asked.splice(0))
    })
    after(() => started().close())
    define(line)
  })
}

function createLine(
  served: () => ServedNode,
  client: () => PublicClient,
  asked: Promise<unknown>[],
): Line {
  const outbox = createMemoryOutbox()
  const make: Line['make'] = (more = {}, limits = {}) =>
    createSubmitter({
      client: client(),
      relays: served().relayUrls.map((url, index) => ({ name: `relay${index}`, url })),
      signer,
      relaySigner: relayKey,
      patience: { timeoutMs: 10_000, retries: 0 },
      outbox,
      limits: {
        chainId: 1,
        tip: gwei,
        feeCap: 500n * gwei,
        pollMs: 5,
        stallMs: 20_000,
        ...limits,
      },
      ...more,
    })
  const sealSoon = () => {
    const later = new Promise((resolve) => setTimeout(resolve, 15))
    asked.push(later.then(() => served().seal()))
  }
  return {
    get served() {
      return served()
    },
    get client() {
      return client()
    },
    outbox,
    make,
    sealSoon,
    paced(more = {}, limits = {}) {
      const onEvent: SubmitterOptions['onEvent'] = ({ kind }) => {
        if (kind !== 'missed') sealSoon()
      }
      const relays = [{ name: 'relay0', url: served().relayUrl }]
      return make({ onEvent, relays, ...more }, limits)
    },
    async sealing(work, waiting = 1) {
      const progress = { done: false }
      const settled = work.finally(() => (progress.done = true)).catch(() => undefined)
      for (let sealed = 0; sealed < 10 && !progress.done; sealed += 1) {
        await until(() => progress.done || served().pending().bundles >= waiting)
        if (!progress.done) await served().seal()
      }
      await settled
      return work
    },
    heal: () => [0, 1].forEach((relay) => served().setFault('none', relay)),
    sealedNonce: () => client().getTransactionCount({ address: signer.address }),
  }
}

/** Lower-case address of the signer, as the outbox names it. */
export const signerAddress = signer.address.toLowerCase() as Hex
