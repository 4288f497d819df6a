/** `isoprice` as one function: arguments in, results and errors out through an `Io`, and the exit code. */
import { Command, CommanderError } from 'commander'
import { createRun } from './command.ts'
import { UsageError } from './errors.ts'
import { commands } from './index.ts'
import { exitCodes, type Io, reportError } from './io.ts'

/**
 * Runs one command line.
 *
 * Every fault is reported through `io` in the same form, those that the parser of arguments finds too; with
 * `--json` as one object on stdout.
 *
 * @param argv - The arguments after the program's own name.
 * @returns The exit code, one of `exitCodes`.
 */
export async function runIsoprice(argv: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.ok
  const program = createProgram(io)
  const run = createRun(io, (status) => {
    code = status
  })
  for (const command of commands) command.register(program, run)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return exitCodes.ok
    // No command at all: the help stands on stderr already.
    if (error.code === 'commander.help') return exitCodes.usage
    return reportError(usageErrorOf(error, program, argv), argv.includes('--json'), io)
  }
  return code
}

/** The program before its commands are registered: they inherit its settings. */
function createProgram(io: Io): Command {
  const line = (text: string) => text.replace(/\n$/, '')
  return (
    new Command('isoprice')
      .description(
        'On-chain DEX aggregator and intent solver: provably optimal routes, signed intents, private settlement.',
      )
      .version('0.1.0')
      .exitOverride()
      // Errors are printed once, in our form; the parser's own print is dropped.
      .configureOutput({
        writeOut: (text) => io.print(line(text)),
        writeErr: (text) => io.say(line(text)),
        outputError: () => undefined,
      })
      .addHelpText(
        'after',
        `
Results go to stdout, progress to stderr; --json prints one JSON object (or one a line).
Exit codes: 0 ok, 1 internal, 2 usage or bad input, 3 no liquidity, 4 not filled,
5 verification failed, 6 chain or server unreachable.`,
      )
  )
}

/** What the parser of arguments found, as an error of ours. */
function usageErrorOf(error: CommanderError, program: Command, argv: readonly string[]) {
  const [what = '', ...more] = error.message.replace(/^error: /, '').split('\n')
  const guess = more.map((text) => `${text.replace(/[()]/g, '')} `).join('')
  const help = `isoprice ${[...pathOf(program, argv), '--help'].join(' ')}`
  return new UsageError(
    what.endsWith('.') ? what : `${what}.`,
    `${guess}Run \`${help}\` to see what there is.`,
  )
}

/** The names of the command that `argv` begins with, and of the one within it. */
function pathOf({ commands: known }: Command, argv: readonly string[]): string[] {
  const [name, ...rest] = argv.filter((text) => !text.startsWith('-'))
  const command = known.find((each) => each.name() === name)
  return command === undefined ? [] : [command.name(), ...pathOf(command, rest)]
}
