/** The lock between readers and the builder. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createMutex } from '../../../solver/localnet/serve/mutex.ts'

describe('mutex.createMutex', () => {
  it('runs one task at a time, in the order of the calls', async () => {
    const exclusive = createMutex()
    const steps: string[] = []
    const task = (name: string, turns: number) =>
      exclusive(async () => {
        steps.push(`${name} begins`)
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
        steps.push(`${name} ends`)
        return name
      })
    assert.deepEqual(await Promise.all([task('a', 9), task('b', 1)]), ['a', 'b'])
    assert.deepEqual(steps, ['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('goes on after a task that rejects', async () => {
    const exclusive = createMutex()
    const failing = exclusive(() => Promise.reject(new Error('no')))
    const next = exclusive(() => Promise.resolve(7))
    await assert.rejects(failing)
    assert.equal(await next, 7)
  })
})
