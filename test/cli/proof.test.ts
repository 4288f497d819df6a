/** `isoprice verify` and `replay`: a bundle proves its quote on any machine, and nothing once it is changed. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { errorOf, runCli } from '../helpers/cli.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'

let files: MarketFiles
let bundle: string
let digest: string

before(async () => {
  files = await createMarketFiles()
  bundle = join(files.folder, 'bundle.json')
  const request = ['--sell', 'T0', '--buy', 'T1', '--amount', String(3n * 10n ** 18n)]
  const { out } = await runCli(
    'quote',
    '--market',
    files.market,
    ...request,
    '--bundle',
    bundle,
    '--json',
  )
  digest = (JSON.parse(out[0] ?? '') as { digest: string }).digest
})
after(() => files.remove())

async function changed(name: string, change: (text: string) => string): Promise<string> {
  const text = await readFile(bundle, 'utf8')
  assert.notEqual(change(text), text)
  return files.write(name, change(text))
}

describe('cli.replay', () => {
  it('finds the digest of the quote again', async () => {
    const { code, out } = await runCli('replay', bundle, '--json')
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out[0] ?? ''), { digest, same: true })
    assert.deepEqual((await runCli('replay', bundle)).out, [`replay ${digest} ✓`])
  })

  it('exits with 5 for a bundle in which anything was changed', async () => {
    const changes: readonly ((text: string) => string)[] = [
      (text) => text.replace(/"amountOut":"(\d+)"/, '"amountOut":"1$1"'),
      (text) => text.replace(/"reserves":\["(\d)/, '"reserves":["9$1'),
      (text) => text.replace(digest, `0x${'00'.repeat(32)}`),
    ]
    for (const [index, change] of changes.entries()) {
      const run = await runCli('replay', await changed(`changed-${index}.json`, change), '--json')
      assert.equal(run.code, 5)
      assert.equal(errorOf(run)?.code, 'route.bundle-digest')
    }
  })
})

describe('cli.verify', () => {
  it('says the bound that it recomputed', async () => {
    const { code, out } = await runCli('verify', bundle, '--json')
    const result = JSON.parse(out[0] ?? '') as { valid: boolean; bound: string; gapBps: number }
    assert.deepEqual([code, result.valid], [0, true])
    assert.match(result.bound, /^\d+$/)
    assert.match((await runCli('verify', bundle)).out[0] ?? '', /^valid: nothing .* more than \d+/)
  })

  it('refuses a file that is no bundle, and one that is not there', async () => {
    const other = await files.write('other.json', '{"format":"something/1"}')
    const runs = [
      await runCli('verify', other, '--json'),
      await runCli('verify', '/nowhere', '--json'),
    ]
    assert.deepEqual(
      runs.map((run) => [run.code, errorOf(run)?.code]),
      [
        [2, 'route.bundle-format'],
        [2, 'cli.input-file'],
      ],
    )
  })
})
