/** Where bytecode comes from: the venues' own npm packages, and our look-alikes from the compiler. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isHex } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { Artifact } from './node.ts'
import { root } from './runtime.ts'

const require = createRequire(import.meta.url)
const run = promisify(execFile)

/** Reads an artefact of an installed package, in Truffle's, Hardhat's or Foundry's form. */
export function packageArtifact(path: string): Artifact {
  return readArtifact(require.resolve(path))
}

/** Runtime code of Permit2 as its own package carries it: the literal of a test script. */
export function permit2Code(): Hex {
  const script = '@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol'
  return longestHex(require.resolve(script))
}

/** Creation code of Multicall3 as viem carries it, for calls of contracts that do not exist yet. */
export function multicall3Artifact(): Artifact {
  const viem = dirname(require.resolve('viem/package.json'))
  return { abi: [], bytecode: longestHex(join(viem, '_esm/constants/contracts.js')) }
}

/** The longest run of hex digits in a source file, with or without 0x before it. */
function longestHex(path: string): Hex {
  const runs = readFileSync(path, 'utf8').match(/(?<=0x|")[0-9a-f]{1000,}/g) ?? []
  return `0x${runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '')}`
}

/**
 * Reads the artefact of `contract` of `contracts/<file>`, compiled before.
 *
 * @throws {BuildFailedError} `localnet.build-failed`, when it is not there or is no artefact.
 */
export function ownArtifact(file: string, contract: string): Artifact {
  try {
    return readArtifact(join(root, 'artifacts/contracts', file, `${contract}.json`))
  } catch (cause) {
    throw new BuildFailedError(cause)
  }
}

/**
 * Compiles the given sources when one has no readable artefact or a contract changed since; else returns at once.
 * What an interrupted write left of an artefact is deleted first: the compiler would take it for made.
 *
 * @param files - Paths below `contracts/`, for example `localnet/Seeder.sol`.
 * @param say - Takes one line for a person when there is something to compile.
 * @param folder - The project: where `contracts`, `artifacts` and the compiler's configuration are.
 * @throws {BuildFailedError} `localnet.build-failed`.
 */
export async function buildContracts(
  files: readonly string[],
  say: (line: string) => void = () => undefined,
  folder: string = root,
): Promise<void> {
  if (!isStale(files, folder)) return
  say('compiling contracts')
  const isDamaged = deleteDamaged(folder)
  try {
    await compile(files, folder)
  } catch (cause) {
    if (!isDamaged) throw new BuildFailedError(cause)
    // More than the artefacts was hit: nothing here that the compiler does not make again.
    for (const made of ['artifacts', 'cache'])
      rmSync(join(folder, made), { recursive: true, force: true })
    await compile(files, folder).catch((again: unknown) => {
      throw new BuildFailedError(again)
    })
  }
  // The compiler leaves an artefact alone when its source changed in date only: mark it as seen.
  const now = new Date()
  for (const artifact of files.flatMap((file) => artifactsOf(file, folder)))
    utimesSync(artifact, now, now)
}

async function compile(files: readonly string[], folder: string): Promise<void> {
  // A process of its own: the compiler keeps this one busy for seconds, and prints where `--json` prints.
  const hardhat = join(dirname(require.resolve('hardhat/package.json')), 'dist/src/cli.js')
  const paths = files.map((file) => join(folder, 'contracts', file))
  await run(process.execPath, [hardhat, 'build', '--no-tests', ...paths], { cwd: folder })
}

/** True when a file lacks readable artefacts or any contract, which it may import, is younger than one of them. */
function isStale(files: readonly string[], folder: string): boolean {
  const made = files.map((file) => artifactsOf(file, folder))
  if (made.some((artifacts) => artifacts.length === 0)) return true
  if (made.flat().some(isBroken)) return true
  const contracts = join(folder, 'contracts')
  const written = readdirSync(contracts, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol') && !path.endsWith('.t.sol'))
    .map((path) => statSync(join(contracts, path)).mtimeMs)
  return Math.min(...made.flat().map((path) => statSync(path).mtimeMs)) < Math.max(...written)
}

function artifactsOf(file: string, project: string): string[] {
  const folder = join(project, 'artifacts/contracts', file)
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((each) => join(folder, each))
}

/** Deletes the artefacts of every source of which one is broken, and a broken cache; true when there was any. */
function deleteDamaged(folder: string): boolean {
  const artifacts = join(folder, 'artifacts/contracts')
  const broken = existsSync(artifacts)
    ? readdirSync(artifacts, { recursive: true, encoding: 'utf8' })
        .map((path) => join(artifacts, path))
        .filter(isBroken)
    : []
  for (const path of broken) rmSync(dirname(path), { recursive: true, force: true })
  const cache = join(folder, 'cache/compile-cache.json')
  const isCacheBroken = existsSync(cache) && parseJson(cache) === undefined
  if (isCacheBroken) rmSync(cache)
  return broken.length > 0 || isCacheBroken
}

/** True for a file that should be an artefact and is none. */
function isBroken(path: string): boolean {
  if (!path.endsWith('.json')) return false
  const parsed = parseJson(path)
  return !(
    typeof parsed === 'object' &&
    parsed !== null &&
    'abi' in parsed &&
    'bytecode' in parsed &&
    typeof parsed.bytecode === 'string'
  )
}

/** What a file holds; `undefined` when that is no JSON. */
function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function readArtifact(path: string): Artifact {
  const parsed = JSON.parse(readFileSync(path, 'utf8')) as {
    abi: Artifact['abi']
    bytecode: string | { object: string }
  }
  const code = typeof parsed.bytecode === 'string' ? parsed.bytecode : parsed.bytecode.object
  // The packages of Uniswap V2 leave the prefix out.
  return { abi: parsed.abi, bytecode: isHex(code) ? code : `0x${code}` }
}

/** The local chain's contracts cannot be compiled, or what the compiler made of them cannot be read. */
export class BuildFailedError extends BaseError {
  override readonly code = 'localnet.build-failed'

  constructor(cause: unknown) {
    super('The contracts are not compiled.', {
      cause,
      facts: { reason: cause instanceof Error ? cause.message : cause },
      hint: "Run `rm -r artifacts cache`, then `npm run build` to see the compiler's words.",
    })
  }
}
