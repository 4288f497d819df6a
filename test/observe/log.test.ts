/** Logs: one line of JSON each, exact integers, and no secrets at any depth. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { BaseError } from '../../solver/core/errors.ts'
import { createLog, type Facts, type Log } from '../../solver/observe/log.ts'

type Line = Record<string, unknown>

/** The lines that `use` writes, parsed. */
function linesOf(use: (log: Log) => void, level?: 'info' | 'warn' | 'silent'): Line[] {
  const texts: string[] = []
  const destination = { write: (text: string) => void texts.push(text) }
  use(createLog({ destination, level, nowMs: () => 1_700_000_000_123 }))
  return texts.map((text) => {
    assert.ok(text.endsWith('\n') && text.indexOf('\n') === text.length - 1, 'one line')
    return JSON.parse(text) as Line
  })
}

const lineOf = (facts: Facts): Line => linesOf((log) => log.info(facts, 'said'))[0] ?? {}

class SampleError extends BaseError {
  override readonly code = 'observe.sample'
}

describe('log.createLog', () => {
  it('writes level, time, sentence and facts, and nothing else', () => {
    const [line] = linesOf((log) => log.warn({ block: 7 }, 'the node lags'))
    const expected = { level: 'warn', time: 1_700_000_000_123, msg: 'the node lags', block: 7 }
    assert.deepEqual(line, expected)
  })

  it('writes integers beyond a double exactly, as decimal text, at any depth', () => {
    const value = 10n ** 20n
    const line = lineOf({ value, list: [value, { value }], map: new Map([['value', value]]) })
    const { value: top, list, map } = line
    assert.equal(BigInt(String(top)), value)
    assert.deepEqual(list, [String(value), { value: String(value) }])
    assert.deepEqual(map, { value: String(value) })
  })

  it('cuts secrets out at any depth, however they are spelt', () => {
    const secret = 'hunter2'
    const names = ['signature', 'privateKey', 'private_key', 'raw', 'calldata', 'callData', 'RAW']
    for (const name of names) {
      const inner = { [name]: secret }
      const error = new SampleError('no', {
        facts: inner,
        cause: new SampleError('x', { facts: inner }),
      })
      const facts = {
        ...inner,
        deep: { list: [inner, [inner]] },
        map: new Map([[name, secret]]),
        error,
      }
      const line = lineOf(facts)
      assert.equal(line[name], '[redacted]')
      assert.ok(!JSON.stringify(line).includes(secret), name)
    }
  })

  it('cuts secrets out of what a child carries', () => {
    const [line] = linesOf((log) =>
      log.child({ request: 5n, signature: 'hunter2' }).error({ raw: 'hunter2' }, 'no'),
    )
    assert.ok(!JSON.stringify(line).includes('hunter2'))
    assert.equal(line?.['request'], '5')
  })

  it('keeps its own fields from being overwritten', () => {
    const line = lineOf({ level: 'fake', time: 1, msg: 'fake' })
    assert.deepEqual([line['level'], line['msg']], ['info', 'said'])
    assert.deepEqual([line['level_'], line['time_'], line['msg_']], ['fake', 1, 'fake'])
  })

  it('tells code and facts of an error of ours, and its cause', () => {
    const error = new SampleError('It failed.', {
      facts: { amount: 5n },
      retryable: true,
      cause: new TypeError('deep down'),
    })
    assert.deepEqual(lineOf({ error })['error'], {
      name: 'SampleError',
      message: 'It failed.',
      code: 'observe.sample',
      facts: { amount: '5' },
      retryable: true,
      cause: { name: 'TypeError', message: 'deep down' },
    })
  })

  it('ends cycles, long lists, deep trees and what cannot be read', () => {
    const cycle: Record<string, unknown> = { name: 'loop' }
    cycle['self'] = cycle
    const nasty = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new TypeError('no')
      },
    })
    const list = Array.from({ length: 10_000 }, (_, index) => index)
    const line = lineOf({ cycle, nasty, list, bytes: new Uint8Array(5), nothing: undefined })
    assert.ok(JSON.stringify(line).length < 5_000)
    assert.deepEqual(line['nasty'], { x: '[unreadable]' })
    assert.deepEqual((line['list'] as unknown[]).slice(-2), [199, '9800 more'])
    assert.equal(line['bytes'], '[5 bytes]')
  })

  it('leaves out what is below its level', () => {
    const all = (log: Log) => {
      log.info({}, 'a')
      log.warn({}, 'b')
      log.error({}, 'c')
    }
    assert.deepEqual(
      linesOf(all, 'warn').map(({ msg }) => msg),
      ['b', 'c'],
    )
    assert.deepEqual(linesOf(all, 'silent'), [])
  })

  it('writes one line of JSON for anything', () => {
    const anything = fc.dictionary(
      fc.string(),
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
      }),
    )
    fc.assert(
      fc.property(anything, fc.string(), (facts, sentence) => {
        const [line] = linesOf((log) => log.info(facts, sentence))
        assert.equal(line?.['level'], 'info')
        assert.equal(line?.['msg'], sentence)
      }),
    )
  })
})
