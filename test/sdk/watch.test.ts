/** Following an intent: what is told, what is borne, and when it ends. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { BadAnswerError, UnreachableError } from '../../sdk/errors.ts'
import type { IntentState } from '../../sdk/index.ts'
import { watchState, type WatchOptions } from '../../sdk/watch.ts'
import { codeOfError } from '../helpers/orders.ts'

const intentHash = `0x${'1a'.repeat(32)}` as const
const away = new UnreachableError('http://host', undefined)

type Step = Error | readonly [IntentState['status'], string?]

/** Watches a server that answers `steps` in turn, the last one for ever. */
async function watch(steps: readonly Step[], options: WatchOptions = {}) {
  let asked = 0
  const told: string[] = []
  const ask = (): Promise<IntentState> => {
    const step = steps[Math.min(asked++, steps.length - 1)] ?? away
    if (step instanceof Error) return Promise.reject(step)
    const [status, why] = step
    return Promise.resolve({ intentHash, status, why, fill: undefined })
  }
  const code = await codeOfError(async () => {
    for await (const { status, why } of watchState(intentHash, ask, { pollMs: 1, ...options }))
      told.push(why === undefined ? status : `${status} ${why}`)
  })
  return { told, code, asked: () => asked }
}

describe('sdk.watchState', () => {
  for (const end of ['filled', 'expired', 'cancelled'] as const)
    it(`tells each change once and ends at ${end}`, async () => {
      const { told, code, asked } = await watch([
        ['open', 'a'],
        ['open', 'a'],
        ['open', 'b'],
        ['submitted', 'b'],
        ['open', 'b'],
        [end],
        ['open', 'never asked'],
      ])
      assert.deepEqual(told, ['open a', 'open b', 'submitted b', 'open b', end])
      assert.deepEqual([code, asked()], [undefined, 6])
    })

  it('bears ten failures in a row, and again ten after an answer', async () => {
    const ten = Array.from({ length: 10 }, () => away)
    const { told, code } = await watch([...ten, ['open', 'a'], ...ten, ['filled']])
    assert.deepEqual([told, code], [['open a', 'filled'], undefined])
  })

  it('gives up at the eleventh, and at once at what will not pass', async () => {
    const eleven = await watch([away])
    assert.deepEqual([eleven.code, eleven.asked()], ['sdk.unreachable', 11])
    const broken = await watch([new BadAnswerError('status', 'lost')])
    assert.deepEqual([broken.code, broken.asked()], ['sdk.bad-answer', 1])
  })

  it('ends in the time that it was given, and says that the intent stands', async () => {
    const { code, told } = await watch([['open', 'a']], { timeoutMs: 20 })
    assert.deepEqual([code, told], ['sdk.watch-timeout', ['open a']])
  })

  it('ends without an error when it is aborted, in the middle of a wait too', async () => {
    const stop = new AbortController()
    const watched = watch([['open', 'a']], { signal: stop.signal, pollMs: 1_000_000 })
    setTimeout(() => stop.abort(), 10)
    const { told, code } = await watched
    assert.deepEqual([told, code], [['open a'], undefined])
    const never = await watch([['open']], { signal: AbortSignal.abort() })
    assert.equal(never.asked(), 0)
  })
})
