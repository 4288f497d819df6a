/** The parameters of the relay's methods, read strictly: names, hex, ranges. */
import { z } from 'zod'
import type { Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { RpcError, rpcCodes } from './rpcError.ts'

/** Whose rules a relay follows: `buildernet` takes a missing block as the next one, and `uuid`. */
export type RelayDialect = 'flashbots' | 'buildernet'

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/i)
const hash = z.string().regex(/^0x[0-9a-f]{64}$/i)
const quantity = z.string().regex(/^0x(0|[1-9a-f][0-9a-f]*)$/i)
const uuid4 = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i)
const seconds = z.int().nonnegative()
const transactions = z.array(hex).max(limits.bundleTransactions)

/** Schemas by method; each describes `params[0]`. */
export const relaySchemas = {
  sendBundle: z.object({
    txs: transactions,
    blockNumber: z.union([quantity, z.literal('0x'), z.null()]).optional(),
    minTimestamp: seconds.optional(),
    maxTimestamp: seconds.optional(),
    revertingTxHashes: z.array(hash).optional(),
    droppingTxHashes: z.array(hash).optional(),
    replacementUuid: uuid4.optional(),
    uuid: z.string().min(1).max(64).optional(),
    replacementNonce: z.int().nonnegative().optional(),
    builders: z.array(z.string()).optional(),
  }),
  callBundle: z.object({
    txs: transactions.min(1),
    blockNumber: quantity,
    stateBlockNumber: z.union([quantity, z.literal('latest')]),
    timestamp: seconds.optional(),
  }),
  cancelBundle: z.object({ replacementUuid: uuid4 }),
  bundleStats: z.object({ bundleHash: hash, blockNumber: quantity }),
  privateTransaction: z.object({ tx: hex, maxBlockNumber: quantity.optional() }),
  cancelPrivate: z.object({ txHash: hash }),
} as const

/**
 * `params[0]` in the form of `schema`.
 *
 * @throws {RpcError} -32602, naming the field and not its value: what is wrong may still be secret.
 */
export function readParams<value>(schema: z.ZodType<value>, params: readonly unknown[]): value {
  const read = schema.safeParse(params[0])
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new RpcError(rpcCodes.invalidParams, `invalid params: ${where || 'params[0]'}`)
}

/** Hashes in lower case, as a set. */
export function hashSet(hashes: readonly string[] | undefined): ReadonlySet<Hex> {
  return new Set(hashes?.map((each) => each.toLowerCase() as Hex))
}
