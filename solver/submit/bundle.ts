/**
 * The private channel: bundles sent to a relay, never to a public mempool.
 *
 * Source: https://docs.flashbots.net/flashbots-auction/advanced/rpc-endpoint
 */
import { randomUUID } from 'node:crypto'
import { concatHex, isHash, keccak256, numberToHex } from 'viem/utils'
import type { Hex } from '../core/hex.ts'
import type { Channel } from './channel.ts'
import type { MessageSigner } from './flashbotsHeader.ts'
import { RelayMalformedError, RelayWrongHashError } from './relayErrors.ts'
import { createRelayRpc, type RelayPatience, type RelayTarget } from './relayRpc.ts'

/** Transactions for exactly one block, all or none, in this order. */
export type Bundle = {
  /** Raw and signed, 1 to 100. */
  readonly txs: readonly Hex[]
  readonly blockNumber: bigint
  /** Unix seconds, inclusive, compared with the block's own. */
  readonly minTimestamp?: number | undefined
  readonly maxTimestamp?: number | undefined
  /** Those that may revert without undoing the bundle. A settlement is never among them. */
  readonly revertingTxHashes?: readonly Hex[] | undefined
  /** UUID version 4 by which this bundle is replaced or cancelled. */
  readonly replacementUuid?: string | undefined
  readonly builders?: readonly string[] | undefined
}

/** A bundle to be simulated on a state, `stateBlockNumber`: a block or `latest`. */
export type BundleCall = {
  readonly txs: readonly Hex[]
  readonly blockNumber: bigint
  readonly stateBlockNumber: bigint | 'latest'
  /** Unix seconds of the simulated block; the relay's choice when absent. */
  readonly timestamp?: number | undefined
}

/** What the simulation of one transaction gave. */
export type BundleCallResult = {
  readonly txHash: Hex
  readonly gasUsed: bigint
  /** The reason, when it failed. */
  readonly error?: string | undefined
}

/** What the simulation of a bundle gave. */
export type BundleSimulation = {
  readonly bundleHash: Hex
  /** Wei that the block's beneficiary gains: tips and direct payments. */
  readonly coinbaseDiffWei: bigint
  readonly totalGasUsed: bigint
  readonly stateBlockNumber: bigint
  readonly results: readonly BundleCallResult[]
}

/** The verbs of one relay. Calls reject with the errors of `createRelayRpc`. */
export type BundleClient = {
  readonly name: string
  /** The relay's hash of the bundle, checked: `submit.relay-wrong-hash` when it is another's. */
  sendBundle(bundle: Bundle): Promise<Hex>
  callBundle(call: BundleCall): Promise<BundleSimulation>
  /** Asks to forget the bundle of `replacementUuid`. No builder guarantees it late in a slot. */
  cancelBundle(replacementUuid: string): Promise<void>
}

/** The name of a bundle: keccak256 of its transaction hashes, one after the other. */
export function bundleHash(txs: readonly Hex[]): Hex {
  return keccak256(concatHex(txs.map((tx) => keccak256(tx))))
}

/**
 * Makes the client of one relay. `signer` is the relay key: it carries reputation, not funds.
 *
 * @throws {InsecureRelayError} `submit.insecure-relay`, for a URL that is neither https nor loopback.
 * @throws {RelayWrongHashError} `submit.relay-wrong-hash`, from `sendBundle`.
 */
export function createBundleClient(
  target: RelayTarget,
  signer: MessageSigner,
  patience: RelayPatience = {},
): BundleClient {
  const rpc = createRelayRpc(target, signer, patience)
  return {
    name: target.name,
    sendBundle: async (bundle) => {
      const expected = bundleHash(bundle.txs)
      const params = { ...bundle, blockNumber: numberToHex(bundle.blockNumber) }
      const result = await rpc('eth_sendBundle', [params])
      const acknowledged = field(result, 'bundleHash')
      if (acknowledged !== expected) throw new RelayWrongHashError({ relay: target.name, expected })
      return expected
    },
    callBundle: async ({ blockNumber, stateBlockNumber, ...rest }) => {
      const state = stateBlockNumber === 'latest' ? 'latest' : numberToHex(stateBlockNumber)
      const params = { ...rest, blockNumber: numberToHex(blockNumber), stateBlockNumber: state }
      return readSimulation(target.name, await rpc('eth_callBundle', [params]))
    },
    cancelBundle: async (replacementUuid) => {
      await rpc('eth_cancelBundle', [{ replacementUuid }])
    },
  }
}

/** The channel that sends one transaction as a bundle of its own, under a fresh uuid each time. */
export function createBundleChannel(client: BundleClient): Channel {
  return {
    name: client.name,
    private: true,
    async send(transaction, targetBlock) {
      const bundle = {
        txs: [transaction],
        blockNumber: targetBlock,
        replacementUuid: randomUUID(),
      }
      return {
        channel: client.name,
        transaction,
        transactionHash: keccak256(transaction),
        bundleHash: await client.sendBundle(bundle),
        targetBlock,
      }
    },
  }
}

function readSimulation(relay: string, result: unknown): BundleSimulation {
  const results = field(result, 'results')
  const hash = field(result, 'bundleHash')
  if (!Array.isArray(results) || !isHash(String(hash)))
    throw new RelayMalformedError({ relay, what: 'is no simulation' })
  const integer = (value: unknown) => {
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(String(value)))
      throw new RelayMalformedError({ relay, what: 'has a number that is none' })
    return BigInt(String(value))
  }
  return {
    bundleHash: hash as Hex,
    coinbaseDiffWei: integer(field(result, 'coinbaseDiff')),
    totalGasUsed: integer(field(result, 'totalGasUsed')),
    stateBlockNumber: integer(field(result, 'stateBlockNumber')),
    results: results.map((each: unknown) => {
      const error = field(each, 'error')
      return {
        txHash: String(field(each, 'txHash')) as Hex,
        gasUsed: integer(field(each, 'gasUsed')),
        ...(error === undefined
          ? {}
          : { error: typeof error === 'string' ? error : JSON.stringify(error) }),
      }
    }),
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined
}
