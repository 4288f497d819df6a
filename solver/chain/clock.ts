/** Time as an argument, so that what waits can be tested without waiting. */

/** What waits needs: the time, and to be woken later. */
export type Clock = {
  /** Unix milliseconds. */
  nowMs(): number
  /** Runs `run` after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The time of this machine. */
export const systemClock: Clock = {
  nowMs: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return createBell().wait(clock, ms, signal)
}

/** Wakes one waiter. A ring that nobody waits for is remembered for the next wait. */
export type Bell = {
  ring(): void
  /** Resolves at a ring, after `ms` milliseconds, or when `signal` aborts. */
  wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void>
}

/** Makes a bell that has not rung. */
export function createBell(): Bell {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    async wait(clock, ms, signal) {
      if (!hasRung && signal?.aborted !== true)
        await new Promise<void>((resolve) => {
          const done = () => {
            cancel()
            signal?.removeEventListener('abort', done)
            wake = undefined
            resolve()
          }
          const cancel = clock.after(ms, done)
          signal?.addEventListener('abort', done)
          wake = done
        })
      hasRung = false
    },
  }
}

/** `promise`, or a rejection with `late()` when it takes longer than `ms` milliseconds. */
export function within<value>(
  clock: Clock,
  ms: number,
  promise: Promise<value>,
  late: () => Error,
): Promise<value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()))
    promise.then(resolve, reject).finally(cancel)
  })
}
