/**
 * Bytecode of Balancer V3, compiled from its own npm packages: they carry sources only.
 *
 * The compiler takes some 15 seconds once; what it made is kept in node_modules/.cache by a hash of all that went in.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Artifact } from '../../../solver/localnet/node.ts'
import { root } from '../../../solver/localnet/runtime.ts'

const require = createRequire(import.meta.url)
const modules = join(root, 'node_modules')
const benchSource = 'test/helpers/balancerV3/Bench.sol'

/** Sources to compile, and the contract of each that is wanted. */
const wanted = {
  Vault: '@balancer-labs/v3-vault/contracts/Vault.sol',
  VaultExtension: '@balancer-labs/v3-vault/contracts/VaultExtension.sol',
  VaultAdmin: '@balancer-labs/v3-vault/contracts/VaultAdmin.sol',
  WeightedPool: '@balancer-labs/v3-pool-weighted/contracts/WeightedPool.sol',
  StablePool: '@balancer-labs/v3-pool-stable/contracts/StablePool.sol',
  Bench: benchSource,
  BenchToken: benchSource,
} as const

/** The contracts by name. */
export type BalancerV3Artifacts = Readonly<Record<keyof typeof wanted, Artifact>>

const settings = {
  // Without viaIR: the same arithmetic in a fifth of the compiler's time. The vault is then larger than EIP-170
  // allows, which `deployAt` does not ask.
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

/** Compiles, or reads what was compiled before from the same sources. */
export function balancerV3Artifacts(): BalancerV3Artifacts {
  const folder = join(modules, '.cache/isoprice')
  const path = join(folder, `balancerV3-${hashOfInputs()}.json`)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    // Another process may be at it too: whoever ends last leaves a whole file.
    const draft = `${path}.${process.pid}`
    writeFileSync(draft, JSON.stringify(compile()))
    renameSync(draft, path)
  }
  return JSON.parse(readFileSync(path, 'utf8')) as BalancerV3Artifacts // what compile() gave
}

function hashOfInputs(): string {
  const hash = createHash('sha256').update(JSON.stringify([settings, wanted]))
  hash.update(readFileSync(require.resolve('solc/package.json')))
  hash.update(readFileSync(join(root, benchSource)))
  const scope = join(modules, '@balancer-labs')
  for (const name of readdirSync(scope)
    .filter((each) => each.startsWith('v3-'))
    .sort())
    for (const file of solidityFiles(join(scope, name)))
      hash.update(file).update(readFileSync(file))
  return hash.digest('hex').slice(0, 24)
}

function solidityFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .sort()
    .map((path) => join(folder, path))
}

function compile(): BalancerV3Artifacts {
  // The package has no types; this is the one function of it that is used.
  const solc = require('solc') as {
    compile(input: string, options: { import(path: string): { contents: string } }): string
  }
  const sources = Object.fromEntries(
    Object.values(wanted).map((path) => [path, { content: read(path) }]),
  )
  const input = JSON.stringify({ language: 'Solidity', sources, settings })
  const answer = solc.compile(input, { import: (path) => ({ contents: read(path) }) })
  const { errors = [], contracts = {} } = JSON.parse(answer) as Output // as `outputSelection` asks
  const failures = errors.filter(({ severity }) => severity === 'error')
  if (failures.length > 0)
    throw new TypeError(failures.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const entries = Object.entries(wanted).map(([name, path]) => {
    const made = contracts[path]?.[name]
    if (made === undefined) throw new TypeError(`the compiler did not make ${name}`)
    return [name, { abi: made.abi, bytecode: `0x${made.evm.bytecode.object}` }] as const
  })
  return Object.fromEntries(entries) as BalancerV3Artifacts // the keys of `wanted`
}

function read(path: string): string {
  return readFileSync(path === benchSource ? join(root, path) : join(modules, path), 'utf8')
}
