/** Time that passes only when nothing else is left to do: an hour of waiting takes no time at all. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../solver/chain/clock.ts'

/** A clock that the test owns. */
export type VirtualClock = Clock & {
  /** Lets time run until `promise` settles, and gives its value. Rejects when it never would. */
  run<value>(promise: Promise<value>): Promise<value>
  /** Lets `ms` milliseconds pass. */
  pass(ms: number): Promise<void>
}

type Timer = { readonly atMs: number; readonly run: () => void }

/** Makes a clock at `startMs`. What it drives must do no real input or output: only its timers count as waiting. */
export function createVirtualClock(startMs = 1_700_000_000_000): VirtualClock {
  let now = startMs
  const timers = new Set<Timer>()
  const next = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>(
      (first, each) => (first === undefined || each.atMs < first.atMs ? each : first),
      undefined,
    )
  const fire = (timer: Timer) => {
    timers.delete(timer)
    now = Math.max(now, timer.atMs)
    timer.run()
  }
  const after: Clock['after'] = (ms, run) => {
    const timer = { atMs: now + Math.max(0, ms), run }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  return {
    nowMs: () => now,
    after,
    async run(promise) {
      let isSettled = false
      const settle = () => {
        isSettled = true
      }
      promise.then(settle, settle)
      for (;;) {
        // All promises that can settle without time have done so after a turn of the event loop.
        await turn()
        if (isSettled) return promise
        const timer = next()
        if (timer === undefined) throw new RangeError('waits for something that never comes')
        fire(timer)
      }
    },
    async pass(ms) {
      const endMs = now + ms
      for (;;) {
        await turn()
        const timer = next()
        if (timer === undefined || timer.atMs > endMs) break
        fire(timer)
      }
      now = endMs
    },
  }
}
