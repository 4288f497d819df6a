/** Follows an intent by asking again and again, and tells only what changed. */
import type { Hex } from '../solver/core/hex.ts'
import type { IntentState } from './answers.ts'
import { SdkError, WatchTimeoutError } from './errors.ts'

/** How an intent is followed. */
export type WatchOptions = {
  /** Between two questions, in milliseconds; 1,000 when absent. */
  readonly pollMs?: number | undefined
  /** Longest watch, in milliseconds; 90,000,000 (25 hours, longer than any quote is valid) when absent. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Failures in a row that a watch bears: a restart of the server takes less. */
const failuresBorne = 10
const day25hMs = 25 * 3_600 * 1_000

/**
 * The state now and after each change of status or reason; the last one is final. Answers that may be better
 * next time (`retryable`) are asked for again, up to ten times in a row.
 *
 * @throws {WatchTimeoutError} `sdk.watch-timeout`, and what `getIntent` throws.
 */
export async function* watchState(
  intentHash: Hex,
  getIntent: (intentHash: Hex) => Promise<IntentState>,
  { pollMs = 1_000, timeoutMs = day25hMs, signal }: WatchOptions = {},
): AsyncGenerator<IntentState, void, undefined> {
  const endsAt = performance.now() + timeoutMs
  const isAborted = () => signal?.aborted === true
  let last: IntentState | undefined
  let failures = 0
  while (!isAborted()) {
    const state = await getIntent(intentHash).catch(transient)
    failures = state instanceof SdkError ? failures + 1 : 0
    if (state instanceof SdkError) {
      if (failures > failuresBorne) throw state
    } else {
      if (state.status !== last?.status || state.why !== last.why) yield state
      if (isFinal(state)) return
      last = state
    }
    if (performance.now() + pollMs > endsAt) throw new WatchTimeoutError(intentHash, timeoutMs)
    await pause(pollMs, signal)
  }
}

/** An error after which the same question may succeed, as a value; any other goes on. */
function transient(error: unknown): SdkError {
  if (error instanceof SdkError && error.retryable) return error
  throw error
}

/** True when nothing more will happen to the intent. */
export function isFinal({ status }: Pick<IntentState, 'status'>): boolean {
  return status === 'filled' || status === 'expired' || status === 'cancelled'
}

/** Resolves after `milliseconds`, or at once when `signal` aborts. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    signal?.addEventListener('abort', finish, { once: true })
    if (signal?.aborted === true) finish()
  })
}
