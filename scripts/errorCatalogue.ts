/**
 * Writes docs/errors.md: every error code with what it means and what to do, read from the error classes and, for
 * reverts, from the table that decodes them.
 *
 * `node scripts/errorCatalogue.ts` writes it; `--check` fails when the page is not what the code says.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parse } from '@babel/parser'
import { codeOf, revertCodes, type SettlementErrorName } from '../solver/settle/revert.ts'
import { readSources } from './house.ts'

type Node = { type: string; start: number; end: number; [key: string]: unknown }

/** One error as its class declares it. `hint` is absent where it depends on the fault. */
export type ErrorEntry = {
  readonly code: string
  readonly meaning: string
  readonly hint: string | undefined
  readonly file: string
}

const page = 'docs/errors.md'

/** The error classes of `sources`, by code. */
export function readErrors(sources: readonly { file: string; text: string }[]): ErrorEntry[] {
  return sources
    .flatMap(({ file, text }) => classesOf(text).flatMap((node) => entryOf(node, file, text)))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

/**
 * The entries with the class of reverts, whose own code never arises, replaced by every code of its table. `spec` is
 * the text of the contract's interface, which says when each of its errors is thrown.
 */
export function withReverts(entries: readonly ErrorEntry[], spec: string): ErrorEntry[] {
  const reverts = entries.find(({ code }) => code === 'settle.reverted')
  if (reverts === undefined) return [...entries]
  const thrown = readThrown(spec)
  const table = revertCodes().map(({ code, meaning, hint }) => ({
    code,
    meaning: thrown.get(code) ?? meaning,
    hint,
    file: reverts.file,
  }))
  const others = entries.filter((entry) => entry !== reverts)
  return [...others, ...table].sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** When the contract throws each of its errors, by code: a notice holds for all errors up to the next blank line. */
function readThrown(spec: string): Map<string, string> {
  const blocks = [
    ...spec.matchAll(/@notice Thrown when ([^\n]+)((?:\n +(?:\/\/\/|error) [^\n]+)+)/g),
  ]
  const entries = blocks.flatMap(([, first = '', rest = '']) => {
    const more = [...rest.matchAll(/\/\/\/ (?!@)([^\n]+)/g)].map(([, line = '']) => line)
    const when = [first, ...more].join(' ')
    const meaning = `On chain: ${when}`
    // The interface's names are those of the generated ABI.
    return [...rest.matchAll(/error (\w+)\(/g)].map(
      ([, name = '']) => [codeOf(name as SettlementErrorName), meaning] as const,
    )
  })
  return new Map(entries)
}

/** The page as Markdown. */
export function renderErrors(entries: readonly ErrorEntry[]): string {
  const rows = entries.map(
    ({ code, meaning, hint }) => `| \`${code}\` | ${meaning} | ${hint ?? ''} |`,
  )
  return `# Error codes

Every error that isoprice raises, with what to do. \`code\` is stable; messages may change. Written by
\`node scripts/errorCatalogue.ts\` from the error classes and the table of reverts.

| code | meaning | what to do |
|---|---|---|
${rows.join('\n')}
`
}

function classesOf(text: string): Node[] {
  const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'] })
  return program.body
    .map((node) => (node.type === 'ExportNamedDeclaration' ? node : undefined))
    .flatMap((node) => {
      const declaration = node?.declaration as unknown as Node | undefined
      if (declaration?.type !== 'ClassDeclaration') return []
      return [{ ...declaration, leadingComments: node?.leadingComments }]
    })
}

function entryOf(node: Node, file: string, text: string): ErrorEntry[] {
  const source = text.slice(node.start, node.end)
  const code = /readonly code(?:: [^=]+)? = '([^']+)'/.exec(source)?.[1]
  if (code === undefined) return []
  const comments = (node['leadingComments'] ?? []) as { value: string }[]
  const meaning = (comments.at(-1)?.value ?? '').replace(/^\s*\*+ ?/gm, '').replace(/\s+/g, ' ')
  return [{ code, meaning: meaning.trim(), hint: hintOf(source), file }]
}

/** The hint where it is plain text (or a template, with its values shown as …). */
function hintOf(source: string): string | undefined {
  const [, , text] = /hint:\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/.exec(source) ?? []
  return text
    ?.replace(/\$\{[^}]*\}/g, '…')
    .replace(/\\'/g, "'")
    .replaceAll('\\`', '`')
}

if (import.meta.main) {
  const spec = 'contracts/interfaces/ISettlement.sol'
  const classes = readErrors(readSources(process.cwd(), ['solver', 'sdk']))
  const text = renderErrors(
    withReverts(classes, existsSync(spec) ? readFileSync(spec, 'utf8') : ''),
  )
  if (!process.argv.includes('--check')) writeFileSync(page, text)
  else if (readFileSync(page, 'utf8') !== text) {
    console.error(`${page} is not what the code says: run \`node scripts/errorCatalogue.ts\``)
    process.exit(1)
  }
}
