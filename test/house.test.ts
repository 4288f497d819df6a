/** The hard rules hold for the whole tree, and each of them bites on a file that breaks it. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { inspect, readSources } from '../scripts/house.ts'

/** Findings of one made-up file. */
function rulesBrokenBy(file: string, body: string): number[] {
  const text = `/** A purpose. */\n${body}`
  return inspect([{ file, text }]).map(({ rule }) => rule)
}

describe('house.inspect', () => {
  it('finds nothing in this repository', () => {
    const sources = readSources(process.cwd(), ['solver', 'scripts', 'bench'])
    assert.ok(sources.length > 50)
    assert.deepEqual(inspect(sources), [])
  })

  it('names an import of a room further right', () => {
    const found = rulesBrokenBy('solver/pools/x.ts', `import type { A } from '../route/route.ts'`)
    assert.deepEqual(found, [1])
  })

  it('names a cycle of files, types included', () => {
    const file = (name: string, other: string) => ({
      file: `solver/pools/${name}.ts`,
      text: `/** A purpose. */\nimport type { A } from './${other}.ts'`,
    })
    assert.deepEqual(
      inspect([file('a', 'b'), file('b', 'a')]).map(({ rule }) => rule),
      [2],
    )
  })

  it('names a database outside the rooms that open it', () => {
    const text = "/** x */\nimport { pino } from 'pino'\n"
    const found = (file: string) => inspect([{ file, text }]).map(({ rule }) => rule)
    assert.deepEqual(found('solver/engine/x.ts'), [3])
    assert.deepEqual(found('solver/observe/x.ts'), [])
    assert.deepEqual(found('solver/market/xRows.ts'), [])
  })

  it('names the world in a pure room', () => {
    assert.deepEqual(
      rulesBrokenBy('solver/pools/x.ts', `import { readFileSync } from 'node:fs'`),
      [3],
    )
    assert.deepEqual(rulesBrokenBy('solver/route/x.ts', `const now = Date.now()`), [3])
    assert.deepEqual(rulesBrokenBy('solver/market/x.ts', `const reply = fetch('x')`), [3])
    assert.deepEqual(rulesBrokenBy('solver/intents/x.ts', `import { http } from 'viem'`), [3])
    assert.deepEqual(
      rulesBrokenBy('solver/pools/x.ts', `import { a } from '../chain/client.ts'`),
      [3],
    )
  })

  it('lets a pure room take types of the chain and pure helpers of viem', () => {
    const body = `import type { Log } from '../chain/block.ts'\nimport { keccak256 } from 'viem/utils'`
    assert.deepEqual(rulesBrokenBy('solver/pools/x.ts', body), [])
  })

  it('names a division outside a float function where integers decide', () => {
    assert.deepEqual(
      rulesBrokenBy('solver/route/x.ts', `function f(a: bigint) { return a / 2n }`),
      [4],
    )
    assert.deepEqual(
      rulesBrokenBy('solver/pools/x.ts', `function f(a: bigint): number { return Number(a) / 2 }`),
      [],
    )
  })

  it('names an amount that is typed number', () => {
    const body = `/** A. */\nexport type A = { readonly amountIn: number }`
    assert.deepEqual(rulesBrokenBy('solver/submit/x.ts', body), [4])
  })

  it('names an error without a code, with a code of another room, and a bare Error', () => {
    assert.deepEqual(rulesBrokenBy('solver/route/x.ts', `class AError extends BaseError {}`), [5])
    assert.deepEqual(
      rulesBrokenBy(
        'solver/route/x.ts',
        `class AError extends BaseError { override readonly code = 'pools.a' }`,
      ),
      [5],
    )
    assert.deepEqual(rulesBrokenBy('solver/route/x.ts', `throw new Error('x')`), [5])
    assert.deepEqual(rulesBrokenBy('solver/route/x.ts', `class Thing {}`), [5])
  })

  it('names an export without a doc comment and a throw that no doc comment names', () => {
    assert.deepEqual(rulesBrokenBy('solver/route/x.ts', `export const a = 1`), [6])
    assert.deepEqual(
      rulesBrokenBy(
        'solver/route/x.ts',
        `/** A. */\nexport function f() { throw new NoRouteError() }`,
      ),
      [6],
    )
  })
})
