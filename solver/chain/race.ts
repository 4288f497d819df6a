/**
 * One question to several nodes: the best first, and the next when it fails, is doubted, or takes long.
 *
 * A slow node is not waited for: after a moment the next one is asked too, and the first good answer wins. So a
 * node that hangs costs a second, not a timeout.
 */
import { canonicalLogs } from './answers.ts'
import type { Clock } from './clock.ts'
import { type Judge, type RpcArgs, type Verdict, good } from './endpoint.ts'
import { type AskOptions, askMember, type Member, quarantine } from './member.ts'
import { failureOf } from './nodeErrors.ts'
import { BadAnswerError } from './quantity.ts'

/** Questions that a node may work on for a while. */
const heavyMethods =
  /^(eth_call|eth_getLogs|eth_estimateGas|eth_simulate|eth_getProof|debug_|trace_)/
/** Methods that change nothing: they may be asked of two nodes at once. */
const readMethods = /^(eth_(?!send)|net_|web3_|debug_|trace_|txpool_)/
/** How long the first node has the question for itself, and each next one: failover stays below two seconds. */
const headStartMs = { small: 750, heavy: 1_500, next: 200 }

/** True for a method that may be asked twice without harm. */
export function isRead(method: string): boolean {
  return readMethods.test(method)
}

/**
 * Asks `members` in their order until one gives a good answer.
 *
 * A node whose answer is `wrong` is put aside. Doubted answers are kept: most of the nodes must give one and the same
 * answer before another is held against its node. One doubted and one fuller answer contradict each other, so a third
 * node decides; without one the fuller answer is taken, and nobody is accused.
 * Rejects as the node that refused, else as the last that failed.
 *
 * @throws {BadAnswerError} `chain.bad-answer`, when every answer was wrong.
 */
export function race(
  members: readonly Member[],
  args: RpcArgs,
  options: AskOptions & { readonly judge?: Judge | undefined },
): Promise<unknown> {
  const { clock, judge = () => good } = options
  const { method } = args
  const waiting = [...members]
  const votes: Vote[] = []
  let open = 0
  let isOver = false
  let failure: unknown
  let cancelPatience: (() => void) | undefined
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => ((isOver = true), cancelPatience?.(), settle())
    const decide = (winner: Vote) => {
      accuse(winner, votes)
      return end(() => resolve(winner.answer))
    }
    const decideNow = () => {
      const [best] = ranked(votes)
      return best === undefined ? end(() => reject(failure)) : decide(best)
    }
    const take = (member: Member, answer: unknown) => {
      const verdict = verdictOf(judge, answer)
      if (verdict.kind === 'good' && votes.length === 0) return end(() => resolve(answer))
      const vote = verdict.kind === 'wrong' ? undefined : voteOf(member, answer, verdict)
      if (vote === undefined) {
        const why = verdict.kind === 'wrong' ? verdict.why : 'its answer is nested too deep'
        quarantine(member, wrongCause(method), why)
        failure ??= new BadAnswerError({ what: `${method}: ${why}`, value: answer })
      } else votes.push(vote)
      const [best] = ranked(votes)
      if (best !== undefined && isDecided(best, votes, members.length)) return decide(best)
      // Two nodes contradict each other: a third may decide, but it is not waited for as long as it likes.
      if (votes.some(({ isGood }) => isGood))
        cancelPatience ??= clock.after(headStartMs.heavy, decideNow)
      return askNext()
    }
    const fail = (error: unknown) => {
      const reason = failureOf(error, method, clock.nowMs())
      if (reason.kind === 'refused' && (reason.isFinal || !isRead(method)))
        return end(() => reject(error))
      // What a node said tells the caller more than another's silence.
      if (failure === undefined || reason.kind === 'refused') failure = error
      return askNext()
    }
    const askNext = (): void => {
      if (isOver) return
      const member = waiting.shift()
      if (member !== undefined) ask(member)
      else if (open === 0) decideNow()
    }
    const ask = (member: Member) => {
      open += 1
      const cancel = hedge(member, { method, isFirst: open === 1, clock }, askNext)
      const settled = () => {
        open -= 1
        cancel()
        return !isOver
      }
      askMember(member, args, options)
        .then(
          (answer) => settled() && take(member, answer),
          (error: unknown) => settled() && fail(error),
        )
        // Nothing that a node sends may end the process.
        .catch((error: unknown) => end(() => reject(error)))
    }
    askNext()
  })
}

/** Asks the next node after a while; the returned function cancels that. */
function hedge(
  member: Member,
  { method, isFirst, clock }: { method: string; isFirst: boolean; clock: Clock },
  askNext: () => void,
): () => void {
  const isHeavy = heavyMethods.test(method)
  const first = isHeavy ? headStartMs.heavy : headStartMs.small
  return clock.after(isFirst ? first : headStartMs.next, () => {
    // A heavy question may take its time; that says nothing of the node.
    if (!isHeavy) member.health.stalled()
    askNext()
  })
}

/** An answer that is not wrong. Votes with the same key say the same. */
type Vote = {
  readonly member: Member
  readonly answer: unknown
  readonly key: string
  readonly isGood: boolean
  readonly why: string
}

/** `undefined` when the answer cannot be compared. */
function voteOf(
  member: Member,
  answer: unknown,
  verdict: Exclude<Verdict, { kind: 'wrong' }>,
): Vote | undefined {
  const isGood = verdict.kind === 'good'
  const why = isGood ? 'it gave logs that most others do not have' : verdict.why
  try {
    return { member, answer, key: canonicalLogs(answer), isGood, why }
  } catch {
    return undefined
  }
}

/** A reader that cannot make sense of an answer says so by throwing. */
function verdictOf(judge: Judge, answer: unknown): Verdict {
  try {
    return judge(answer)
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? firstLine(error.message) : 'nonsense' }
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function countOf(votes: readonly Vote[], { key }: Vote): number {
  return votes.filter((each) => each.key === key).length
}

/** What most say first; where as many say one thing as another, the fuller answer. */
function ranked(votes: readonly Vote[]): readonly Vote[] {
  const rank = (vote: Vote) => 2 * countOf(votes, vote) + (vote.isGood ? 1 : 0)
  return votes.toSorted((a, b) => rank(b) - rank(a))
}

/** True when most of the nodes say it. */
function isDecided(best: Vote, votes: readonly Vote[], nodes: number): boolean {
  return 2 * countOf(votes, best) > nodes
}

/** A majority of two or more against fewer puts those aside; one word against another puts nobody aside. */
function accuse(winner: Vote, votes: readonly Vote[]): void {
  const count = countOf(votes, winner)
  if (count < 2) return
  for (const each of votes)
    if (each.key !== winner.key && countOf(votes, each) < count)
      quarantine(each.member, 'false-logs', each.why)
}

function wrongCause(method: string) {
  return method === 'eth_getLogs' ? 'false-logs' : 'broken-chain'
}
