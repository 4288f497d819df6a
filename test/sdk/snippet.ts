/** Runs the first TypeScript block of a document, as it stands but for where `isoprice` is found. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')

/** Gives the block `names` as globals and answers the lines that it printed. */
export async function runSnippet(
  document: string,
  names: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, document), 'utf8')) ?? []
  if (code === undefined) throw new RangeError(`${document} has no TypeScript block`)
  // Below the repository, so that `viem` is found; the folder is not kept.
  const folder = join(root, 'cache', 'snippets')
  const file = join(folder, `sdk-${process.pid}.ts`)
  const sdk = pathToFileURL(join(root, 'sdk/index.ts')).href
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, code.replaceAll("'isoprice'", `'${sdk}'`))
  const said: string[] = []
  const log = console.log
  Object.assign(globalThis, names)
  console.log = (...parts: unknown[]) => said.push(parts.map(String).join(' '))
  try {
    await import(pathToFileURL(file).href)
    return said
  } finally {
    console.log = log
    for (const name of Object.keys(names)) Reflect.deleteProperty(globalThis, name)
    rmSync(file)
  }
}
