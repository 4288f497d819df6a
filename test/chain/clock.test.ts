/** What waits, and what wakes it. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createBell, pause, within } from '../../solver/chain/clock.ts'
import { createVirtualClock } from '../helpers/virtualClock.ts'

describe('clock.createBell', () => {
  it('wakes who waits', async () => {
    const clock = createVirtualClock(0)
    const bell = createBell()
    clock.after(30, bell.ring)
    await clock.run(bell.wait(clock, 1_000))
    assert.equal(clock.nowMs(), 30)
  })

  it('remembers one ring that nobody waited for, and only one', async () => {
    const clock = createVirtualClock(0)
    const bell = createBell()
    bell.ring()
    bell.ring()
    await clock.run(bell.wait(clock, 1_000))
    assert.equal(clock.nowMs(), 0)
    await clock.run(bell.wait(clock, 1_000))
    assert.equal(clock.nowMs(), 1_000)
  })
})

describe('clock.pause', () => {
  it('ends at once when its signal aborts, before or meanwhile', async () => {
    const clock = createVirtualClock(0)
    await clock.run(pause(clock, 1_000, AbortSignal.abort()))
    assert.equal(clock.nowMs(), 0)
    const over = new AbortController()
    clock.after(20, () => over.abort())
    await clock.run(pause(clock, 1_000, over.signal))
    assert.equal(clock.nowMs(), 20)
  })
})

describe('clock.within', () => {
  it('gives the value in time, and the error when it is late', async () => {
    const clock = createVirtualClock(0)
    const slow = (ms: number) => new Promise<string>((done) => clock.after(ms, () => done('done')))
    const late = () => new RangeError('late')
    assert.equal(await clock.run(within(clock, 100, slow(99), late)), 'done')
    await assert.rejects(clock.run(within(clock, 100, slow(101), late)), RangeError)
  })
})
