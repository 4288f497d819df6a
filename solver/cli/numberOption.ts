/** Whole numbers among the options that are no amounts of a token: each says itself what it takes. */
import { parseInteger } from '../core/units.ts'
import { UsageError } from './errors.ts'

type NumberOption = {
  /** What the option takes, for the hint. */
  readonly what: string
  readonly example: string
  /** 2^256 - 1 when absent. */
  readonly max?: bigint
}

const unixSeconds = { what: 'Unix seconds', example: '1900000000', max: 2n ** 40n - 1n }
const safe = BigInt(Number.MAX_SAFE_INTEGER)
const numberOptions = {
  '--block': { what: 'a block number', example: '23000000', max: 2n ** 64n - 1n },
  '--chain-id': { what: 'an EIP-155 chain id', example: '1', max: safe },
  '--decay-end': unixSeconds,
  '--decay-start': unixSeconds,
  '--from-block': { what: 'a block number', example: '22990000', max: 2n ** 64n - 1n },
  '--gas-price': { what: 'wei per gas unit', example: '1000000000' },
  '--limit': { what: 'a number of rows', example: '50', max: safe },
  '--nonce': { what: 'a whole number below 2^256', example: '7' },
  '--port': { what: 'a port from 0 to 65535', example: '8545', max: 65_535n },
  '--reach': { what: 'a number of ticks', example: '27728', max: 1_774_544n },
  '--retries': { what: 'a number of attempts from 0 to 20', example: '5', max: 20n },
  '--sample': { what: 'a number of pools', example: '50', max: safe },
  '--seed': { what: 'a whole number below 2^32', example: '7', max: 2n ** 32n - 1n },
  '--to-block': { what: 'a block number', example: '23000000', max: 2n ** 64n - 1n },
  '--valid-for': { what: 'seconds from now', example: '300', max: 2n ** 40n - 1n },
  '--valid-to': unixSeconds,
} satisfies Record<string, NumberOption>

/**
 * The whole number that `option` was given as `text`.
 *
 * @throws {UsageError} `cli.usage`, when `text` is no unsigned integer or above what the option takes.
 */
export function parseNumberOption(option: keyof typeof numberOptions, text: string): bigint {
  const { what, example, max }: NumberOption = numberOptions[option]
  const fault = new UsageError(
    `${option} ${text.slice(0, 50)} is not ${what}.`,
    `Give ${what}, digits only, for example ${option} ${example}.`,
  )
  let value: bigint
  try {
    value = parseInteger(text, option)
  } catch {
    throw fault
  }
  if (max !== undefined && value > max) throw fault
  return value
}
