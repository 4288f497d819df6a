/** A strict reader of the XML that our pictures are made of: anything that a browser would have to guess fails. */

/** One element: its name and the names of its attributes. */
export type XmlElement = { readonly name: string; readonly attributes: readonly string[] }

const tag = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>/y
/** Text: no markup, references by name or number, and only characters that XML 1.0 allows. */
const text = /(?:[^<&>]|&(?:amp|lt|gt|quot|#39);)*/y
/** True for a string of characters that XML 1.0 allows. */
function isXmlText(source: string): boolean {
  return (
    source.isWellFormed() &&
    Array.from(source).every((character) => {
      const code = character.codePointAt(0) ?? 0
      return (code >= 0x20 || '\t\n\r'.includes(character)) && (code & 0xfffe) !== 0xfffe
    })
  )
}

/** The elements of `source` in document order; throws where it is not well-formed. */
export function requireWellFormedXml(source: string): readonly XmlElement[] {
  if (!isXmlText(source)) throw new SyntaxError('a character that XML does not have')
  const elements: XmlElement[] = []
  const open: string[] = []
  let at = 0
  while (at < source.length) {
    text.lastIndex = at
    at += text.exec(source)?.[0].length ?? 0
    if (at === source.length) break
    tag.lastIndex = at
    const [whole = '', closing, name = '', attributes = '', empty] = tag.exec(source) ?? []
    if (whole === '') throw new SyntaxError(`no tag at ${source.slice(at, at + 40)}`)
    at += whole.length
    if (closing === '/') {
      if (open.pop() !== name) throw new SyntaxError(`</${name}> closes something else`)
      continue
    }
    elements.push({
      name,
      attributes: [...attributes.matchAll(/ ([^=]+)="/g)].map(([, key = '']) => key),
    })
    if (empty !== '/') open.push(name)
  }
  if (open.length > 0) throw new SyntaxError(`<${open.join('> <')}> never closed`)
  return elements
}
