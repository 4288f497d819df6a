/** From a URL to a node that can be asked. */
import { http } from 'viem'
import type { Clock } from './clock.ts'
import type { Endpoint } from './endpoint.ts'
import { withoutKey } from './nodeErrors.ts'
import { openSocket } from './socketEndpoint.ts'

/** How an endpoint is opened. */
export type EndpointOptions = {
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number
  /** Most requests of one moment that share a JSON-RPC batch; 1 sends each alone. HTTP only. */
  readonly batchSize: number
  readonly clock: Clock
}

/** Opens the endpoint of an http(s) or ws(s) URL; nothing is sent yet. */
export function openEndpoint(url: string, options: EndpointOptions): Endpoint {
  const name = withoutKey(url)
  if (/^wss?:/i.test(url)) return { name, ...openSocket(url, options) }
  const { timeoutMs: timeout, batchSize } = options
  const batch = batchSize > 1 ? { batchSize, wait: 0 } : false
  const transport = http(url, { timeout, batch, retryCount: 0 })({})
  return {
    name,
    request: (args) => transport.request(args),
    close: () => undefined,
  }
}
