#!/usr/bin/env node
/** `isoprice`: the command line. Commands are registered in `index.ts`. */
import { Command } from 'commander'
import { createRun } from './command.ts'
import { commands } from './index.ts'
import { exitCodes } from './io.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
// A reader that goes away (`| head`) is no fault of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
})

const io = {
  print: (line: string) => void process.stdout.write(`${line}\n`),
  say: (line: string) => void process.stderr.write(`${line}\n`),
  signal: interrupt.signal,
}

const program = new Command('isoprice')
  .description(
    'On-chain DEX aggregator and intent solver: provably optimal routes, signed intents, private settlement.',
  )
  .version('0.1.0')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage))
  .addHelpText(
    'after',
    `
Results go to stdout, progress to stderr; --json prints one JSON object (or one a line).
Exit codes: 0 ok, 1 internal, 2 usage or bad input, 3 no liquidity, 4 not filled,
5 verification failed, 6 chain or server unreachable.`,
  )

const run = createRun(io, (code) => {
  process.exitCode = code
})
for (const command of commands) command.register(program, run)
await program.parseAsync()
