/** Where bytecode comes from: the venues' own npm packages, and our look-alikes from the compiler. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs'
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
const contracts = join(root, 'contracts')

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

/** Reads the artefact of `contract` of `contracts/<file>`, compiled before. */
export function ownArtifact(file: string, contract: string): Artifact {
  return readArtifact(join(root, 'artifacts/contracts', file, `${contract}.json`))
}

/**
 * Compiles the given sources when one has no artefact or a contract changed since; else returns at once.
 *
 * @param files - Paths below `contracts/`, for example `localnet/Seeder.sol`.
 * @param say - Takes one line for a person when there is something to compile.
 * @throws {BuildFailedError} `localnet.build-failed`.
 */
export async function buildContracts(
  files: readonly string[],
  say: (line: string) => void = () => undefined,
): Promise<void> {
  if (!isStale(files)) return
  say('compiling contracts')
  // A process of its own: the compiler keeps this one busy for seconds, and prints where `--json` prints.
  const hardhat = join(dirname(require.resolve('hardhat/package.json')), 'dist/src/cli.js')
  const paths = files.map((file) => join(contracts, file))
  try {
    await run(process.execPath, [hardhat, 'build', '--no-tests', ...paths], { cwd: root })
  } catch (cause) {
    throw new BuildFailedError(cause)
  }
  // The compiler leaves an artefact alone when its source changed in date only: mark it as seen.
  const now = new Date()
  for (const artifact of files.flatMap(artifactsOf)) utimesSync(artifact, now, now)
}

/** True when a file lacks artefacts or any contract, which it may import, is younger than one of them. */
function isStale(files: readonly string[]): boolean {
  const made = files.map(artifactsOf)
  if (made.some((artifacts) => artifacts.length === 0)) return true
  const written = readdirSync(contracts, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol') && !path.endsWith('.t.sol'))
    .map((path) => statSync(join(contracts, path)).mtimeMs)
  return Math.min(...made.flat().map((path) => statSync(path).mtimeMs)) < Math.max(...written)
}

function artifactsOf(file: string): string[] {
  const folder = join(root, 'artifacts/contracts', file)
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((each) => join(folder, each))
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

/** The Solidity compiler refused the local chain's contracts. */
export class BuildFailedError extends BaseError {
  override readonly code = 'localnet.build-failed'

  constructor(cause: unknown) {
    super('The contracts do not compile.', {
      cause,
      facts: { reason: cause instanceof Error ? cause.message : cause },
      hint: "Run `npm run build` to see the compiler's words.",
    })
  }
}
