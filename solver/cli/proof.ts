/** `isoprice verify` and `isoprice replay`: what a quote bundle proves, checked from its own pool states. */
import { readFile } from 'node:fs/promises'
import { toJson } from '../core/units.ts'
import { parseBundle, replayBundle } from '../route/bundle.ts'
import { verifyCertificate } from '../route/verify.ts'
import type { CliCommand } from './command.ts'
import { InputFileError, VerificationFailedError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'

type Options = { readonly json?: boolean }

/** Registers `verify FILE`. */
export const verify: CliCommand = {
  register(program, run) {
    program
      .command('verify <bundle>')
      .description('recompute the bound of a quote bundle from its pool states, without the search')
      .option('--json', 'print the result as one object')
      .action(run((io, options: Options, path = '') => verifyFile(io, options, path)))
  },
}

/** Registers `replay FILE`. */
export const replay: CliCommand = {
  register(program, run) {
    program
      .command('replay <bundle>')
      .description('search again on the states of a quote bundle and compare the digest')
      .option('--json', 'print the result as one object')
      .action(run((io, options: Options, path = '') => replayFile(io, options, path)))
  },
}

async function verifyFile(io: Io, options: Options, path: string): Promise<number> {
  const result = verifyCertificate(parseBundle(await readText(path)))
  if (!result.valid) throw new VerificationFailedError({ reason: result.reason })
  io.print(
    options.json === true
      ? toJson(result)
      : `valid: nothing over these pools nets more than ${result.bound} (gap ${result.gapBps.toFixed(4)} bps)`,
  )
  return exitCodes.ok
}

async function replayFile(io: Io, options: Options, path: string): Promise<number> {
  const bundle = parseBundle(await readText(path))
  const again = replayBundle(bundle)
  const same = again.digest === bundle.digest
  if (!same) throw new VerificationFailedError({ expected: bundle.digest, replayed: again.digest })
  io.print(
    options.json === true ? toJson({ digest: again.digest, same }) : `replay ${again.digest} ✓`,
  )
  return exitCodes.ok
}

/** @throws {InputFileError} `cli.input-file`. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new InputFileError(path, 'it cannot be read', cause)
  }
}
