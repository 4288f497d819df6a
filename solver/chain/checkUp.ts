/**
 * Looks at all nodes at one moment and compares them: which chain they serve, how far they are, and whether what
 * they call their head follows from its parent.
 */
import type { Hex } from '../core/hex.ts'
import type { BlockRef } from './block.ts'
import { type AskOptions, askMember, type Member, quarantine } from './member.ts'
import { isObject, readBlockRef, readQuantity, toQuantity } from './quantity.ts'

/** What every node of the chain must say. */
export type Identity = {
  readonly chainId: number
  /** Hash of block 0; absent where no node of the pool tells it. */
  readonly genesis?: Hex | undefined
}

/** Blocks behind the best at which a node counts as lagging (reliability: no quote from older state). */
const lagBlocks = 2n
/** Time for one answer: a node that takes longer is not compared this time. */
const lookMs = 2_000

/** Blocks below the lowest head where all nodes should hold the same. */
const settledBlocks = 2n
/** Above every block number. */
const settledMax = 2n ** 64n
/** Heads in a row that a node may not know a moment later. */
const doubtsMax = 2

type Look = { readonly member: Member; readonly head: BlockRef }

/**
 * Looks at `members` and puts those aside that serve another chain, whose head does not follow, or that lag two or
 * more blocks behind the best; lets those back in that were aside and are well again. Never rejects: a node that
 * does not answer keeps its place, and its record shows it.
 */
export async function checkUp(
  members: readonly Member[],
  identity: Identity,
  options: AskOptions,
): Promise<void> {
  const asking = { ...options, timeoutMs: Math.min(options.timeoutMs, lookMs) }
  const looks = await Promise.all(members.map((member) => look(member, identity, asking)))
  const honest = await dropOddHistory(
    looks.filter((each) => each !== undefined),
    asking,
  )
  const sound = await dropFalseLeader(honest, asking)
  const best = sound.reduce((most, { head }) => (head.number > most ? head.number : most), 0n)
  for (const { member, head } of sound)
    if (best - head.number >= lagBlocks)
      quarantine(member, 'lagging', `${best - head.number} blocks behind the best of the others`)
    else member.health.release()
}

/**
 * A node that is alone far ahead makes all others look as if they lagged, so it must first show that the head of the
 * next one is on its chain. Without it, or before it has shown that: the others alone.
 */
async function dropFalseLeader(
  looks: readonly Look[],
  options: AskOptions,
): Promise<readonly Look[]> {
  const [leader, next] = looks.toSorted((a, b) => Number(b.head.number - a.head.number))
  if (leader === undefined || next === undefined) return looks
  if (leader.head.number - next.head.number < lagBlocks) return looks
  const params = [toQuantity(next.head.number), false]
  const args = { method: 'eth_getBlockByNumber', params }
  const below = await askMember(leader.member, args, options).catch(() => undefined)
  if (hashOf(below) === next.head.hash) return looks
  if (leader.member.health.doubt() >= doubtsMax)
    quarantine(
      leader.member,
      'broken-chain',
      'its chain does not lead through the head of the others',
    )
  return looks.filter((each) => each !== leader)
}

/**
 * Of three or more nodes, puts the one aside whose chain is another one a little below the lowest head, where nodes
 * only differ for the moment of a reorg.
 */
async function dropOddHistory(
  looks: readonly Look[],
  options: AskOptions,
): Promise<readonly Look[]> {
  const lowest = looks.reduce(
    (low, { head }) => (head.number < low ? head.number : low),
    settledMax,
  )
  if (looks.length < 3 || lowest <= settledBlocks) return looks
  const args = {
    method: 'eth_getBlockByNumber',
    params: [toQuantity(lowest - settledBlocks), false],
  }
  const hashes = await Promise.all(
    looks.map(({ member }) => askMember(member, args, options).then(hashOf, () => undefined)),
  )
  const common = hashes.find(
    (hash) =>
      hash !== undefined && 2 * hashes.filter((each) => each === hash).length > looks.length,
  )
  if (common === undefined) return looks
  return looks.filter(({ member }, index) => {
    const hash = hashes[index]
    const isOdd = hash !== undefined && hash !== common
    if (isOdd && member.health.doubt() >= doubtsMax)
      quarantine(member, 'broken-chain', 'its chain is another one than that of the others')
    return !isOdd
  })
}

function hashOf(block: unknown): unknown {
  return isObject(block) ? block['hash'] : undefined
}

/** The head of a node that is whom it should be and consistent; anything else is noted, and nothing returned. */
async function look(
  member: Member,
  identity: Identity,
  options: AskOptions,
): Promise<Look | undefined> {
  try {
    const ask = (method: string, ...params: readonly unknown[]) =>
      askMember(member, { method, params }, options)
    const [stranger, answer] = await Promise.all([
      strangeness(member, identity, options),
      ask('eth_getBlockByNumber', 'latest', false),
    ])
    if (stranger !== undefined) {
      quarantine(member, 'wrong-chain', stranger)
      return undefined
    }
    const head = readBlockRef(answer)
    const [self, parent] = await Promise.all([
      ask('eth_getBlockByHash', head.hash, false),
      ask('eth_getBlockByHash', head.parentHash, false),
    ])
    const fault = faultOf(head, self, parent)
    // A head that is gone a moment later may have been reorganised away, once.
    const isUnknown = self === null || (parent === null && head.number > 0n)
    if (fault === undefined && isUnknown && member.health.doubt() < doubtsMax) return undefined
    if (fault === undefined && !isUnknown) return { member, head }
    const detail = fault ?? 'it does not know the block that it calls its head, or the one before'
    quarantine(member, 'broken-chain', detail)
    return undefined
  } catch {
    // No answer, or none of a node: the record has it. One that never said its chain stays unverified.
    if (member.health.state().quarantine?.cause === 'unverified')
      quarantine(member, 'unverified', 'it has not said which chain it serves')
    return undefined
  }
}

/** How the node's chain is not ours; `undefined` when it is. */
async function strangeness(
  member: Member,
  { chainId, genesis }: Identity,
  options: AskOptions,
): Promise<string | undefined> {
  const got = Number(
    readQuantity(await askMember(member, { method: 'eth_chainId' }, options), 'id'),
  )
  if (got !== chainId) return `it serves chain ${got}, not chain ${chainId}`
  const isKnown = genesis === undefined || member.health.state().quarantine === undefined
  const first = isKnown ? undefined : await readGenesis(member, options)
  return first === undefined || first === genesis ? undefined : 'its block 0 is another one'
}

/** The hash of block 0; `undefined` where the node does not have it, as a pruned one or a tape. */
export async function readGenesis(member: Member, options: AskOptions): Promise<Hex | undefined> {
  const params = [toQuantity(0), false]
  try {
    return readBlockRef(
      await askMember(member, { method: 'eth_getBlockByNumber', params }, options),
    ).hash
  } catch {
    return undefined
  }
}

/** Why `head` cannot be what the node says it is. */
function faultOf(head: BlockRef, self: unknown, parent: unknown): string | undefined {
  if (self !== null) {
    const { number, hash, parentHash } = readBlockRef(self)
    if (number !== head.number || hash !== head.hash || parentHash !== head.parentHash)
      return `its head ${head.number} is another block when it is asked for by its hash`
  }
  if (parent !== null && head.number > 0n) {
    const { number, hash } = readBlockRef(parent)
    if (hash !== head.parentHash || number !== head.number - 1n)
      return `its head ${head.number} does not follow from its parent`
  }
  return undefined
}
