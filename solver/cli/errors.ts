/** What only the command line can find wrong: its files, its options, and answers that are not what was hoped. */
import { BaseError } from '../core/errors.ts'

/** A file that a command was given cannot be read or is not what it should be. */
export class InputFileError extends BaseError {
  override readonly code = 'cli.input-file'

  constructor(path: string, what: string, cause?: unknown) {
    super(`The file cannot be used: ${what}.`, {
      cause,
      facts: { file: path },
      hint: 'Check the path and the contents; `isoprice <command> --help` says what is expected.',
    })
  }
}

/** A file is of another chain than what it is used with. */
export class OtherChainError extends BaseError {
  override readonly code = 'cli.other-chain'

  constructor(path: string, got: number, wanted: number) {
    super(`The file cannot be used here: it is of chain ${got}, not ${wanted}.`, {
      facts: { file: path, got, wanted },
      hint: 'Give files and nodes of one chain; a market file says its own in `chainId`.',
    })
  }
}

/** Options that contradict or miss each other. */
export class UsageError extends BaseError {
  override readonly code = 'cli.usage'

  constructor(what: string, hint: string) {
    super(what, { hint })
  }
}

/** No plan joins the two tokens for this amount. */
export class NoLiquidityError extends BaseError {
  override readonly code = 'cli.no-liquidity'

  /** @param crossed - Which pools were tried, as `over 1 of 3 pools; …`. */
  constructor(facts: Readonly<Record<string, unknown>>, crossed: string) {
    super('No route over the pools of this market can fill the request.', {
      facts: { ...facts, tried: crossed },
      hint: 'The output rounds to zero or the amount is beyond the liquidity: try a larger or a smaller one, or a market with more pools of the two tokens.',
    })
  }
}

/** A certificate, a bundle or a recording does not hold. */
export class VerificationFailedError extends BaseError {
  override readonly code = 'cli.verification-failed'

  constructor(facts: Readonly<Record<string, unknown>>) {
    super('The verification failed: the file does not prove what it says.', {
      facts,
      hint: 'Do not rely on it; ask its sender for the original, or quote again.',
    })
  }
}

/** The command of `record --run` failed. Its text is not shown: it may hold secrets. */
export class CommandFailedError extends BaseError {
  override readonly code = 'cli.command-failed'

  constructor(facts: {
    readonly commandExit: number | string
    readonly file: string
    readonly [name: string]: unknown
  }) {
    super(
      `The recorded command failed (${facts.commandExit}); the tape of what it read until then is kept in ${facts.file}.`,
      {
        facts: { ...facts, tapeKept: true },
        hint: 'Mend the command and record again, or use the tape for what was read before the failure.',
      },
    )
  }
}

/** A key that a command needs is not in the environment, or is no key. Its value is never shown. */
export class KeyMissingError extends BaseError {
  override readonly code = 'cli.key-missing'

  constructor(variable: string) {
    super(`The environment variable ${variable} holds no private key.`, {
      facts: { variable },
      hint: `Set ${variable} to 0x and 64 hex digits; use keys of local chains only.`,
    })
  }
}
