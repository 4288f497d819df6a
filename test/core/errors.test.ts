/** The root of all errors: what is machine-read and what a person reads. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { BaseError } from '../../solver/core/errors.ts'

class TooHotError extends BaseError {
  override readonly code = 'core.too-hot'

  constructor(options: BaseError.Options = {}) {
    super('The kettle is too hot.', options)
  }
}

describe('errors.BaseError', () => {
  it('carries facts, hint and cause as they were given', () => {
    const cause = new RangeError('boiling')
    const error = new TooHotError({
      cause,
      facts: { degrees: 101n },
      hint: 'Wait.',
      retryable: true,
    })
    assert.deepEqual(
      [error.code, error.facts, error.hint, error.retryable, error.cause],
      ['core.too-hot', { degrees: 101n }, 'Wait.', true, cause],
    )
  })

  it('is named as its class and is an Error', () => {
    const error = new TooHotError()
    assert.equal(error.name, 'TooHotError')
    assert.ok(error instanceof Error)
  })

  it('has no hint, no facts and no second try when none are given', () => {
    const { hint, facts, retryable } = new TooHotError()
    assert.deepEqual({ hint, facts, retryable }, { hint: undefined, facts: {}, retryable: false })
  })

  it('says summary, facts and hint in this order, one a line', () => {
    const { message } = new TooHotError({ facts: { degrees: 101n, at: 'lid' }, hint: 'Wait.' })
    assert.deepEqual(message.split('\n'), [
      'The kettle is too hot.',
      '  degrees: 101',
      '  at: lid',
      'Wait.',
    ])
  })
})
