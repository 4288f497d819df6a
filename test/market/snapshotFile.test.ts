/** Snapshots on disk. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { loadSnapshot, saveSnapshot } from '../../solver/market/snapshotFile.ts'
import type { MarketView } from '../../solver/market/view.ts'

const view: MarketView = { chainId: 5, tokens: new Map(), pools: new Map(), gasPrice: 1n }

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
})
after(() => rm(folder, { recursive: true }))

describe('snapshotFile.saveSnapshot', () => {
  for (const name of ['market.json', 'market.json.gz'])
    it(`writes ${name} so that loadSnapshot reads the same market`, async () => {
      await saveSnapshot(join(folder, name), toSnapshot(view, { source: { of: 'a test' } }))
      const snapshot = await loadSnapshot(join(folder, name))
      assert.deepEqual(snapshot.view, view)
      assert.deepEqual(snapshot.extra, { source: { of: 'a test' } })
    })

  it('says that it cannot write, and leaves nothing behind', async () => {
    await assert.rejects(saveSnapshot(join(folder, 'no/market.json'), toSnapshot(view)), {
      code: 'market.snapshot-file',
    })
    const left = (await readdir(folder)).filter((name) => name.endsWith('.part'))
    assert.deepEqual(left, [])
  })
})

describe('snapshotFile.loadSnapshot', () => {
  it('says that a file is not there', async () => {
    await assert.rejects(loadSnapshot(join(folder, 'none.json')), { code: 'market.snapshot-file' })
  })

  it('refuses a gzipped file that was cut short, and one that is something else', async () => {
    const whole = join(folder, 'whole.json.gz')
    await saveSnapshot(whole, toSnapshot(view))
    const cut = join(folder, 'cut.json.gz')
    await writeFile(cut, (await readFile(whole)).subarray(0, 40))
    await assert.rejects(loadSnapshot(cut), { code: 'market.snapshot-corrupt' })
    await writeFile(cut, '<html>')
    await assert.rejects(loadSnapshot(cut), { code: 'market.snapshot-corrupt' })
  })

  it('reads a gzipped file under any name', async () => {
    await saveSnapshot(join(folder, 'a.json.gz'), toSnapshot(view))
    await writeFile(join(folder, 'a.json'), await readFile(join(folder, 'a.json.gz')))
    assert.deepEqual((await loadSnapshot(join(folder, 'a.json'))).view, view)
  })
})
