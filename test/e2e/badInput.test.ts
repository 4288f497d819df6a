/** Bad input at every door: its own stable code, a hint, and nothing moved. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { badInputs, type BadInputResult, runBadInputs } from '../helpers/badInputs.ts'

const results = new Map<string, BadInputResult>()

before(async function () {
  this.timeout(180_000)
  for (const result of await runBadInputs(() => undefined)) results.set(result.name, result)
})

describe('e2e.badInput', () => {
  for (const { name, code } of badInputs)
    it(`answers "${name}" with ${code} and a hint, and moves nothing`, () => {
      const result = results.get(name)
      assert.deepEqual(result, {
        name,
        expected: code,
        code,
        hasHint: true,
        nothingMoved: true,
      })
    })

  it('has at least 40 cases, each with a name of its own', () => {
    assert.ok(badInputs.length >= 40)
    assert.equal(new Set(badInputs.map(({ name }) => name)).size, badInputs.length)
  })
})
