/** Every example runs as it stands, says what it should, and is short enough to read. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, it } from 'mocha'

/** What each example prints when it did its work. */
const says: Readonly<Record<string, RegExp>> = {
  'newPoolType.ts': /^1 DAI -> 1000000000000000000 -> 1000000000000000000$/m,
  'newSolver.ts': /^winner: direct$/m,
  'quote.ts': /^proven: no plan over these pools nets more than \d+\.\d{4} bps on top$/m,
  'replay.ts': /^replayed 0x[0-9a-f]{64} the same$/m,
  'signAndSubmit.ts': /received (\d+), quoted \1\n.*filled$/m,
}
const examples = globSync('examples/*.ts').sort()

describe('examples', () => {
  it('are all tried here', () => {
    assert.deepEqual(
      examples.map((file) => basename(file)),
      Object.keys(says),
    )
  })

  for (const file of examples) {
    it(`${file} runs`, function () {
      this.timeout(60_000)
      const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      assert.match(stdout, says[basename(file)] ?? /$^/)
    })

    it(`${file} has fewer than 60 lines`, () => {
      assert.ok(readFileSync(file, 'utf8').trimEnd().split('\n').length < 60)
    })
  }
})
