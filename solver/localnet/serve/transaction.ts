/** A raw transaction, read once at the door: who signed it, what it may pay. */
import {
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerialized,
} from 'viem'
import { type Address, type Hex, toAddress } from '../../core/hex.ts'
import { min } from '../../core/rounding.ts'
import { RpcError, rpcCodes } from './rpcError.ts'

/** A signed transaction. Fees in wei per gas; legacy ones pay their gas price as both. */
export type ReadTransaction = {
  readonly raw: Hex
  readonly hash: Hex
  readonly from: Address
  readonly to: Address | undefined
  readonly nonce: bigint
  readonly gasLimit: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  readonly value: bigint
  readonly data: Hex
  /** As in the envelope: 0 legacy, 1 with access list, 2 EIP-1559, 4 EIP-7702. */
  readonly type: number
}

const types: Record<string, number> = { legacy: 0, eip2930: 1, eip1559: 2, eip7702: 4 }

/**
 * Reads `raw` and recovers its sender.
 *
 * @throws {RpcError} -32602 when it is no signed transaction; -32000 for another chain, for a legacy
 *   transaction that any chain would take, and for blobs.
 */
export async function readTransaction(raw: unknown, chainId: number): Promise<ReadTransaction> {
  const parsed = parse(raw)
  const type = types[String(parsed.type)]
  if (type === undefined) throw new RpcError(rpcCodes.server, 'transaction type not supported')
  if (parsed.chainId === undefined)
    throw new RpcError(rpcCodes.server, 'only replay-protected (EIP-155) transactions allowed')
  if (parsed.chainId !== chainId)
    throw new RpcError(
      rpcCodes.server,
      `invalid chain id for signer: have ${parsed.chainId} want ${chainId}`,
    )
  // The parser leaves zeros out, so the envelope's type decides which fields there are.
  const hasOnePrice = type < 2
  const maxFeePerGas = (hasOnePrice ? parsed.gasPrice : parsed.maxFeePerGas) ?? 0n
  const maxPriorityFeePerGas = hasOnePrice ? maxFeePerGas : (parsed.maxPriorityFeePerGas ?? 0n)
  if (maxPriorityFeePerGas > maxFeePerGas)
    throw new RpcError(rpcCodes.server, 'max priority fee per gas higher than max fee per gas')
  return {
    raw: parsed.raw,
    hash: keccak256(parsed.raw),
    from: await sender(parsed.raw),
    to: parsed.to ? toAddress(parsed.to) : undefined,
    nonce: BigInt(parsed.nonce ?? 0),
    gasLimit: parsed.gas ?? 0n,
    maxFeePerGas,
    maxPriorityFeePerGas,
    value: parsed.value ?? 0n,
    data: parsed.data ?? '0x',
    type,
  }
}

/** What `transaction` pays per gas above `baseFee`; negative when it does not pay the base fee. */
export function effectiveTip(transaction: ReadTransaction, baseFee: bigint): bigint {
  return min(transaction.maxPriorityFeePerGas, transaction.maxFeePerGas - baseFee)
}

/** The most that `transaction` can take from its sender, in wei. */
export function costOf({ gasLimit, maxFeePerGas, value }: ReadTransaction): bigint {
  return gasLimit * maxFeePerGas + value
}

function parse(raw: unknown) {
  if (typeof raw !== 'string' || !/^0x([0-9a-f]{2})+$/i.test(raw))
    throw new RpcError(rpcCodes.invalidParams, 'invalid argument 0: not a hex string of bytes')
  const bytes = raw.toLowerCase() as TransactionSerialized
  try {
    return { ...parseTransaction(bytes), raw: bytes }
  } catch {
    throw new RpcError(rpcCodes.invalidParams, 'typed transaction too short or malformed')
  }
}

async function sender(raw: TransactionSerialized): Promise<Address> {
  try {
    return toAddress(await recoverTransactionAddress({ serializedTransaction: raw }))
  } catch {
    throw new RpcError(rpcCodes.server, 'invalid sender')
  }
}
