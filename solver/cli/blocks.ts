/** `isoprice blocks`: re-runs every swap of a recording of real blocks through our pools. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { toJson } from '../core/units.ts'
import { type RecordedSwap, type RerunReport, rerunSwaps } from '../pools/recordedSwaps.ts'
import type { CliCommand } from './command.ts'
import { InputFileError } from './errors.ts'
import { exitCodes } from './io.ts'

/** Registers `blocks DIR`. */
export const blocks: CliCommand = {
  register(program, run) {
    program
      .command('blocks <dir>')
      .description(
        're-run every swap of DIR/swaps.jsonl.gz through our pools and compare with what the chain did',
      )
      .option('--json', 'print {v2, v3, v4: {total, exact}, misses} as one object')
      .action(
        run(async (io, options: { json?: boolean }, dir = '') => {
          const report = rerunSwaps(await readSwaps(join(dir, 'swaps.jsonl.gz')))
          for (const line of options.json === true ? [toJson(report)] : summary(report))
            io.print(line)
          return exitCodes.ok
        }),
      )
  },
}

/**
 * The rows of a recording.
 *
 * @throws {InputFileError} `cli.input-file`, also for a line that is no recorded swap.
 */
export async function readSwaps(path: string): Promise<RecordedSwap[]> {
  let lines: unknown[]
  try {
    const text = (await promisify(gunzip)(await readFile(path))).toString('utf8')
    lines = text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
  } catch (cause) {
    throw new InputFileError(path, 'it is not a readable gzipped JSON-lines file', cause)
  }
  return lines.map((line, index) => {
    if (isRecordedSwap(line)) return line
    throw new InputFileError(path, `line ${index + 1} is no recorded swap`)
  })
}

const tickFields =
  'amount0 amount1 amountSpecified sqrtPriceLimitX96 sqrtPriceX96Before tickBefore liquidityBefore ' +
  'sqrtPriceX96After tickAfter liquidityAfter'
/** The integers that a row of each kind has, as JSON text or number. */
const integerFields: Readonly<Record<string, readonly string[]>> = {
  v2: 'reserve0Before reserve1Before amount0In amount1In amount0Out amount1Out'.split(' '),
  v3: tickFields.split(' '),
  v4: tickFields.split(' '),
}

function isRecordedSwap(line: unknown): line is RecordedSwap {
  if (!isObject(line)) return false
  const { kind, tickBitmap, ticks, poolKey } = line
  const integers = integerFields[String(kind)]
  const isComplete = integers?.every((name) => /^-?\d{1,80}$/.test(String(line[name])))
  if (isComplete !== true) return false
  if (kind === 'v2') return true
  return isObject(tickBitmap) && isObject(ticks) && (kind === 'v3' || isObject(poolKey))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function summary(report: RerunReport): string[] {
  const score = (name: 'v2' | 'v3' | 'v4') =>
    `${name}: ${report[name].exact} of ${report[name].total} swaps equal to the chain, to the wei`
  const reasons = Map.groupBy(report.misses, ({ kind, reason }) => `${kind} ${reason}`)
  return [
    ...(['v2', 'v3', 'v4'] as const).map(score),
    ...[...reasons].map(([reason, misses]) => `missed: ${misses.length} × ${reason}`),
  ]
}
