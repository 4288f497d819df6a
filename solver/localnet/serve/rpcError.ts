/** JSON-RPC errors: what a server of ours answers when it cannot do what it was asked. */
import { BaseError } from '../../core/errors.ts'

/** Codes of JSON-RPC 2.0, and geth's for everything that its pool or its EVM refuses. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  server: -32_000,
} as const

/** An answer with `error` in place of `result`. */
export class RpcError extends BaseError {
  override readonly code = 'localnet.rpc'
  readonly rpcCode: number
  readonly data: unknown
  /** The text alone, as it goes over the wire. */
  readonly text: string

  constructor(rpcCode: number, text: string, data?: unknown) {
    super(text, { facts: { rpcCode }, hint: 'Correct the request.' })
    this.rpcCode = rpcCode
    this.text = text
    this.data = data
  }
}

/** The error object of an answer for anything that was thrown. Unknown faults show no details. */
export function toWireError(error: unknown): {
  readonly code: number
  readonly message: string
  readonly data?: unknown
} {
  if (error instanceof RpcError) {
    const data = error.data === undefined ? {} : { data: error.data }
    return { code: error.rpcCode, message: error.text, ...data }
  }
  // Hardhat's provider throws errors with a numeric code, and revert bytes as data.
  const { code, message, data } = (error ?? {}) as Record<string, unknown>
  if (typeof code === 'number' && typeof message === 'string') {
    const isRevert = code === 3 && typeof data === 'string'
    return { code, message, ...(isRevert ? { data } : {}) }
  }
  return { code: rpcCodes.internal, message: 'internal error' }
}
