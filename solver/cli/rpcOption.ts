/** `--rpc`: the nodes of a command, named once or several times, or with commas between them. */
import { UsageError } from './errors.ts'

/** How help shows it. */
export const rpcFlag = '--rpc <url...>'

/**
 * The URLs that `--rpc` was given, in their order: the best node first.
 *
 * @throws {UsageError} `cli.usage`, when a URL is missing or named twice: a node has one voice.
 */
export function rpcUrlsOf(given: readonly string[]): readonly string[] {
  const urls = given.flatMap((text) => text.split(',')).map((url) => url.trim())
  if (urls.includes('') || new Set(urls).size < urls.length)
    throw new UsageError(
      '--rpc names no URL, or one twice.',
      'Give each node once, for example --rpc https://one.example --rpc https://two.example.',
    )
  return urls
}
