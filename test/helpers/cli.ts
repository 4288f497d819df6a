/** The command line in this process: arguments in, what it printed and its exit code out. */
import { Command } from 'commander'
import { createRun } from '../../solver/cli/command.ts'
import { commands } from '../../solver/cli/index.ts'

/** How a command ended. */
export type CliRun = {
  readonly code: number
  /** Lines of stdout. */
  readonly out: readonly string[]
  /** Lines of stderr. */
  readonly progress: readonly string[]
}

/** Runs `isoprice` with `argv`; unknown options and missing arguments give exit code 2 as in the real one. */
export async function runCli(...argv: string[]): Promise<CliRun> {
  const out: string[] = []
  const progress: string[] = []
  let code = 0
  const io = {
    print: (line: string) => void out.push(line),
    say: (line: string) => void progress.push(line),
    signal: new AbortController().signal,
  }
  const program = new Command('isoprice').exitOverride().configureOutput({
    writeErr: (text) => void progress.push(text),
    writeOut: (text) => void out.push(text),
  })
  const run = createRun(io, (status) => {
    code = status
  })
  for (const command of commands) command.register(program, run)
  for (const command of program.commands)
    command.exitOverride().configureOutput(program.configureOutput())
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof Error) || !('exitCode' in error)) throw error
    code = error.exitCode === 0 ? 0 : 2
  }
  return { code, out, progress }
}

/** The error record of a command that was run with `--json`, or `undefined` when it printed none. */
export function errorOf({ out }: CliRun): { code: string; hint?: string } | undefined {
  for (const line of out) {
    const { error } = JSON.parse(line) as { error?: { code: string; hint?: string } }
    if (error !== undefined) return error
  }
  return undefined
}
