/** `isoprice doctor`: what this machine has of what isoprice needs, and what to do about the rest. */
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { connect } from '../chain/client.ts'
import { readBlockRef } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'
import { toJson } from '../core/units.ts'
import type { CliCommand } from './command.ts'
import { exitCodes, type Io } from './io.ts'

/** One thing looked at. */
type Finding = { readonly name: string; readonly ok: boolean; readonly detail: string }
type Options = { readonly rpc?: string; readonly json?: boolean }

const require = createRequire(import.meta.url)
/** Older heads than this make every quote stale. */
const headAgeSecondsMax = 24

/** Registers `doctor`. */
export const doctor: CliCommand = {
  register(program, run) {
    program
      .command('doctor')
      .description('check the machine, the install and, with --rpc, a node')
      .option('--rpc <url>', 'also check this node: chain id, age of its head')
      .option('--json', 'print the findings as one object')
      .action(run((io, options: Options) => examine(io, options)))
  },
}

async function examine(io: Io, options: Options): Promise<number> {
  const findings = [
    nodeVersion(),
    installed('EVM', '@nomicfoundation/edr', 'run `npm ci` again: its postinstall adds the EVM'),
    installed('Solidity compiler', 'solc/soljson.js', 'run `npm ci` again'),
    await loopback(),
    ...(options.rpc === undefined ? [] : [await node(options.rpc)]),
  ]
  if (options.json === true) io.print(toJson({ ok: findings.every(({ ok }) => ok), findings }))
  else
    for (const { name, ok, detail } of findings)
      io.print(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`)
  if (findings.every(({ ok }) => ok)) return exitCodes.ok
  return findings.some(({ name, ok }) => name === 'node' && !ok)
    ? exitCodes.unreachable
    : exitCodes.internal
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const ok = major >= 24
  const advice = ok
    ? ''
    : '; run through npm (`npm run isoprice -- …`), which uses the bundled Node 24'
  return { name: 'Node.js', ok, detail: `${process.version}${advice}` }
}

function installed(name: string, module: string, advice: string): Finding {
  try {
    require.resolve(module)
    if (module === '@nomicfoundation/edr') require(module)
    return { name, ok: true, detail: 'installed' }
  } catch {
    return { name, ok: false, detail: `missing; ${advice}` }
  }
}

function loopback(): Promise<Finding> {
  const name = 'loopback'
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error) => done({ name, ok: false, detail: error.message }))
    server.listen(0, '127.0.0.1', () => {
      server.close(() => done({ name, ok: true, detail: 'a port on 127.0.0.1 can be opened' }))
    })
  })
}

async function node(rpc: string): Promise<Finding> {
  const name = 'node'
  try {
    const client = await connect({ urls: [rpc] })
    const params = ['latest', false]
    const head = readBlockRef(await client.request({ method: 'eth_getBlockByNumber', params }))
    const ageSeconds = Math.floor(Date.now() / 1_000) - Number(head.timestamp)
    const ok = ageSeconds <= headAgeSecondsMax
    const detail = `chain ${client.chainId}, head ${head.number}, ${ageSeconds} s old${ok ? '' : ': too old to quote on'}`
    return { name, ok, detail }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { name, ok: false, detail: error.message.split('\n')[0] ?? '' }
  }
}
