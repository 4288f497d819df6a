/** Errors without the key of the URL that they are about: what is printed, logged or sent on holds none. */
import { withoutKey, withoutKeys } from '../core/keyless.ts'
import { isObject } from './quantity.ts'

/** Cuts the key out of an error and its causes, in place, and gives the same error. */
export type Scrub = <error extends Error>(error: error) => error

/** Shorter parts of a path are names such as `v2` or `mainnet`, not keys. */
const keyLengthMin = 12
/** Causes of causes that are looked at. */
const causesMax = 8
/** Texts of viem's errors and of those below them; `input` is of a URL that is none. */
const textFields = ['message', 'stack', 'shortMessage', 'details', 'url', 'input'] as const

/** Makes the scrubber of one URL. */
export function createScrubber(url: string): Scrub {
  const secrets = secretsOf(url)
  const clean = (text: string) =>
    secrets.reduce(
      (rest, secret) => rest.replaceAll(secret, '…'),
      withoutKeys(text.replaceAll(url, withoutKey(url))),
    )
  return (error) => {
    let each: unknown = error
    for (let depth = 0; depth < causesMax && isObject(each); depth++) {
      scrubFields(each, clean)
      each = each['cause']
    }
    return error
  }
}

/** An error's fields are changed where they are: its class and its headers say what kind of failure it is. */
function scrubFields(error: object, clean: (text: string) => string): void {
  for (const field of textFields) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === 'string' && value !== clean(value)) Reflect.set(error, field, clean(value))
  }
  const lines: unknown = Reflect.get(error, 'metaMessages')
  if (Array.isArray(lines))
    Reflect.set(
      error,
      'metaMessages',
      lines.map((line: unknown) => (typeof line === 'string' ? clean(line) : line)),
    )
}

/** Parts of the URL that may be a key, the longest first. */
function secretsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return []
  const { username, password, pathname, searchParams } = new URL(url)
  const parts = [...pathname.split('/'), ...searchParams.values()]
  return [...parts.filter(({ length }) => length >= keyLengthMin), username, password]
    .filter((part) => part !== '')
    .toSorted((a, b) => b.length - a.length)
}
