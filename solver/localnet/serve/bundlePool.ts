/** What the relays hold: bundles and private transactions, each with its sender and its fate. */
import type { Address, Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { RpcError, rpcCodes } from './rpcError.ts'
import type { ReadTransaction } from './transaction.ts'

/** Transactions for a range of blocks, usually one; all or none, in this order. */
export type HeldBundle = {
  readonly hash: Hex
  /** Who signed the relay request. */
  readonly signer: Address
  readonly transactions: readonly ReadTransaction[]
  readonly firstBlock: bigint
  readonly lastBlock: bigint
  /** Unix seconds, inclusive. */
  readonly minTimestamp: number | undefined
  readonly maxTimestamp: number | undefined
  /** These may revert. */
  readonly reverting: ReadonlySet<Hex>
  /** These may be missing, but never revert. */
  readonly dropping: ReadonlySet<Hex>
  readonly uuid: string | undefined
  /** A single transaction that its sender may cancel by its hash. */
  readonly isPrivateTransaction: boolean
}

/** What became of a bundle so far; times are Unix milliseconds. */
export type BundleFate = {
  readonly receivedAt: number
  simulatedAt?: number
  sealedAt?: number
  /** Why the builder left it out. */
  droppedFor?: string
}

/** The pool of one builder, shared by its relays. */
export type BundlePool = {
  /** Takes a bundle; one with a known uuid of the same signer replaces the other. */
  add(bundle: HeldBundle, replacementNonce?: number): void
  /** Forgets the bundle of `uuid`, if `signer` sent it. Gives the hashes forgotten. */
  cancel(uuid: string, signer: Address, replacementNonce?: number): readonly Hex[]
  /** Forgets the private transaction `hash`, if `signer` sent it. */
  cancelTransaction(hash: Hex, signer: Address): boolean
  /** Bundles for a block, the same transactions only once, in the order of arrival. */
  forBlock(block: bigint, timestamp: bigint): readonly HeldBundle[]
  /** Only the signer learns of a bundle. */
  fate(hash: Hex, block: bigint, signer: Address): BundleFate | undefined
  note(bundle: HeldBundle, event: Partial<Omit<BundleFate, 'receivedAt'>>): void
  /** Drops what can no longer be included after block `sealed`. */
  prune(sealed: bigint): void
  /** Bundles that a later block than `sealed` may take. */
  size(): number
}

type Entry = { readonly bundle: HeldBundle; readonly fate: BundleFate }

/**
 * Makes an empty pool; `now` gives Unix milliseconds.
 *
 * @throws {RpcError} -32000, from `add`, when the relay is full.
 */
export function createBundlePool(now: () => number): BundlePool {
  let live: readonly Entry[] = []
  /** Ended ones, for their senders' questions. */
  let ended: readonly Entry[] = []
  const isNewest = createReplacements()

  const remove = (drops: (entry: Entry) => boolean) => {
    const gone = live.filter(drops)
    live = live.filter((entry) => !drops(entry))
    ended = [...ended, ...gone].slice(-limits.relayBundles)
    return gone
  }
  const cancel = (uuid: string, signer: Address, nonce?: number) => {
    if (!isNewest(uuid, signer, nonce)) return []
    const gone = remove(({ bundle }) => bundle.uuid === uuid && bundle.signer === signer)
    return gone.map(({ bundle }) => bundle.hash)
  }
  return {
    add(bundle, replacementNonce) {
      const { uuid, signer } = bundle
      if (uuid !== undefined && !isNewest(uuid, signer, replacementNonce)) return
      if (uuid !== undefined) cancel(uuid, signer)
      if (live.length >= limits.relayBundles) throw new RpcError(rpcCodes.server, 'relay is full')
      live = [...live, { bundle, fate: { receivedAt: now() } }]
    },
    cancel,
    cancelTransaction: (hash, signer) =>
      remove(
        ({ bundle }) =>
          bundle.signer === signer &&
          bundle.isPrivateTransaction &&
          bundle.transactions[0]?.hash === hash,
      ).length > 0,
    forBlock(block, timestamp) {
      const ready = live.map(({ bundle }) => bundle).filter((each) => fits(each, block, timestamp))
      const byHash = new Map(ready.toReversed().map((bundle) => [bundle.hash, bundle]))
      return ready
        .filter((bundle) => byHash.get(bundle.hash) === bundle)
        .slice(0, limits.blockBundles)
    },
    fate: (hash, block, signer) =>
      [...live, ...ended].findLast(
        ({ bundle }) =>
          bundle.hash === hash &&
          bundle.signer === signer &&
          bundle.firstBlock <= block &&
          block <= bundle.lastBlock,
      )?.fate,
    note(bundle, event) {
      const entries = [...live, ...ended].filter((entry) => entry.bundle.hash === bundle.hash)
      for (const { fate } of entries) Object.assign(fate, event)
    },
    prune: (sealed) =>
      void remove(({ bundle, fate }) => bundle.lastBlock <= sealed || fate.sealedAt !== undefined),
    size: () => live.length,
  }
}

/** Remembers the highest replacement nonce of each uuid and signer; false for a lower one. */
function createReplacements() {
  const highest = new Map<string, number>()
  return (uuid: string, signer: Address, nonce: number | undefined): boolean => {
    const key = `${signer}:${uuid}`
    const known = highest.get(key)
    if (known !== undefined && nonce !== undefined && nonce < known) return false
    if (nonce !== undefined) highest.set(key, nonce)
    const [oldest] = highest.keys()
    if (highest.size > limits.relayBundles && oldest !== undefined) highest.delete(oldest)
    return true
  }
}

function fits(bundle: HeldBundle, block: bigint, timestamp: bigint): boolean {
  const { firstBlock, lastBlock, minTimestamp, maxTimestamp } = bundle
  return (
    firstBlock <= block &&
    block <= lastBlock &&
    (minTimestamp === undefined || timestamp >= BigInt(minTimestamp)) &&
    (maxTimestamp === undefined || timestamp <= BigInt(maxTimestamp))
  )
}
