/** Rule 4 of a snapshot's pools, whatever their kind (docs/market.md); the other rules are in the kinds' codecs. */
import type { Address } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { address, isLowerHex, list, refuse } from './fields.ts'

/**
 * Checks what does not need the pool's arithmetic, and returns the pool's id.
 *
 * @param listed - Addresses in the file's token list.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, rule 4.
 */
export function checkPool(pool: JsonObject, listed: ReadonlySet<Address>): string {
  const { id, kind } = pool
  if (typeof id !== 'string' || !(isLowerHex(id, 40) || isLowerHex(id, 64)))
    return refuse(4, 'a pool id is neither 20 nor 32 bytes of lower-case hex', 'pools', id)
  if (typeof kind !== 'string') return refuse(4, 'kind is not a text', id, kind)
  const tokens = list(pool['tokens'], id, 'tokens').map((each) => address(each, id, 4))
  if (new Set(tokens).size !== tokens.length || tokens.length < 2)
    refuse(4, 'a pool has at least two tokens, all different', id, tokens)
  const unlisted = tokens.find((token) => !listed.has(token))
  if (unlisted !== undefined) refuse(4, 'a token is not in the token list', id, unlisted)
  return id
}
