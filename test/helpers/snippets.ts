/** Code blocks of our pages, and a folder in which they can run as a reader would run them. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { saveSnapshot } from '../../solver/market/snapshotFile.ts'
import { createUniverse } from './universe.ts'

/** A block that its page says runs in CI. */
export type Snippet = {
  readonly language: 'sh' | 'ts'
  readonly code: string
  /** Line of the page on which the code starts, from 1. */
  readonly line: number
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const marks = { sh: '# runs in CI', ts: '// runs in CI' } as const

/** The `sh` and `ts` blocks of `markdown` whose first line is the comment `runs in CI`. */
export function readSnippets(markdown: string): readonly Snippet[] {
  return [...markdown.matchAll(/^```(sh|ts)\n([^]*?)^```$/gm)].flatMap((match) => {
    const [, language, code = ''] = match
    if (language !== 'sh' && language !== 'ts') return []
    if (code.split('\n')[0]?.trim() !== marks[language]) return []
    return [{ language, code, line: markdown.slice(0, match.index).split('\n').length + 1 }]
  })
}

/** A folder that looks like the checkout from inside, with a `market.json.gz` of WETH, USDC and others in it. */
export type SnippetFolder = {
  run(snippet: Pick<Snippet, 'language' | 'code'>): SpawnSyncReturns<string>
  remove(): Promise<void>
}

/** Makes the folder; what snippets write stays in it. */
export async function createSnippetFolder(): Promise<SnippetFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'isoprice-snippets-'))
  for (const name of ['node_modules', 'package.json', 'solver', 'sdk', 'scripts', 'examples'])
    await symlink(join(root, name), join(folder, name))
  const { view } = createUniverse({ seed: 5, pools: 24, tokens: 5, gasPrice: 10n ** 10n })
  const symbols: Readonly<Record<string, string>> = {
    T0: 'WETH',
    T1: 'USDC',
    T2: 'DAI',
    T3: 'WBTC',
  }
  const tokens = [...view.tokens.values()].map((token) => {
    return { ...token, symbol: symbols[token.symbol] ?? token.symbol }
  })
  const named = { ...view, tokens: new Map(tokens.map((token) => [token.address, token])) }
  await saveSnapshot(join(folder, 'market.json.gz'), toSnapshot(named))
  return {
    run({ language, code }) {
      const options = { cwd: folder, encoding: 'utf8', input: code, timeout: 60_000 } as const
      return language === 'sh'
        ? spawnSync('bash', ['-euo', 'pipefail'], options)
        : spawnSync(process.execPath, ['--input-type=module-typescript', '-'], options)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
