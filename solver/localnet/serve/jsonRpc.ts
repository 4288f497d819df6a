/** JSON-RPC 2.0 on the wire: texts to requests, results and errors to texts. */
import { RpcError, rpcCodes, toWireError } from './rpcError.ts'

/** One request. `params` is an array: none of our methods takes named ones. */
export type RpcRequest = {
  readonly id: string | number | null
  readonly method: string
  readonly params: readonly unknown[]
}

/** Does one request. */
export type RpcHandler = (request: RpcRequest) => Promise<unknown>

/** Requests in one batch, as geth allows. */
const batchMax = 1_000

/**
 * Answers `text`: one request, or a batch when `allowBatch`. Never rejects: what the handler throws
 * becomes the answer's `error`.
 */
export async function answerRpc(
  text: string,
  handle: RpcHandler,
  { allowBatch }: { readonly allowBatch: boolean },
): Promise<string> {
  const value = parseJson(text)
  if (value === undefined) return failure(null, new RpcError(rpcCodes.parse, 'parse error'))
  if (!Array.isArray(value)) return answerOne(value, handle)
  if (!allowBatch || value.length === 0 || value.length > batchMax)
    return failure(null, new RpcError(rpcCodes.invalidRequest, 'batch not supported'))
  const answers = await Promise.all(value.map((each: unknown) => answerOne(each, handle)))
  return `[${answers.join(',')}]`
}

async function answerOne(value: unknown, handle: RpcHandler): Promise<string> {
  const request = readRequest(value)
  if (request === undefined)
    return failure(idOf(value), new RpcError(rpcCodes.invalidRequest, 'invalid request'))
  try {
    const result = (await handle(request)) ?? null
    return JSON.stringify({ jsonrpc: '2.0', id: request.id, result })
  } catch (error) {
    return failure(request.id, error)
  }
}

function readRequest(value: unknown): RpcRequest | undefined {
  const { jsonrpc, method, params = [] } = (value ?? {}) as Record<string, unknown>
  if (jsonrpc !== '2.0' || typeof method !== 'string' || !Array.isArray(params)) return undefined
  return { id: idOf(value), method, params }
}

function idOf(value: unknown): string | number | null {
  const { id } = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

function failure(id: string | number | null, error: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: toWireError(error) })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
