/** The lock of a folder: one holder, whoever died before. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { takeLock } from '../../solver/store/lockFile.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoprice-lock-'))
  path = join(folder, 'data.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const lockText = (pid: number, started: string) => JSON.stringify({ pid, started })
const module = new URL('../../solver/store/lockFile.ts', import.meta.url).href

/** A program that takes the lock, prints what came of it and, when it holds it, waits to be killed. */
function taker(): string[] {
  const program = `
    import { takeLock } from ${JSON.stringify(module)}
    try {
      takeLock(${JSON.stringify(path)})
      console.log('held')
      setInterval(() => {}, 1_000)
    } catch (error) {
      console.log(error.code)
    }`
  return ['--input-type=module', '-e', program]
}

describe('lockFile.takeLock', () => {
  it('lets one hold it, and the next when it is given back', () => {
    const release = takeLock(path)
    assert.throws(() => takeLock(path), { code: 'store.locked' })
    release()
    assert.ok(!existsSync(path))
    takeLock(path)()
  })

  it('gives back only what it took', () => {
    const release = takeLock(path)
    release()
    const next = takeLock(path)
    release()
    assert.ok(existsSync(path))
    next()
  })

  it('names the process that holds it', () => {
    // Process 1 is there, whoever it is; a start that nobody knows counts as alive.
    writeFileSync(path, lockText(1, ''))
    assert.throws(() => takeLock(path), { code: 'store.locked', facts: { pid: 1, lock: path } })
    assert.equal(readFileSync(path, 'utf8'), lockText(1, ''))
  })

  it('takes over from a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(path, lockText(pid, ''))
    takeLock(path)()
  })

  it('tells a pid that was used again from its first owner', function () {
    if (!existsSync('/proc/self/stat')) this.skip()
    writeFileSync(path, lockText(process.pid, '1'))
    takeLock(path)()
  })

  it('takes over a file that no holder wrote', () => {
    for (const text of ['', '123', '{"pid":', '{"pid":0,"started":""}']) {
      writeFileSync(path, text)
      takeLock(path)()
    }
  })

  it('leaves nothing but the lock behind', () => {
    writeFileSync(path, 'broken')
    const release = takeLock(path)
    assert.deepEqual(readdirSync(folder), ['data.lock'])
    release()
    assert.deepEqual(readdirSync(folder), [])
  })

  it('has one winner when many start at once over a dead holder', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(path, lockText(pid, ''))
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, taker()))
    const said = await Promise.all(
      children.map(
        (child) =>
          new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(`${text}`))),
      ),
    )
    const winner = children[said.indexOf('held\n')]
    assert.deepEqual(said.toSorted(), ['held\n', ...Array(5).fill('store.locked\n')])
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, winner?.pid)
    winner?.kill('SIGKILL')
    await new Promise((resolve) => winner?.once('close', resolve))
    takeLock(path)()
  })
})
