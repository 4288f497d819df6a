/** `isoprice doctor`: what this machine has of what isoprice needs, and what to do about the rest. */
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { isAddressText, toAddress } from '../core/hex.ts'
import { toJson } from '../core/units.ts'
import type { CliCommand } from './command.ts'
import { checkNodes, checkRelay, type Finding } from './doctorNode.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { relayProtocols, requireUrls, rpcFlag, rpcUrlsOf, severalNodes } from './rpcOption.ts'

type Options = {
  readonly rpc?: readonly string[]
  readonly settlement?: string
  readonly relay?: readonly string[]
  readonly json?: boolean
}

const require = createRequire(import.meta.url)

/** Registers `doctor`. */
export const doctor: CliCommand = {
  register(program, run) {
    program
      .command('doctor')
      .description('check the machine, the install and, when they are given, a node and relays')
      .option(
        rpcFlag,
        `also check these nodes: chain id, age of the head, and each against the others (${severalNodes})`,
      )
      .option('--settlement <address>', 'also check that the settlement has code on their chain')
      .option('--relay <url...>', 'also check that these relays answer')
      .option('--json', 'print the findings as one object')
      .action(run((io, options: Options) => examine(io, options)))
  },
}

async function examine(io: Io, options: Options): Promise<number> {
  const { rpc } = options
  const settlement = settlementOf(options)
  const urls = rpc === undefined ? undefined : rpcUrlsOf(rpc)
  const relays =
    options.relay === undefined ? [] : requireUrls('--relay', options.relay, relayProtocols)
  const machine = [
    nodeVersion(),
    installed('EVM', '@nomicfoundation/edr', 'Run `npm ci` again: its postinstall adds the EVM.'),
    installed('Solidity compiler', 'solc/soljson.js', 'Run `npm ci` again.'),
    await loopback(),
  ]
  const world = [
    ...(urls === undefined ? [] : await checkNodes(urls, settlement)),
    ...(await Promise.all(relays.map(checkRelay))),
  ]
  const findings = [...machine, ...world]
  const ok = findings.every((each) => each.ok)
  for (const line of options.json === true ? [toJson({ ok, findings })] : findings.flatMap(linesOf))
    io.print(line)
  if (ok) return exitCodes.ok
  return world.every((each) => each.ok) ? exitCodes.internal : exitCodes.unreachable
}

/** @throws {UsageError} `cli.usage`, for no address, or one without a node to ask. */
function settlementOf({ rpc, settlement }: Options): string | undefined {
  if (settlement === undefined) return undefined
  if (!isAddressText(settlement))
    throw new UsageError('--settlement is not an address.', 'Give 0x and 40 hex digits.')
  if (rpc === undefined)
    throw new UsageError('--settlement needs --rpc.', 'Give the URL of a node of its chain too.')
  return toAddress(settlement)
}

function linesOf({ name, ok, detail, hint }: Finding): string[] {
  const line = `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`
  return ok || hint === undefined ? [line] : [line, `     ${hint}`]
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const finding = { name: 'Node.js', ok: major >= 24, detail: process.version }
  if (finding.ok) return finding
  return {
    ...finding,
    hint: 'Run through npm (`npm run isoprice -- …`), which uses the bundled Node 24.',
  }
}

function installed(name: string, module: string, hint: string): Finding {
  try {
    require.resolve(module)
    if (module === '@nomicfoundation/edr') require(module)
    return { name, ok: true, detail: 'installed' }
  } catch {
    return { name, ok: false, detail: 'missing', hint }
  }
}

function loopback(): Promise<Finding> {
  const name = 'loopback'
  const hint = 'Allow programs of this machine to listen on 127.0.0.1.'
  return new Promise((done) => {
    const server = createServer()
    server.once('error', ({ message }) => done({ name, ok: false, detail: message, hint }))
    server.listen(0, '127.0.0.1', () => {
      server.close(() => done({ name, ok: true, detail: 'a port on 127.0.0.1 can be opened' }))
    })
  })
}
