#!/usr/bin/env node
/** `isoprice`: the command line as a process. Commands are registered in `index.ts`. */
import { exitCodes } from './io.ts'
import { runIsoprice } from './program.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
// A reader that goes away (`| head`) is no fault of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
})

process.exitCode = await runIsoprice(process.argv.slice(2), {
  print: (line) => void process.stdout.write(`${line}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
  signal: interrupt.signal,
})
// What was given up may still wait for a node, for as long as a time limit lasts.
if (interrupt.signal.aborted) process.exit()
