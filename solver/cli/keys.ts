/** Private keys from the environment: read once, never printed. */
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { KeyMissingError } from './errors.ts'

/**
 * The account of the key in the environment variable `variable`.
 *
 * @throws {KeyMissingError} `cli.key-missing`, when it is not set or is not 32 bytes of hex with 0x.
 */
export function accountFromEnvironment(variable: string): LocalAccount {
  const key = process.env[variable]
  if (key === undefined || !/^0x[0-9a-fA-F]{64}$/.test(key)) throw new KeyMissingError(variable)
  try {
    return privateKeyToAccount(key as `0x${string}`)
  } catch {
    // A number outside the curve's order: viem's message would repeat it.
    throw new KeyMissingError(variable)
  }
}
