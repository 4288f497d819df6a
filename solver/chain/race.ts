/**
 * One question to several nodes: the best first, and the next when it fails, is doubted, or takes long.
 *
 * A slow node is not waited for: after a moment the next one is asked too, and the first good answer wins. So a
 * node that hangs costs a second, not a timeout.
 */
import { sameAnswer } from './answers.ts'
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
 * A node whose answer is `wrong` is put aside. Doubted answers are kept: when another node's good answer differs,
 * the doubted node was withholding and is put aside; when all are doubted, the answer that most give is taken.
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
  const doubts: Doubt[] = []
  let open = 0
  let isOver = false
  let failure: unknown
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => ((isOver = true), settle())
    const take = (member: Member, answer: unknown) => {
      const verdict = verdictOf(judge, answer)
      if (verdict.kind === 'good') {
        accuse(doubts, answer)
        return end(() => resolve(answer))
      }
      if (verdict.kind === 'doubtful') doubts.push({ member, answer, why: verdict.why })
      else {
        quarantine(member, wrongCause(method), verdict.why)
        failure ??= new BadAnswerError({ what: `${method}: ${verdict.why}`, value: answer })
      }
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
      else if (open === 0)
        end(() => (doubts.length === 0 ? reject(failure) : resolve(mostGiven(doubts))))
    }
    const ask = (member: Member) => {
      open += 1
      const cancel = hedge(member, { method, isFirst: open === 1, clock }, askNext)
      const settled = () => {
        open -= 1
        cancel()
        return !isOver
      }
      askMember(member, args, options).then(
        (answer) => settled() && take(member, answer),
        (error: unknown) => settled() && fail(error),
      )
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

type Doubt = { readonly member: Member; readonly answer: unknown; readonly why: string }

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

function accuse(doubts: readonly Doubt[], truth: unknown): void {
  for (const { member, answer, why } of doubts)
    if (!sameAnswer(answer, truth)) quarantine(member, 'false-logs', why)
}

function mostGiven(doubts: readonly Doubt[]): unknown {
  const votes = (doubt: Doubt | undefined) =>
    doubts.filter(({ answer }) => sameAnswer(answer, doubt?.answer)).length
  return doubts.toSorted((a, b) => votes(b) - votes(a))[0]?.answer
}

function wrongCause(method: string) {
  return method === 'eth_getLogs' ? 'false-logs' : 'broken-chain'
}
