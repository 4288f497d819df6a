/** How every command speaks: results on stdout, progress on stderr, errors with their code, exit codes in one table. */
import { BaseError } from '../core/errors.ts'
import { toJson } from '../core/units.ts'

/** Exit codes, the same for every command. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  /** Of the commands that compare, as `diff` has it: nothing failed, and something differs. */
  differs: 1,
  usage: 2,
  noLiquidity: 3,
  notFilled: 4,
  verificationFailed: 5,
  unreachable: 6,
} as const

/** What a command is given besides its arguments. */
export type Io = {
  /** One line of result, on stdout. */
  print(line: string): void
  /** One line of progress, on stderr. */
  say(line: string): void
  /** Ends when the user interrupts. */
  readonly signal: AbortSignal
}

/** Codes whose exit code is not that of their room. */
const byCode: Readonly<Record<string, number>> = {
  'cli.command-failed': exitCodes.internal,
  'cli.interrupted': exitCodes.internal,
  'cli.no-liquidity': exitCodes.noLiquidity,
  'cli.not-filled': exitCodes.notFilled,
  'cli.verification-failed': exitCodes.verificationFailed,
  'cli.differences': exitCodes.verificationFailed,
  'store.unreachable': exitCodes.unreachable,
  'route.bundle-digest': exitCodes.verificationFailed,
  'submit.not-included': exitCodes.notFilled,
}

/** Exit codes by the room that a code belongs to: bad input of any door is a usage error. */
const byRoom: Readonly<Record<string, number>> = {
  api: exitCodes.usage,
  chain: exitCodes.unreachable,
  cli: exitCodes.usage,
  core: exitCodes.usage,
  intents: exitCodes.usage,
  market: exitCodes.usage,
  route: exitCodes.usage,
  settle: exitCodes.notFilled,
  store: exitCodes.usage,
  submit: exitCodes.unreachable,
}

/** The exit code that stands for `error`; 1 for what is not one of ours. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof BaseError)) return exitCodes.internal
  const room = error.code.split('.')[0] ?? ''
  return byCode[error.code] ?? byRoom[room] ?? exitCodes.internal
}

/** `error` as the object that `--json` prints: code, message, facts, hint, retryable. */
export function errorRecord(error: unknown): Record<string, unknown> {
  if (!(error instanceof BaseError))
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
  const { code, message, facts, hint, retryable } = error
  return { code, message: message.split('\n')[0], facts, hint, retryable }
}

/** Prints `error` where the caller looks for it and returns the exit code. */
export function reportError(error: unknown, json: boolean, io: Io): number {
  if (json) io.print(toJson({ error: errorRecord(error) }))
  else if (error instanceof BaseError) io.say(`error ${error.code}: ${error.message}`)
  else io.say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return exitCodeOf(error)
}
