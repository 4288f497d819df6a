/** Reads on which money depends: several nodes must say the same. */
import { BaseError } from '../core/errors.ts'
import { canonical } from './answers.ts'
import { isRead } from './race.ts'
import type { RpcArgs } from './endpoint.ts'
import { type AskOptions, askMember, type Member, quarantine } from './member.ts'
import { DisagreementError, failureOf } from './nodeErrors.ts'

/** How many nodes are asked, and how many must agree. */
export type Quorum = {
  readonly of: number
  readonly agree: number
  /**
   * What of an answer is compared and given: kinds of node differ in the further fields of blocks and receipts.
   * One that throws makes the node a silent one. Absent takes the whole answer.
   */
  readonly select?: ((answer: unknown) => unknown) | undefined
}

/** What came of it: an answer or a refusal that enough nodes gave, or too few nodes that said anything. */
export type Agreement =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'short'; readonly error: unknown }

/** What one node said. Votes with the same key are equal. */
type Vote = {
  readonly member: Member
  readonly key: string
  readonly answer?: unknown
  readonly error?: unknown
}

/** The key of a refusal: words differ from node to node. */
const refusal = 'refused'
/** The key of an answer that means "I do not know": a node may just be behind, so it contradicts nobody. */
const unknownKey = canonical(null)
/** After this time without a decision one more node is asked. */
const patienceMs = 1_000

/**
 * Asks `quorum.of` nodes at once, and further ones for those that do not answer or as tie-breakers, and gives what
 * `quorum.agree` of them say as soon as they have said it. A node that says something else, even later, is put
 * aside once two or more agree against it.
 *
 * @param members - The nodes that may be asked, best first.
 * @throws {DisagreementError} `chain.disagreement`, retryable.
 */
export function askQuorum(
  members: readonly Member[],
  args: RpcArgs,
  quorum: Quorum,
  options: AskOptions,
): Promise<Agreement> {
  const waiting = [...members]
  const votes: Vote[] = []
  let open = 0
  let winner: Vote | undefined
  let silence: unknown
  return new Promise((resolve, reject) => {
    let cancel = () => {}
    const count = () => {
      winner ??= winnerOf(votes, quorum.agree)
      if (winner !== undefined) {
        accuse(winner, votes, args)
        cancel()
        resolve(agreementOf(winner))
      } else if (waiting.length > 0) {
        // Voices may be missing, or one more may decide.
        const wanted = Math.max(quorum.of - votes.length - open, open === 0 ? 1 : 0)
        for (const member of waiting.splice(0, wanted)) ask(member)
      } else if (open === 0) {
        cancel()
        if (votes.length < quorum.agree) resolve({ kind: 'short', error: silence })
        else reject(disagreement(votes, args, quorum))
      }
    }
    const ask = (member: Member) => {
      open += 1
      vote(member, args, { ...options, select: quorum.select })
        .then((cast) => votes.push(cast))
        .catch((error: unknown) => {
          silence = error
        })
        .finally(() => {
          open -= 1
          count()
        })
    }
    const wait = () => {
      cancel = options.clock.after(patienceMs, () => {
        const next = waiting.shift()
        if (next === undefined) return
        ask(next)
        wait()
      })
    }
    if (isRead(args.method)) wait()
    count()
  })
}

/** Rejects when the node said nothing. */
async function vote(
  member: Member,
  args: RpcArgs,
  options: AskOptions & Pick<Quorum, 'select'>,
): Promise<Vote> {
  const { select = (whole: unknown) => whole } = options
  try {
    const answer = select(await askMember(member, args, options))
    return { member, answer, key: canonical(answer) }
  } catch (error) {
    // What `select` cannot read is no vote.
    if (error instanceof BaseError) throw error
    const { kind } = failureOf(error, args.method, options.clock.nowMs())
    if (kind === 'refused') return { member, error, key: refusal }
    throw error
  }
}

function countOf(votes: readonly Vote[], { key }: Vote): number {
  return votes.filter((each) => each.key === key).length
}

function winnerOf(votes: readonly Vote[], agree: number): Vote | undefined {
  return votes.find((each) => countOf(votes, each) >= agree)
}

function accuse(winner: Vote, votes: readonly Vote[], { method }: RpcArgs): void {
  const isFact = ({ key }: Vote) => key !== refusal && key !== unknownKey
  // One voice is no majority, and who does not know a thing yet does not lie about it.
  if (countOf(votes, winner) < 2 || !isFact(winner)) return
  for (const each of votes)
    if (isFact(each) && each.key !== winner.key)
      quarantine(each.member, 'contradiction', `${method} differs from what the others say`)
}

function agreementOf({ key, answer, error }: Vote): Agreement {
  return key === refusal ? { kind: 'refused', error } : { kind: 'answer', answer }
}

function disagreement(votes: readonly Vote[], { method }: RpcArgs, { agree }: Quorum) {
  return new DisagreementError({
    method,
    nodes: votes.map(({ member }) => member.endpoint.name).join(' '),
    wanted: agree,
    most: Math.max(...votes.map((each) => countOf(votes, each))),
  })
}
