/** What the states of Balancer V2's pools share: names, tokens, fees and balances. */
import * as fc from 'fast-check'
import type { Address, Hex } from '../../../solver/core/hex.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { anyMagnitude } from './magnitudes.ts'

const id = toPoolId('0x5c6ee304399dbdb9c8ef030ab642b10820db8f56')

/** From the contracts' least fee to their highest. */
const anyFee = fc.oneof(
  fc.constantFrom(10n ** 12n, 10n ** 17n),
  fc.bigInt({ min: 10n ** 12n, max: 10n ** 17n }),
)

/** Everything but the balances of a pool of `count` tokens. */
export function aVaultPool(count: number) {
  const tokens = Array.from(
    { length: count },
    (_, at): Address => `0xa${String(at + 1).padStart(39, '0')}`,
  )
  const vaultId: Hex = `0x${id.slice(2)}${'0'.repeat(23)}7`
  return anyFee.map((swapFee) => ({ id, tokens, swapFee, vaultId }))
}

/** Base units of each token: up to all that the vault can keep, now and then nothing; one in three moderate. */
export function anyBalances(count: number): fc.Arbitrary<readonly bigint[]> {
  const list = { minLength: count, maxLength: count }
  const wide = fc.oneof(
    { weight: 30, arbitrary: anyMagnitude(111, 10) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n ** 112n - 1n) },
  )
  return fc.oneof(
    { weight: 2, arbitrary: fc.array(wide, list) },
    { weight: 1, arbitrary: fc.array(anyMagnitude(63, 44), list) },
  )
}
