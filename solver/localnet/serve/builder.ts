/**
 * The local block builder: bundles first, by what they pay, then the public pool.
 *
 * Each bundle is tried alone at the top of the block, ranked by what the beneficiary gains per gas,
 * and merged greedily; one that reverts, does not fit, or pays less once merged is left out. What is
 * sealed was tried before in exactly this composition, so bundles are atomic, contiguous, in order.
 * The node must mine in the order of arrival (`mempool.order: 'fifo'`) for bundles of several
 * transactions to be kept; where it does not, they are left out rather than broken.
 */
import { BaseError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/hex.ts'
import { mulDivDown } from '../../core/rounding.ts'
import type { BundlePool, HeldBundle } from './bundlePool.ts'
import { type MinedBlock, type NodeOps, UnminableError } from './node.ts'
import type { PublicPool } from './publicPool.ts'
import { costOf, type ReadTransaction } from './transaction.ts'

/** A bundle left out of a block, and why. */
export type DroppedBundle = { readonly bundle: Hex; readonly reason: string }

/** A block as the builder sealed it. */
export type SealedBlock = {
  readonly number: bigint
  readonly hash: Hex
  /** Unix seconds. */
  readonly timestamp: bigint
  readonly transactions: readonly Hex[]
  /** Hashes of the bundles at its top, in order. */
  readonly bundles: readonly Hex[]
  readonly dropped: readonly DroppedBundle[]
}

/** What the builder works with; `nowMs` gives Unix milliseconds. */
export type BuilderOptions = {
  readonly ops: NodeOps
  readonly bundles: BundlePool
  readonly pool: PublicPool
  readonly nowMs: () => number
}

/** A bundle as it would run: without those of its transactions that may be dropped and failed. */
type Candidate = {
  readonly bundle: HeldBundle
  readonly transactions: readonly ReadTransaction[]
  readonly delta: bigint
  /** Wei per 10^9 gas. */
  readonly score: bigint
}
type Failure = { readonly reason: string; readonly culprit: Hex | undefined }

/**
 * Seals the next block at `timestamp`, Unix seconds. The caller holds the node's mutex.
 *
 * @throws {BrokenBlockError} `localnet.broken-block`, when the node sealed something else than what
 *   it had tried.
 */
export async function sealBlock(options: BuilderOptions, timestamp: bigint): Promise<SealedBlock> {
  const { ops, bundles, pool, nowMs } = options
  const head = await ops.head()
  const number = head.number + 1n
  const dropped: DroppedBundle[] = []
  const drop = (bundle: HeldBundle, reason: string) => {
    dropped.push({ bundle: bundle.hash, reason })
    bundles.note(bundle, { droppedFor: reason })
  }
  const alone: Candidate[] = []
  for (const bundle of bundles.forBlock(number, timestamp)) {
    const tried = await tryBundle(ops, timestamp, [], bundle)
    bundles.note(bundle, { simulatedAt: nowMs() })
    if ('reason' in tried) drop(bundle, tried.reason)
    else alone.push(tried)
  }
  const accepted = await merge(ops, timestamp, alone, drop)
  const others = await tryPublic(options, timestamp, accepted)
  const planned = [...accepted.flatMap(({ transactions }) => transactions), ...others]
  const block = await ops.mine({ transactions: planned.map(({ raw }) => raw), timestamp })
  if (brokenBundle(block, accepted) !== undefined)
    throw new BrokenBlockError({ block: block.head.number })
  for (const { bundle } of accepted) bundles.note(bundle, { sealedAt: nowMs() })
  bundles.prune(block.head.number)
  await settleSenders(ops, pool)
  return {
    number: block.head.number,
    hash: block.head.hash,
    timestamp: block.head.timestamp,
    transactions: block.transactions.map(({ hash }) => hash),
    bundles: accepted.map(({ bundle }) => bundle.hash),
    dropped,
  }
}

/** Runs `bundle` behind `ahead`, again without each droppable transaction that fails. */
async function tryBundle(
  ops: NodeOps,
  timestamp: bigint,
  ahead: readonly Candidate[],
  bundle: HeldBundle,
): Promise<Candidate | Failure> {
  const before = ahead.flatMap(({ transactions }) => transactions)
  let transactions = bundle.transactions
  for (;;) {
    const block = await tryBlock(ops, [...before, ...transactions], timestamp)
    if (block instanceof UnminableError) return { reason: block.reason, culprit: undefined }
    const failure = failureOf(block, before.length, transactions, bundle)
    if (failure === undefined) return candidate(block, ahead, bundle, transactions)
    const { culprit } = failure
    if (culprit === undefined || !bundle.dropping.has(culprit)) return failure
    transactions = transactions.filter(({ hash }) => hash !== culprit)
    if (transactions.length === 0) return { reason: 'nothing left of it', culprit: undefined }
  }
}

/** The block that these would make, undone again; the node's refusal as a value. */
async function tryBlock(
  ops: NodeOps,
  transactions: readonly ReadTransaction[],
  timestamp: bigint,
): Promise<MinedBlock | UnminableError> {
  const plan = { transactions: transactions.map(({ raw }) => raw), timestamp }
  try {
    return await ops.attempt(plan, (block) => Promise.resolve(block))
  } catch (error) {
    if (error instanceof UnminableError) return error
    throw error
  }
}

function candidate(
  block: MinedBlock,
  ahead: readonly Candidate[],
  bundle: HeldBundle,
  transactions: readonly ReadTransaction[],
): Candidate {
  const own = block.transactions.slice(-transactions.length)
  const gas = own.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
  const delta = ahead.reduce((left, each) => left - each.delta, block.coinbaseDelta)
  return { bundle, transactions, delta, score: mulDivDown(delta, 10n ** 9n, gas) }
}

/** Why the bundle whose transactions stand at `start` is not whole; `undefined` when it is. */
function failureOf(
  block: MinedBlock,
  start: number,
  transactions: readonly ReadTransaction[],
  bundle: HeldBundle,
): Failure | undefined {
  for (const [offset, { hash }] of transactions.entries()) {
    const mined = block.transactions[start + offset]
    const refused = block.refused.get(start + offset)
    if (refused !== undefined) return { reason: refused, culprit: hash }
    if (mined?.hash !== hash) return { reason: 'not minable in its place', culprit: hash }
    if (!mined.succeeded && !bundle.reverting.has(hash))
      return { reason: 'execution reverted', culprit: hash }
  }
  return undefined
}

/** Best first, each tried behind those that were taken. */
async function merge(
  ops: NodeOps,
  timestamp: bigint,
  alone: readonly Candidate[],
  drop: (bundle: HeldBundle, reason: string) => void,
): Promise<readonly Candidate[]> {
  const accepted: Candidate[] = []
  const ranked = [...alone].sort((a, b) => (a.score < b.score ? 1 : a.score > b.score ? -1 : 0))
  for (const single of ranked) {
    if (accepted.length === 0) {
      accepted.push(single)
      continue
    }
    if (sharesNonce(accepted, single)) {
      drop(single.bundle, 'its account nonce is used by a better bundle')
      continue
    }
    const behind = await tryBundle(ops, timestamp, accepted, single.bundle)
    if ('reason' in behind) drop(single.bundle, behind.reason)
    // Warm storage moves gas a little; a bundle that lives from being first loses far more.
    else if (behind.score * 100n < single.score * 99n) drop(single.bundle, 'pays less once merged')
    else accepted.push(behind)
  }
  return accepted
}

function sharesNonce(accepted: readonly Candidate[], single: Candidate): boolean {
  const names = ({ transactions }: Candidate) =>
    transactions.map(({ from, nonce }) => `${from}:${nonce}`)
  const taken = new Set(accepted.flatMap(names))
  return names(single).some((name) => taken.has(name))
}

/**
 * What fills the rest of the block. It is tried whole; when that breaks a bundle or makes no block, one by
 * one, so that a single bad transaction does not keep the others out.
 */
async function tryPublic(
  { ops, pool }: BuilderOptions,
  timestamp: bigint,
  accepted: readonly Candidate[],
): Promise<readonly ReadTransaction[]> {
  const bundled = accepted.flatMap(({ transactions }) => transactions)
  const holds = async (others: readonly ReadTransaction[]) => {
    const block = await tryBlock(ops, [...bundled, ...others], timestamp)
    return !(block instanceof UnminableError) && brokenBundle(block, accepted) === undefined
  }
  const chosen = await choosePublic(ops, pool, bundled)
  if (chosen.length === 0 || (await holds(chosen))) return chosen
  const kept: ReadTransaction[] = []
  for (const each of chosen) if (await holds([...kept, each])) kept.push(each)
  return kept
}

/** Public transactions by their tips, as far as the gas limit and each sender's balance go. */
async function choosePublic(
  ops: NodeOps,
  pool: PublicPool,
  bundled: readonly ReadTransaction[],
): Promise<readonly ReadTransaction[]> {
  const pending = await ops.call<Record<'baseFeePerGas' | 'gasLimit', Hex>>(
    'eth_getBlockByNumber',
    'pending',
    false,
  )
  // An account that sends a bundle waits with its public ones: their nonces are in motion.
  const closed = new Set(bundled.map(({ from }) => from))
  const purses = new Map<Address, bigint>()
  const chosen: ReadTransaction[] = []
  let room = bundled.reduce((left, { gasLimit }) => left - gasLimit, BigInt(pending.gasLimit))
  for (const transaction of pool.select(BigInt(pending.baseFeePerGas))) {
    const { from, gasLimit } = transaction
    if (closed.has(from)) continue
    const purse = purses.get(from) ?? BigInt(await ops.call<Hex>('eth_getBalance', from, 'latest'))
    const left = purse - costOf(transaction)
    if (gasLimit > room || left < 0n) {
      // The account's later nonces would not be minable either.
      closed.add(from)
      continue
    }
    purses.set(from, left)
    room -= gasLimit
    chosen.push(transaction)
  }
  return chosen
}

function brokenBundle(block: MinedBlock, accepted: readonly Candidate[]): HeldBundle | undefined {
  let start = 0
  for (const { bundle, transactions } of accepted) {
    if (failureOf(block, start, transactions, bundle) !== undefined) return bundle
    start += transactions.length
  }
  return undefined
}

async function settleSenders(ops: NodeOps, pool: PublicPool): Promise<void> {
  for (const from of pool.senders()) {
    const nonce = BigInt(await ops.call<Hex>('eth_getTransactionCount', from, 'latest'))
    const balance = BigInt(await ops.call<Hex>('eth_getBalance', from, 'latest'))
    pool.settle(from, { nonce, balance })
  }
}

/** The node sealed another block than the one it had tried. */
export class BrokenBlockError extends BaseError {
  override readonly code = 'localnet.broken-block'

  constructor(facts: { block: bigint }) {
    super('The local chain sealed a block that breaks a bundle.', {
      facts,
      hint: 'Nothing else may use the hidden node beside the builder; restart the local chain.',
    })
  }
}
