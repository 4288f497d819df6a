/** An answer of JSON-RPC 2.0, over whichever line it came. */
import { RpcRequestError } from 'viem'
import type { RpcArgs } from './endpoint.ts'
import { BadAnswerError, isObject, type RpcObject } from './quantity.ts'

/**
 * Longest answer taken, in bytes, over HTTP and WebSocket alike: above the logs of the fullest block. A block of
 * 60 million gas holds up to 80,000 logs with a topic, some 600 bytes each in JSON.
 */
export const answerMax = 100_000_000

/** The code of an error without one: none of the protocol's, so that it means nothing but "refused". */
const noCode = -32_000

/**
 * The result in an answer to `args`.
 *
 * @param name - The node's URL without its key.
 * @throws {BadAnswerError} `chain.bad-answer`, when there is neither a result nor an error.
 * @throws viem's `RpcRequestError`, when the answer is an error; one that is not of the protocol's shape has no words.
 */
export function readResult(answer: RpcObject, { method }: RpcArgs, name: string): unknown {
  const { error, result } = answer
  if (error !== undefined && error !== null) throw refusalOf(error, method, name)
  if (result === undefined) throw new BadAnswerError({ what: 'result', value: answer })
  return result
}

/**
 * The result in the answer to the request of number `id`; an error may have no number (JSON-RPC 2.0, 5).
 *
 * @throws {BadAnswerError} `chain.bad-answer`, also for the answer to another request. And as {@link readResult}.
 */
export function readResultOf(id: number, answer: unknown, args: RpcArgs, name: string): unknown {
  if (!isObject(answer)) throw new BadAnswerError({ what: 'answer of JSON-RPC', value: answer })
  const isNameless = (answer['id'] ?? null) === null && (answer['error'] ?? null) !== null
  if (answer['id'] !== id && !isNameless)
    throw new BadAnswerError({ what: 'answer to this request', value: answer })
  return readResult(answer, args, name)
}

function refusalOf(error: unknown, method: string, url: string): RpcRequestError {
  const { code, message, data } = isObject(error) ? error : { message: error }
  const wire = {
    code: typeof code === 'number' ? code : noCode,
    message: typeof message === 'string' ? message : '(no words)',
    ...(data === undefined ? {} : { data }),
  }
  return new RpcRequestError({ body: { method }, error: wire, url })
}
