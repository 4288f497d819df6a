/** What our pages tell a reader to run, runs. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'mocha'
import { createSnippetFolder, readSnippets, type SnippetFolder } from '../helpers/snippets.ts'

const pages = ['README.md', ...globSync('docs/*.md').sort()]
let folder: SnippetFolder

before(async () => {
  folder = await createSnippetFolder()
})
after(() => folder.remove())

describe('snippets.readSnippets', () => {
  const block = (language: string, ...lines: string[]) =>
    ['```' + language, ...lines, '```', ''].join('\n')

  it('finds the blocks that are marked, and no others', () => {
    const page = [
      'Text\n\n',
      block('sh', '# runs in CI', 'true'),
      block('sh', 'rm -rf /'),
      block('', '# runs in CI'),
      block('ts', '// runs in CI', 'await 1'),
      block('json', '// runs in CI'),
    ].join('')
    assert.deepEqual(
      readSnippets(page).map(({ language, line }) => [language, line]),
      [
        ['sh', 4],
        ['ts', 14],
      ],
    )
  })
})

describe('snippets.run', () => {
  it('fails with the snippet: in sh, in a pipe, and in TypeScript', () => {
    assert.equal(folder.run({ language: 'sh', code: 'true' }).status, 0)
    assert.notEqual(folder.run({ language: 'sh', code: 'false\ntrue' }).status, 0)
    assert.notEqual(folder.run({ language: 'sh', code: 'false | cat' }).status, 0)
    assert.notEqual(folder.run({ language: 'ts', code: 'throw new RangeError()' }).status, 0)
  })

  it('resolves imports as from the root of the checkout, on the market that is there', () => {
    const code = `
      import { loadSnapshot } from './solver/market/snapshotFile.ts'
      import { findToken } from './solver/market/findToken.ts'
      const { view }: { view: object } = await loadSnapshot('market.json.gz')
      console.log(findToken(view as never, 'WETH').decimals)`
    const { status, stdout, stderr } = folder.run({ language: 'ts', code })
    assert.deepEqual([stderr, status, stdout], ['', 0, '18\n'])
  })
})

describe('pages', () => {
  for (const page of pages)
    for (const snippet of readSnippets(readFileSync(page, 'utf8')))
      it(`${page}:${snippet.line} runs`, function () {
        this.timeout(90_000)
        const { status, stdout, stderr } = folder.run(snippet)
        assert.equal(status, 0, `${stdout}\n${stderr}`)
      })

  it('has at least one block that runs in the README', () => {
    assert.ok(readSnippets(readFileSync('README.md', 'utf8')).length > 0)
  })
})
