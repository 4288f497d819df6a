/** When two answers of JSON-RPC say the same. */
import { isObject } from './quantity.ts'

/** True when both say the same: the order of fields and the case of hex do not matter. */
export function sameAnswer(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** A text that two answers share exactly when they say the same. */
export function canonical(answer: unknown): string {
  if (typeof answer === 'string')
    return JSON.stringify(/^0x[0-9a-f]*$/i.test(answer) ? answer.toLowerCase() : answer)
  if (Array.isArray(answer)) return `[${answer.map(canonical).join(',')}]`
  if (!isObject(answer)) return JSON.stringify(answer) ?? 'null'
  const fields = Object.keys(answer).sort()
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonical(answer[field])}`).join(',')}}`
}
