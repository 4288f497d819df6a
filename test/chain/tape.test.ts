/** Tapes on disk. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { loadTape, parseTape, saveTape } from '../../solver/chain/tape.ts'
import { aTape, anAccount, slotReader } from '../helpers/tapes.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tape-'))
})
after(() => rm(folder, { recursive: true }))

describe('tape.saveTape', () => {
  for (const name of ['tape.json', 'tape.json.gz'])
    it(`writes ${name} so that loadTape reads the same tape`, async () => {
      await saveTape(join(folder, name), aTape())
      assert.deepEqual(await loadTape(join(folder, name)), aTape())
    })

  it('leaves nothing behind where it cannot write', async () => {
    await assert.rejects(saveTape(join(folder, 'no', 'tape.json'), aTape()), {
      code: 'chain.tape-file',
    })
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.part')),
      [],
    )
  })
})

describe('tape.loadTape', () => {
  it('refuses a file that is not there', async () => {
    await assert.rejects(loadTape(join(folder, 'none.json')), { code: 'chain.tape-file' })
  })

  it('refuses a gzip stream that was cut short', async () => {
    const path = join(folder, 'short.json.gz')
    await saveTape(path, aTape())
    const { readFile } = await import('node:fs/promises')
    await writeFile(path, (await readFile(path)).subarray(0, 200))
    await assert.rejects(loadTape(path), { code: 'chain.tape-file' })
  })
})

describe('tape.parseTape', () => {
  const broken: readonly [string, unknown][] = [
    ['another format', { ...aTape(), format: 'isoprice-tape/2' }],
    ['no chain id', { ...aTape(), chainId: undefined }],
    ['a block without a hash', { ...aTape(), block: { number: '0x1' } }],
    ['no accounts', { ...aTape(), accounts: undefined }],
    ['an upper-case address', { ...aTape(), accounts: { ['0xA'.padEnd(42, 'A')]: anAccount() } }],
    [
      'a balance that is no hex',
      { ...aTape(), accounts: { [slotReader]: { ...anAccount(), balance: '7' } } },
    ],
    [
      'a short slot',
      { ...aTape(), accounts: { [slotReader]: anAccount({ storage: { '0x5': '0x6' } }) } },
    ],
    ['a list', []],
    ['null', null],
  ]
  for (const [what, value] of broken)
    it(`refuses ${what}`, () => {
      assert.throws(() => parseTape(JSON.stringify(value), 'x'), { code: 'chain.tape-file' })
    })

  it('refuses what is not JSON', () => {
    assert.throws(() => parseTape('{', 'x'), { code: 'chain.tape-file' })
  })
})
