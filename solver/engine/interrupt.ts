/** A start that can be given up: whoever asked for it need not wait for a node that does not answer. */
import { BaseError } from '../core/errors.ts'

/**
 * What `work` gives, unless `signal` is aborted first. The work itself goes on: `late` is given what it ends with, and
 * its failure counts no more.
 *
 * @throws {InterruptedError} `engine.interrupted`.
 */
export async function unlessAborted<value>(
  signal: AbortSignal | undefined,
  work: Promise<value>,
  late: (value: value) => unknown = () => undefined,
): Promise<value> {
  if (signal === undefined) return work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => {
    work.then(late).catch(() => undefined)
    reject(new InterruptedError())
  }
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([aborted, work])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The start was given up because its signal was aborted. */
export class InterruptedError extends BaseError {
  override readonly code = 'engine.interrupted'

  constructor() {
    super('The start was interrupted.', { hint: 'Start it again; nothing was sent.' })
  }
}
