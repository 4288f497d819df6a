/** The form of one command, and how its action is run: errors become exit codes in one place. */
import type { Command } from 'commander'
import { type Io, reportError } from './io.ts'

/** One command: it declares its arguments and options on `program` and wraps its action with `run`. */
export type CliCommand = { register(program: Command, run: RunAction): void }

/** Turns an action into what commander calls: arguments first, then the options. */
export type RunAction = (
  action: (io: Io, options: never, ...positional: string[]) => Promise<number> | number,
) => (...commanderArguments: unknown[]) => Promise<void>

/** The runner of one process: it sets the exit code and never lets an error escape. */
export function createRun(io: Io, exit: (code: number) => void): RunAction {
  return (action) =>
    async (...commanderArguments) => {
      // commander passes the positional arguments, then the options, then the command itself.
      const options = commanderArguments.at(-2) as { json?: boolean }
      const positional = commanderArguments.slice(0, -2) as string[]
      try {
        exit(await action(io, options as never, ...positional))
      } catch (error) {
        exit(reportError(error, options.json === true, io))
      }
    }
}
