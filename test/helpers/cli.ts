/** The command line in this process: arguments in, what it printed and its exit code out. */
import { runIsoprice } from '../../solver/cli/program.ts'

/** How a command ended. */
export type CliRun = {
  readonly code: number
  /** Lines of stdout. */
  readonly out: readonly string[]
  /** Lines of stderr. */
  readonly progress: readonly string[]
}

/** Runs `isoprice` with `argv`. */
export async function runCli(...argv: string[]): Promise<CliRun> {
  const out: string[] = []
  const progress: string[] = []
  const code = await runIsoprice(argv, {
    print: (line) => void out.push(line),
    say: (line) => void progress.push(line),
    signal: new AbortController().signal,
  })
  return { code, out, progress }
}

/** An error as `--json` prints it. */
export type ErrorRecord = {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly facts?: Readonly<Record<string, unknown>>
}

/** The error record of a command that was run with `--json`, or `undefined` when it printed none. */
export function errorOf({ out }: CliRun): ErrorRecord | undefined {
  for (const line of out) {
    const { error } = JSON.parse(line) as { error?: ErrorRecord }
    if (error !== undefined) return error
  }
  return undefined
}
