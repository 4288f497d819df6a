/** A node over HTTP: each request alone, or those of one moment in a JSON-RPC batch. */
import { HttpRequestError } from 'viem'
import { getHttpRpcClient } from 'viem/utils'
import type { Endpoint, RpcArgs } from './endpoint.ts'
import { withoutKey } from './nodeErrors.ts'
import { BadAnswerError, isObject } from './quantity.ts'
import { answerMax, readResultOf } from './rpcAnswer.ts'
import { createScrubber } from './scrub.ts'

type Asked = {
  readonly id: number
  readonly args: RpcArgs
  resolve(result: unknown): void
  reject(error: unknown): void
}

/**
 * Opens the HTTP side of an {@link Endpoint}; nothing is sent yet. Its errors are viem's, with the URL without its key.
 *
 * @throws {BadAnswerError} `chain.bad-answer` (a request rejects), when the answer is none of JSON-RPC or another's.
 */
export function openHttp(
  url: string,
  { timeoutMs, batchSize }: { readonly timeoutMs: number; readonly batchSize: number },
): Pick<Endpoint, 'request' | 'close'> {
  const name = withoutKey(url)
  const scrub = createScrubber(url)
  const client = getHttpRpcClient(url, {
    timeout: timeoutMs,
    maxResponseBodySize: answerMax,
    onResponse: (response) => requirePatience(response, name),
  })
  let lastId = 0
  let queue: Asked[] = []

  const alone = async ({ id, args }: Pick<Asked, 'id' | 'args'>): Promise<unknown> =>
    readResultOf(id, await client.request({ body: { id, ...args } }), args, name)
  const together = async (batch: readonly Asked[]): Promise<void> => {
    try {
      const body = batch.map(({ id, args }) => ({ id, ...args }))
      const answers: unknown = await client.request({ body })
      if (!Array.isArray(answers)) throw new BadAnswerError({ what: 'batch', value: answers })
      for (const asked of batch) settle(asked, answers, name)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const flush = () => {
    const all = queue
    queue = []
    for (let at = 0; at < all.length; at += batchSize) void together(all.slice(at, at + batchSize))
  }
  const queued = (asked: Pick<Asked, 'id' | 'args'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      queue.push({ ...asked, resolve, reject })
      if (queue.length === 1) setTimeout(flush, 0)
    })
  return {
    async request(args) {
      const asked = { id: ++lastId, args }
      try {
        return await (batchSize > 1 ? queued(asked) : alone(asked))
      } catch (error) {
        throw error instanceof Error ? scrub(error) : error
      }
    },
    close: () => undefined,
  }
}

/** Gives one of a batch its answer: the one of its number, or the error that stands for all. */
function settle({ id, args, resolve, reject }: Asked, answers: readonly unknown[], name: string) {
  const own = answers.find((each) => isObject(each) && each['id'] === id)
  try {
    resolve(readResultOf(id, own ?? answers[0], args, name))
  } catch (error) {
    reject(error)
  }
}

/**
 * A 429 is what its status says, whatever its body is: an empty one would else hide how long to wait.
 *
 * @throws viem's `HttpRequestError`.
 */
async function requirePatience({ status, headers, body }: Response, url: string): Promise<void> {
  if (status !== 429) return
  await body?.cancel()
  throw new HttpRequestError({ url, status, headers, details: 'Too Many Requests' })
}
