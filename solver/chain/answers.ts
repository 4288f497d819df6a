/** When two answers of JSON-RPC say the same. */
import { BadAnswerError, isObject } from './quantity.ts'

/** Objects and lists within one another: far above any block, receipt or log. */
const depthMax = 256

/** True when both say the same: the order of fields and the case of hex do not matter. What is too deep never does. */
export function sameAnswer(a: unknown, b: unknown): boolean {
  try {
    return canonical(a) === canonical(b)
  } catch {
    return false
  }
}

/**
 * A text that two answers share exactly when they say the same.
 *
 * @throws {BadAnswerError} `chain.bad-answer`, when `answer` is nested more than 256 deep.
 */
export function canonical(answer: unknown, depth = 0): string {
  if (depth > depthMax) throw new BadAnswerError({ what: 'depth', value: 'nested too deep' })
  if (typeof answer === 'string')
    return JSON.stringify(/^0x[0-9a-f]*$/i.test(answer) ? answer.toLowerCase() : answer)
  const inner = (each: unknown) => canonical(each, depth + 1)
  if (Array.isArray(answer)) return `[${answer.map(inner).join(',')}]`
  if (!isObject(answer)) return JSON.stringify(answer) ?? 'null'
  const fields = Object.keys(answer).sort()
  return `{${fields.map((field) => `${JSON.stringify(field)}:${inner(answer[field])}`).join(',')}}`
}

/** What nodes of every kind say of a log; some add fields of their own. */
const logFields = [
  'address',
  'topics',
  'data',
  'blockHash',
  'blockNumber',
  'transactionHash',
  'transactionIndex',
  'logIndex',
] as const

/**
 * The same of an answer with logs, of which only the standard fields count.
 *
 * @throws {BadAnswerError} `chain.bad-answer`, when what counts is nested more than 256 deep.
 */
export function canonicalLogs(answer: unknown): string {
  if (!Array.isArray(answer)) return canonical(answer)
  return canonical(
    answer.map((log: unknown) => (isObject(log) ? logFields.map((name) => log[name]) : log)),
  )
}
