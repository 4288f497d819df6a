/** `--rpc` and `--relay`: the servers of a command, named once or several times, or with commas between them. */
import { UsageError } from './errors.ts'

/** How help shows it. */
export const rpcFlag = '--rpc <url...>'

/** What help adds where several nodes make sense. */
export const severalNodes = 'several: --rpc A,B or --rpc A --rpc B'

/** Protocols of nodes. */
export const nodeProtocols = ['http', 'https', 'ws', 'wss'] as const
/** Protocols of relays. */
export const relayProtocols = ['http', 'https'] as const

/**
 * The URLs that `--rpc` was given, in their order: the best node first.
 *
 * @throws {UsageError} `cli.usage`, when a URL is missing, is none, or is named twice: a node has one voice.
 */
export function rpcUrlsOf(given: readonly string[]): readonly string[] {
  return requireUrls('--rpc', given, nodeProtocols)
}

/**
 * The URLs that `option` was given, in their order.
 *
 * @param protocols - Those that serve, without a colon.
 * @throws {UsageError} `cli.usage`, when a URL is missing, is none of `protocols`, or is named twice.
 */
export function requireUrls(
  option: string,
  given: readonly string[],
  protocols: readonly string[],
): readonly string[] {
  const urls = given.flatMap((text) => text.split(',')).map((url) => url.trim())
  const example = `${option} https://one.example,https://two.example`
  const place = (at: number) => (urls.length === 1 ? '' : ` (number ${at + 1} of ${urls.length})`)
  for (const [at, url] of urls.entries()) {
    if (url === '')
      throw new UsageError(`${option} names no URL${place(at)}.`, `Give one, such as ${example}.`)
    if (!isUrlOf(url, protocols))
      throw new UsageError(
        `${option} ${shown(url)} is no URL${place(at)}.`,
        `Give it with its protocol, ${protocols.join(', ')}, such as ${protocols[0]}://127.0.0.1:8545.`,
      )
    const first = urls.indexOf(url)
    if (first < at)
      throw new UsageError(
        `${option} names one URL twice, as number ${first + 1} and ${at + 1}.`,
        `Give each once, for example ${example}.`,
      )
  }
  return urls
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return hostname !== '' && protocols.some((name) => protocol === `${name}:`)
}

/** The start of what was given: paths, queries and what stands before an @ may hold keys. */
function shown(text: string): string {
  const host = text.replace(/^[a-z]*:\/\//i, '').split(/[/?#]/)[0] ?? ''
  return host.includes('@') || !/^[\w.:[\]-]{1,60}$/.test(host) ? '…' : host
}
