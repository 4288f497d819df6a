/** The scripts that guard the repository: they pass on it, and bite on what they are there for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'mocha'
import { readErrors, renderErrors } from '../../scripts/errorCatalogue.ts'

const folder = mkdtempSync(join(tmpdir(), 'isoprice-scripts-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function run(script: string, argv: readonly string[] = [], cwd = process.cwd()) {
  return spawnSync(process.execPath, [resolve('scripts', script), ...argv], {
    cwd,
    encoding: 'utf8',
  })
}

describe('scripts/check-lock', () => {
  const good = {
    '': { dependencies: { a: '1.0.0' } },
    'node_modules/a': {
      version: '1.0.0',
      integrity: 'sha512-x',
      optionalDependencies: { b: '1.0.0' },
    },
    'node_modules/b': { version: '1.0.0', integrity: 'sha512-y', optional: true },
  }
  function check(packages: object) {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }))
    return run('check-lock.mjs', [], folder)
  }

  it('passes on the lock of this repository', () => {
    const { status, stdout } = run('check-lock.mjs')
    assert.equal(status, 0)
    assert.match(stdout, /^\d{2,} locked packages, none missing$/m)
  })

  it('passes on a small lock that is whole', () => {
    assert.equal(check(good).status, 0)
  })

  const { 'node_modules/b': _, ...withoutPlatform } = good
  const broken: readonly (readonly [string, object, RegExp])[] = [
    ['lacks a platform package', withoutPlatform, /b@1\.0\.0 \(of node_modules\/a\)/],
    ['has no integrity', { ...good, 'node_modules/c': { version: '1.0.0' } }, /node_modules\/c/],
    ['has a range', { ...good, '': { devDependencies: { a: '^1.0.0' } } }, /a@\^1\.0\.0/],
  ]
  for (const [what, packages, said] of broken)
    it(`fails on a lock that ${what}, and names it`, () => {
      const { status, stderr } = check(packages)
      assert.equal(status, 1)
      assert.match(stderr, said)
    })

  it('takes a platform package that is locked under the package that asks for it', () => {
    const { 'node_modules/b': nested, ...rest } = good
    assert.equal(check({ ...rest, 'node_modules/a/node_modules/b': nested }).status, 0)
  })
})

describe('scripts/errorCatalogue', () => {
  const source = [
    '/** The kettle is off. */',
    'export class OffError extends BaseError {',
    "  override readonly code = 'kettle.off'",
    '  constructor(at: string) {',
    "    super('Off.', { hint: `Switch ${at} on.` })",
    '  }',
    '}',
    'export class Helper {}',
  ].join('\n')

  it('reads code, meaning and hint from an error class, and nothing else', () => {
    assert.deepEqual(readErrors([{ file: 'kettle.ts', text: source }]), [
      {
        code: 'kettle.off',
        meaning: 'The kettle is off.',
        hint: 'Switch … on.',
        file: 'kettle.ts',
      },
    ])
  })

  it('passes on the page of this repository', () => {
    const { status, stderr } = run('errorCatalogue.ts', ['--check'])
    assert.equal(status, 0, stderr)
  })

  it('fails on a page that is not what the code says, and passes once it is', () => {
    for (const name of ['solver', 'sdk', 'docs']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'solver', 'kettle.ts'), source)
    const page = join(folder, 'docs', 'errors.md')
    writeFileSync(page, 'old')
    const { status, stderr } = run('errorCatalogue.ts', ['--check'], folder)
    assert.equal(status, 1)
    assert.match(stderr, /errorCatalogue\.ts/)
    writeFileSync(page, renderErrors(readErrors([{ file: 'kettle.ts', text: source }])))
    assert.equal(run('errorCatalogue.ts', ['--check'], folder).status, 0)
  })
})

describe('scripts/openapi', () => {
  it('passes on the document of this repository', () => {
    const { status, stderr } = run('openapi.ts', ['--check'])
    assert.equal(status, 0, stderr)
  })

  it('fails on another document', () => {
    mkdirSync(join(folder, 'docs'), { recursive: true })
    writeFileSync(join(folder, 'docs', 'openapi.json'), '{}')
    assert.equal(run('openapi.ts', ['--check'], folder).status, 1)
  })
})

describe('scripts/accept', () => {
  it('lists every check with its threshold', () => {
    const { status, stdout } = run('accept.ts', ['--list'])
    assert.equal(status, 0)
    for (const id of [
      'start',
      'test',
      'blocks',
      'mainnet-fork',
      'differential',
      'private',
      'badinput',
    ])
      assert.match(stdout, new RegExp(`^main\\.${id}  \\S`, 'm'))
  })

  it('exits with 2 for a check that it does not know, and names those that it does', () => {
    const { status, stdout, stderr } = run('accept.ts', ['main.nothing'])
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /main\.nothing.*main\.start/)
  })
})
