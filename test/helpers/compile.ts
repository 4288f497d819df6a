/**
 * Compiles Solidity of installed packages and of test helpers with the compiler from npm.
 *
 * What it made is kept in node_modules/.cache by a hash of every source that went in, so that only a change compiles.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Artifact } from '../../solver/localnet/node.ts'
import { root } from '../../solver/localnet/runtime.ts'

const require = createRequire(import.meta.url)

const settings = {
  viaIR: false,
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

/** The part of the compiler's answer that is asked for. */
type Output = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<Record<string, { abi: Artifact['abi']; evm: { bytecode: { object: string } } }>>
    >
  >
}

/** What is kept: the sources that were read, each with its hash, and what was made. */
type Kept = {
  readonly read: Readonly<Record<string, string>>
  readonly artifacts: Readonly<Record<string, Artifact>>
}

/**
 * Compiles, or reads what was compiled before from the same sources.
 *
 * @param name - Of the file in the cache.
 * @param wanted - Contracts by name, each with its source: `test/…` of this repository, else of a package.
 * @throws {TypeError} when a source does not compile or lacks the contract.
 */
export function compileCached<name extends string>(
  name: string,
  wanted: Readonly<Record<name, string>>,
): Readonly<Record<name, Artifact>> {
  const folder = join(root, 'node_modules/.cache/isoprice')
  const version = readFileSync(require.resolve('solc/package.json'), 'utf8')
  const path = join(folder, `${name}-${hashOf(JSON.stringify([settings, wanted, version]))}.json`)
  const kept = existsSync(path) ? parseKept(readFileSync(path, 'utf8')) : undefined
  if (kept !== undefined) return kept.artifacts
  const made = compile(wanted)
  mkdirSync(folder, { recursive: true })
  // Another process may be at it too: whoever ends last leaves a whole file.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(made))
  renameSync(draft, path)
  return made.artifacts
}

/** What was kept, unless one of its sources changed since. */
function parseKept(text: string): Kept | undefined {
  const kept = JSON.parse(text) as Kept // written below
  const isSame = Object.entries(kept.read).every(
    ([path, hash]) => existsSync(locate(path)) && hashOf(read(path)) === hash,
  )
  return isSame ? kept : undefined
}

function compile(wanted: Readonly<Record<string, string>>): Kept {
  // The package has no types; this is the one function of it that is used.
  const solc = require('solc') as {
    compile(input: string, options: { import(path: string): { contents: string } }): string
  }
  const seen: Record<string, string> = {}
  const take = (path: string) => {
    const content = read(path)
    seen[path] = hashOf(content)
    return content
  }
  const sources = Object.fromEntries(
    Object.values(wanted).map((path) => [path, { content: take(path) }]),
  )
  const input = JSON.stringify({ language: 'Solidity', sources, settings })
  const answer = solc.compile(input, { import: (path) => ({ contents: take(path) }) })
  const { errors = [], contracts = {} } = JSON.parse(answer) as Output // as `outputSelection` asks
  const failures = errors.filter(({ severity }) => severity === 'error')
  if (failures.length > 0)
    throw new TypeError(failures.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const entries = Object.entries(wanted).map(([name, path]) => {
    const made = contracts[path]?.[name]
    if (made === undefined) throw new TypeError(`the compiler did not make ${name}`)
    return [name, { abi: made.abi, bytecode: `0x${made.evm.bytecode.object}` }] as const
  })
  return { read: seen, artifacts: Object.fromEntries(entries) }
}

function locate(path: string): string {
  return join(root, path.startsWith('test/') ? '' : 'node_modules', path)
}

function read(path: string): string {
  return readFileSync(locate(path), 'utf8')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
