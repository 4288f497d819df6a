/** `isoprice record`: makes a state tape from a node, for others to fork offline. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from '../chain/client.ts'
import { startRecorder } from '../chain/record.ts'
import { saveTape } from '../chain/tape.ts'
import type { CliCommand } from './command.ts'
import { CommandFailedError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { parseNumberOption } from './numberOption.ts'
import { rpcUrlsOf } from './rpcOption.ts'

type Options = {
  rpc: string
  block?: string
  out: string
  run?: string
  port?: string
  json?: boolean
}

/** Registers `record --rpc URL --out FILE`. */
export const record: CliCommand = {
  register(program, run) {
    program
      .command('record')
      .description('serve a node at one pinned block and write every state read of it to a tape')
      .requiredOption('--rpc <url>', 'JSON-RPC URL of an archive node')
      .requiredOption('--out <file>', 'tape to write, .json or .json.gz')
      .option('--block <number>', 'block to pin; the newest when absent')
      .option('--port <number>', 'port on 127.0.0.1; any free one when absent')
      .option('--run <command>', 'shell command to record; it finds the URL in ISOPRICE_TAPE_URL')
      .option('--json', 'print the result as one object')
      .addHelpText('after', '\nWithout --run it records until interrupted (Ctrl-C).')
      .action(run((io, options: Options) => recordTo(io, options)))
  },
}

async function recordTo(io: Io, options: Options): Promise<number> {
  const blockNumber =
    options.block === undefined ? undefined : parseNumberOption('--block', options.block)
  const port =
    options.port === undefined ? undefined : Number(parseNumberOption('--port', options.port))
  const upstream = await connect({ urls: rpcUrlsOf([options.rpc]) })
  const recorder = await startRecorder(upstream, { blockNumber, port })
  try {
    io.say(`recording block ${recorder.blockNumber} at ${recorder.url}`)
    const commandExit = await (options.run === undefined
      ? untilInterrupted(io.signal)
      : runShell(options.run, recorder.url, options.json === true))
    const tape = await recorder.tape()
    await saveTape(options.out, tape)
    const accounts = Object.keys(tape.accounts).length
    const facts = {
      file: options.out,
      block: String(recorder.blockNumber),
      accounts,
      commandExit,
    }
    if (commandExit !== 0) throw new CommandFailedError(facts)
    io.print(
      options.json === true
        ? JSON.stringify(facts)
        : `wrote ${options.out}: block ${facts.block}, ${accounts} accounts`,
    )
  } finally {
    await recorder.close()
  }
  return exitCodes.ok
}

async function untilInterrupted(signal: AbortSignal): Promise<number> {
  if (!signal.aborted) await once(signal, 'abort')
  return 0
}

/** The exit code of `command`, or the signal that ended it. With `quiet` what it prints goes to stderr: stdout is ours. */
async function runShell(command: string, url: string, quiet: boolean): Promise<number | string> {
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', quiet ? 2 : 'inherit', 'inherit'],
    env: { ...process.env, ISOPRICE_TAPE_URL: url },
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return code ?? signal ?? 1
}
