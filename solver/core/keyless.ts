/** Text without the keys of URLs: providers put them into the path, the query or the user's part. */

/** URLs within a text, up to a blank or a sign that closes it. */
const urls = /\b(?:https?|wss?):\/\/[^\s"'<>`\\]+/gi

/** Only origin and an ellipsis: provider URLs carry keys in their path or query. */
export function withoutKey(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)'
  const { protocol, host, pathname, search, hash } = new URL(url)
  return `${protocol}//${host}${pathname.length > 1 || search !== '' || hash !== '' ? '/…' : ''}`
}

/**
 * `text` with every URL in it cut as {@link withoutKey} does.
 *
 * @example withoutKeys('no answer of https://a:b@node.example/v2/secret') // 'no answer of https://node.example/…'
 */
export function withoutKeys(text: string): string {
  return text.includes('://') ? text.replace(urls, withoutKey) : text
}
