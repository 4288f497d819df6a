/** From a URL to a node that can be asked. */
import type { Clock } from './clock.ts'
import type { Endpoint } from './endpoint.ts'
import { openHttp } from './httpEndpoint.ts'
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
  return { name, ...openHttp(url, options) }
}
