/** What `doctor` finds outside this machine: nodes, the settlement on their chain, relays. */
import { type ChainClient, connect, type NodesClient } from '../chain/client.ts'
import type { NodeState } from '../chain/health.ts'
import { readBlockRef } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'

/** One thing looked at; `hint` says what to do where it is not well. */
export type Finding = {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly hint?: string | undefined
}

/** Older heads than this make every quote stale. */
const headAgeSecondsMax = 24
/** Time that a relay gets to answer. */
const relayTimeoutMs = 10_000
/** Characters of a relay's words that are shown. */
const wordsMax = 100

/**
 * Looks at the nodes at `urls`, at each of several against the others, and, if it is given, for code at the address
 * of the settlement.
 */
export async function checkNodes(
  urls: readonly string[],
  settlement: string | undefined,
): Promise<Finding[]> {
  let client: NodesClient
  try {
    client = await connect({ urls })
  } catch (error) {
    return [faultOf('node', error)]
  }
  try {
    const contract = settlement === undefined ? [] : [checkSettlement(client, settlement)]
    const found = await Promise.all([checkHead(client), ...contract])
    return [...found, ...(await compareNodes(client))]
  } finally {
    client.close()
  }
}

/** Looks at several nodes: what is odd may pass, so it is looked at twice. One node has nobody to be compared with. */
async function compareNodes(client: NodesClient): Promise<Finding[]> {
  if (client.nodes().length < 2) return []
  for (let look = 0; look < 2; look++) await client.checkNodes()
  return client.nodes().map(findingOf)
}

function findingOf(state: NodeState, index: number): Finding {
  const { name: url, status, headNumber, latencyMs, quarantine, failures, requests } = state
  const parts = [
    `${url} ${status}`,
    ...(headNumber === undefined ? [] : [`head ${headNumber}`]),
    ...(latencyMs === undefined ? [] : [`${latencyMs} ms`]),
    ...(failures === 0 ? [] : [`${failures} of ${requests} requests failed`]),
    ...(quarantine === undefined ? [] : [`${quarantine.cause}: ${quarantine.detail}`]),
  ]
  const ok = quarantine === undefined && status !== 'failing' && headNumber !== undefined
  const hint = 'It is left aside while others answer; check its URL and its sync, or name another.'
  return { name: `node-${index + 1}`, ok, detail: parts.join(', '), ...(ok ? {} : { hint }) }
}

async function checkHead(client: ChainClient): Promise<Finding> {
  try {
    const params = ['latest', false]
    const head = readBlockRef(await client.request({ method: 'eth_getBlockByNumber', params }))
    // A local chain may be ahead of the wall.
    const ageSeconds = Math.max(0, Math.floor(Date.now() / 1_000) - Number(head.timestamp))
    const detail = `chain ${client.chainId}, head ${head.number}, ${ageSeconds} s old`
    if (ageSeconds <= headAgeSecondsMax) return { name: 'node', ok: true, detail }
    return {
      name: 'node',
      ok: false,
      detail: `${detail}: too old to quote on`,
      hint: 'Wait until the node is in sync, or give the URL of another one.',
    }
  } catch (error) {
    return faultOf('node', error)
  }
}

async function checkSettlement(client: ChainClient, settlement: string): Promise<Finding> {
  const name = 'settlement'
  try {
    const params = [settlement, 'latest']
    const code = await client.request({ method: 'eth_getCode', params })
    if (typeof code === 'string' && code.length > 2)
      return { name, ok: true, detail: `${settlement} has ${(code.length - 2) / 2} bytes of code` }
    return {
      name,
      ok: false,
      detail: `no code at ${settlement} on chain ${client.chainId}`,
      hint: 'Deploy the settlement on this chain first, or correct the address.',
    }
  } catch (error) {
    return faultOf(name, error)
  }
}

/** Looks whether a relay is there: any answer in JSON-RPC will do, a refusal too, since nothing is signed here. */
export async function checkRelay(url: string): Promise<Finding> {
  const name = 'relay'
  const hint = 'Check the URL of the relay and the network.'
  // Paths and queries may hold keys.
  const { origin } = new URL(url)
  let text: string
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendBundle', params: [] }),
      signal: AbortSignal.timeout(relayTimeoutMs),
    })
    text = await response.text()
  } catch {
    return { name, ok: false, detail: `${origin} does not answer`, hint }
  }
  const words = answerOf(text)
  if (words === undefined)
    return { name, ok: false, detail: `${origin} answers, but not in JSON-RPC`, hint }
  return { name, ok: true, detail: `${origin} answers${words === '' ? '' : `: ${words}`}` }
}

/** What a JSON-RPC answer says, shortened; `undefined` for text that is none. */
function answerOf(text: string): string | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof answer !== 'object' || answer === null) return undefined
  if ('error' in answer) {
    const { error } = answer
    const isRecord = typeof error === 'object' && error !== null && 'message' in error
    return plain(String(isRecord ? error.message : error))
  }
  return 'result' in answer ? '' : undefined
}

/** A server's words without what could move the cursor. */
function plain(text: string): string {
  return text.replace(/\p{C}+/gu, ' ').slice(0, wordsMax)
}

function faultOf(name: string, error: unknown): Finding {
  if (!(error instanceof BaseError)) throw error
  return { name, ok: false, detail: error.message.split('\n')[0] ?? '', hint: error.hint }
}
