/** What our pages name is there. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'mocha'

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md').sort()]
const folders = 'solver contracts scripts bench test docs examples sdk'.split(' ')
const path = new RegExp(`\`((?:${folders.join('|')})/[^\\s\`]*)\``, 'g')

/** Files that a page has its reader write. */
const toWrite = new Set(['solver/pools/daiUsds.ts'])

/** The paths of this repository that `markdown` names in backticks; a line after a colon is no part of one. */
function pathsIn(markdown: string): readonly string[] {
  const named = [...markdown.matchAll(path)].flatMap(([, found = '']) => found.replace(/:\d+$/, ''))
  return named.filter((found) => !/[<…]/.test(found))
}

/** True for a file, a folder, or a pattern (`*`, `{a,b}`) that finds at least one. */
function isThere(found: string): boolean {
  return existsSync(found) || globSync(found).length > 0
}

/** The targets of links to files, relative to the page. */
function linksIn(markdown: string): readonly string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
  return targets.flatMap(([, target = '']) => (/^[a-z]+:/.test(target) ? [] : [target]))
}

describe('pages', () => {
  it('finds paths in backticks, patterns too, and placeholders are none', () => {
    const page =
      'A `solver/a.ts:7`, `docs/*.md`, `npm test`, `solver/pools/<kind>.ts` and solver/b.ts.'
    assert.deepEqual(pathsIn(page), ['solver/a.ts', 'docs/*.md'])
    assert.deepEqual([isThere('docs/*.md'), isThere('docs/*.nothing')], [true, false])
    assert.deepEqual(linksIn('[a](docs/a.md#b) [c](https://d.example)'), ['docs/a.md'])
  })

  for (const page of pages)
    it(`${page} names and links only files that are there`, () => {
      const text = readFileSync(page, 'utf8')
      const missing = pathsIn(text).filter((found) => !toWrite.has(found) && !isThere(found))
      const dead = linksIn(text).filter((target) => !existsSync(join(dirname(page), target)))
      assert.deepEqual({ missing, dead }, { missing: [], dead: [] })
    })
})
