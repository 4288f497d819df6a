/** docs/new-pool-kind.md, done as it says: one file and one registration, and everything else follows. */
import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'mocha'

const page = readFileSync('docs/new-pool-kind.md', 'utf8')
let folder: string

/** The block of the page that stands under the name of a file. */
function blockOf(file: string): string {
  const start = page.indexOf(`**\`${file}\`**`)
  const [, text] = /^```\w*\n([^]*?)^```$/m.exec(page.slice(start)) ?? []
  assert.ok(start >= 0 && text !== undefined, `${file} is not on the page`)
  return text
}

/** A copy of the checkout's `solver`, in a folder that looks like it from inside. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoprice-new-kind-'))
  cpSync('solver', join(folder, 'solver'), { recursive: true })
  for (const name of ['node_modules', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
  for (const file of ['solver/pools/daiUsds.ts', 'new-kind.json', 'new-kind.ts'])
    writeFileSync(join(folder, file), blockOf(file))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Adds the page's two halves of the registration. */
function register(): void {
  const path = join(folder, 'solver/pools/index.ts')
  const added = blockOf('solver/pools/index.ts').trimEnd().split('\n')
  assert.ok(added.every((line) => line.startsWith('+')))
  const [importLine = '', entry = '', ...more] = added.map((line) => line.slice(1))
  assert.deepEqual(more, [])
  const registry = readFileSync(path, 'utf8')
    .replace(/^import /m, `${importLine}\nimport `)
    .replace('export const poolModules = {\n', (line) => `${line}${entry}\n`)
  writeFileSync(path, registry)
}

function run(...argv: string[]): SpawnSyncReturns<string> {
  const options = { cwd: folder, encoding: 'utf8', timeout: 60_000 } as const
  return spawnSync(process.execPath, argv, options)
}

const cli = (...argv: string[]) => run('solver/cli/main.ts', ...argv)

describe('docs/new-pool-kind.md', () => {
  it('starts from a solver that does not know the kind', () => {
    const { status, stdout } = cli('pools', '--market', 'new-kind.json')
    assert.equal(status, 0)
    assert.match(stdout, /^1 of 1 pool$/m)
    assert.match(stdout, /^left out: 1 pool/m)
    assert.doesNotMatch(cli('pools', '--kinds').stdout, /daiUsds/)
  })

  it('loads, follows and quotes a pool of the kind with the file and the line added', () => {
    register()
    const { status, stdout, stderr } = run('new-kind.ts')
    assert.equal(status, 0, stderr)
    assert.equal(stdout, blockOf('output'))
  })

  it('lists and checks it on the command line', () => {
    assert.match(cli('pools', '--kinds').stdout, /^daiUsds +Sky's converter/m)
    const { stdout } = cli('pools', '--market', 'new-kind.json')
    assert.match(stdout, /^daiUsds +- +DAI\/USDS +1 +0 /m)
    assert.match(stdout, /^2 of 2 pools$/m)
    const check = cli('market', 'check', 'new-kind.json')
    assert.equal(check.status, 0, check.stderr)
    assert.match(check.stdout, /^2 of 2 pools quote a small swap between all their tokens$/m)
  })

  it('keeps every type of the solver in order', function () {
    this.timeout(120_000)
    const config = { extends: resolve('tsconfig.json'), include: ['solver', 'new-kind.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { status, stdout } = run(resolve('node_modules/typescript/bin/tsc'), '-p', folder)
    assert.equal(status, 0, stdout)
  })

  it('quotes the example word for word', () => {
    const example = readFileSync('examples/newPoolType.ts', 'utf8')
    const [, object = ''] = /^(type ConverterState[^]*?)\n\n\/\/ What/m.exec(example) ?? []
    assert.ok(object.length > 500)
    assert.ok(blockOf('solver/pools/daiUsds.ts').endsWith(`${object}\n`))
  })
})
