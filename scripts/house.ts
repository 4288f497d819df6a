/**
 * Checks the hard rules of the house (CONTRIBUTING.md): imports point left, no cycles, pure rooms do no I/O,
 * integers decide, errors carry codes, exports are documented.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { parse, type ParserPlugin } from '@babel/parser'

export type Finding = {
  readonly rule: number
  readonly file: string
  readonly line: number
  readonly what: string
}
type Node = { type: string; loc?: { start: { line: number } } | null; [key: string]: unknown }
type Comment = { type: string; value: string; start: number }
type Source = { file: string; room: string; text: string; tree: Node }

/** Left to right: a file imports from its own room and from rooms to its left. */
export const rooms = (
  'core observe store chain pools market microstructure forecast risk route intents execution auction ' +
  'solve settle submit measure jobs config engine api localnet cli'
).split(' ')
const edgeRooms = new Set(
  'core observe store chain submit jobs config engine api localnet cli'.split(' ').slice(1),
)
/** Files of pure rooms that may touch the world (house 1.1). */
const edgeFiles =
  /^solver\/(market\/(snapshotFile|reader|marketRows|screen)|intents\/(verify|orderRows)|auction\/(compete|certify)|solve\/remote|settle\/simulate|measure\/fillRows)\.ts$/
const integerRooms = new Set(['pools', 'route', 'intents', 'auction', 'settle'])
const clientLibraries = /^(node:|fastify|commander|hardhat|viem$|viem\/(?!utils$)|ws$)/
/** Telemetry and databases are behind the doors of their rooms. */
const storeLibraries = /^(pino|prom-client|kysely|pg|@electric-sql\/pglite)$/
const worldNames = new Set(['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'process'])
const worldMembers = new Set(['Date.now', 'performance.now', 'Math.random'])
const amountName = /^(amount.*|.*[a-z](Sold|Bought|Gas|Wei)|sold|bought|gas|.*X96)$/

/** All findings in `files`, paths relative to the repository, each with its text. */
export function inspect(files: readonly { file: string; text: string }[]): Finding[] {
  const sources = files.map(({ file, text }) => ({
    file,
    text,
    room: roomOf(file),
    tree: parseFile(text),
  }))
  const codes = new Map<string, string>()
  return [
    ...sources.flatMap((source) => [...importRules(source), ...bodyRules(source, codes)]),
    ...cycles(sources),
  ]
}

function parseFile(text: string): Node {
  const plugins: ParserPlugin[] = ['typescript']
  return parse(text, { sourceType: 'module', plugins, attachComment: true })
    .program as unknown as Node
}

function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/')
  return top === 'solver' ? room.replace(/\.ts$/, '') : top
}

function importsOf(source: Source): { node: Node; from: string; typeOnly: boolean }[] {
  const body = source.tree['body'] as Node[]
  return body
    .filter((node) => (node['source'] as Node | null | undefined)?.['value'] !== undefined)
    .map((node) => ({
      node,
      from: String((node['source'] as Node)['value']),
      typeOnly: node['importKind'] === 'type' || node['exportKind'] === 'type',
    }))
}

function importRules(source: Source): Finding[] {
  const at = rooms.indexOf(source.room)
  if (!source.file.startsWith('solver/')) return []
  return importsOf(source).flatMap(({ node, from, typeOnly }) => {
    const target = from.startsWith('.')
      ? roomOf(normalize(join(dirname(source.file), from)))
      : undefined
    const found: Finding[] = []
    if (target !== undefined && rooms.indexOf(target) > at)
      found.push(
        finding(1, source, node, `${source.room} imports ${target}, which stands to its right`),
      )
    if (target !== undefined && !rooms.includes(target))
      found.push(finding(1, source, node, `imports ${from}, which is not a room`))
    if (storeLibraries.test(from) && !/^solver\/(observe|store)\/|Rows\.ts$/.test(source.file))
      found.push(finding(3, source, node, `${source.file} imports ${from}`))
    if (!isPure(source)) return found
    const world =
      target === undefined ? clientLibraries.test(from) : ['observe', 'store'].includes(target)
    if (world || (target === 'chain' && !typeOnly))
      found.push(finding(3, source, node, `a pure room imports ${from}`))
    return found
  })
}

function isPure(source: Source): boolean {
  return rooms.includes(source.room) && !edgeRooms.has(source.room) && !edgeFiles.test(source.file)
}

function bodyRules(source: Source, codes: Map<string, string>): Finding[] {
  const found: Finding[] = []
  const comments = source.text.trimStart().replace(/^#!.*\n/, '')
  if (!comments.startsWith('/**'))
    found.push({ rule: 6, file: source.file, line: 1, what: 'no purpose line' })
  walk(source.tree, [], (node, parents) => {
    const say = (rule: number, what: string) => found.push(finding(rule, source, node, what))
    if (source.file.startsWith('solver/')) documented(source, node, parents, say)
    if (isPure(source)) worldFree(node, parents, say)
    if (integerRooms.has(source.room)) integers(node, parents, say)
    errorRules(source, node, codes, say)
  })
  return found
}

type Say = (rule: number, what: string) => void

function worldFree(node: Node, parents: readonly Node[], say: Say): void {
  const parent = parents.at(-1)
  const isKey = parent?.['key'] === node || parent?.['property'] === node
  if (node.type === 'Identifier' && worldNames.has(String(node['name'])) && !isKey)
    say(3, `touches ${String(node['name'])}`)
  if (node.type !== 'MemberExpression') return
  const path = `${nameOf(node['object'])}.${nameOf(node['property'])}`
  if (worldMembers.has(path)) say(3, `touches ${path}`)
}

function integers(node: Node, parents: readonly Node[], say: Say): void {
  const divides =
    (node.type === 'BinaryExpression' || node.type === 'AssignmentExpression') &&
    /^\/=?$/.test(String(node['operator']))
  const narrows = node.type === 'CallExpression' && nameOf(node['callee']) === 'Number'
  if ((divides || narrows) && !parents.some(returnsFloats))
    say(4, divides ? 'divides outside a float function' : 'Number( outside a float function')
}

/** A function whose declared type says `number`, a float array, or a type named as floats. */
function returnsFloats(node: Node): boolean {
  const type = node['returnType'] as Node | undefined
  if (type === undefined || type === null) return false
  return /"(TSNumberKeyword)"|"name":"(Float64Array|[A-Z]\w*(Curve|Floats|Kernel|Point|Flow|Flows))"/.test(
    JSON.stringify(type, (key, value: unknown) => (key === 'loc' ? undefined : value)),
  )
}

function errorRules(source: Source, node: Node, codes: Map<string, string>, say: Say): void {
  if (!source.file.startsWith('solver/')) return
  if (node.type === 'ThrowStatement') {
    const thrown = node['argument'] as Node
    if (
      thrown.type === 'NewExpression' &&
      /^(Error|TypeError|RangeError)$/.test(nameOf(thrown['callee']))
    )
      say(5, 'throws a bare Error')
  }
  if (node.type !== 'ClassDeclaration' || source.file === 'solver/core/errors.ts') return
  const parent = nameOf(node['superClass'])
  if (!parent.endsWith('Error')) return say(5, `class ${nameOf(node['id'])} is not an error`)
  const members = (node['body'] as Node)['body'] as Node[]
  const code = members.find((member) => nameOf(member['key']) === 'code')?.['value'] as
    Node | undefined
  const value = textOf(code?.['value'] ?? (code?.['expression'] as Node | undefined)?.['value'])
  if (value === '')
    return parent === 'BaseError' ? say(5, `${nameOf(node['id'])} has no code`) : undefined
  if (!value.startsWith(`${source.room}.`)) say(5, `code ${value} belongs to another room`)
  if (codes.has(value)) say(5, `code ${value} is used in ${codes.get(value)} too`)
  codes.set(value, source.file)
}

function documented(source: Source, node: Node, parents: readonly Node[], say: Say): void {
  const declaration = node['declaration'] as Node | null | undefined
  if (
    node.type === 'ExportNamedDeclaration' &&
    declaration &&
    declaration.type !== 'TSModuleDeclaration'
  ) {
    const comments = (node['leadingComments'] ?? []) as Comment[]
    const isOverload = declaration.type === 'TSDeclareFunction'
    const isNamespace = declaration['declare'] === true
    // The file's own purpose line documents the file, not its first export.
    const purpose = source.text.indexOf('/**')
    const documents = comments.some(
      ({ type, value, start }) =>
        type === 'CommentBlock' && value.startsWith('*') && start !== purpose,
    )
    const names = (declaration['declarations'] as Node[] | undefined)
      ?.map((each) => nameOf(each['id']))
      .join()
    if (!documents && !isOverload && !isNamespace)
      say(6, `export ${names ?? nameOf(declaration['id'])} has no doc comment`)
    throwsDocumented(source, declaration, comments.at(-1)?.value ?? '', say)
  }
  const named = (node['typeAnnotation'] as Node | null | undefined)?.['typeAnnotation'] as
    Node | undefined
  const exported = parents.some((parent) => parent.type === 'ExportNamedDeclaration')
  if (
    node.type === 'TSPropertySignature' &&
    exported &&
    named?.type === 'TSNumberKeyword' &&
    amountName.test(nameOf(node['key']))
  )
    say(4, `${nameOf(node['key'])} is an amount typed number`)
}

function throwsDocumented(_source: Source, declaration: Node, comment: string, say: Say): void {
  if (declaration.type !== 'FunctionDeclaration') return
  walk(declaration, [], (node) => {
    if (node.type !== 'ThrowStatement') return
    const thrown = node['argument'] as Node
    const name = thrown.type === 'NewExpression' ? nameOf(thrown['callee']) : ''
    if (name !== '' && !comment.includes(name))
      say(6, `${nameOf(declaration['id'])} throws ${name}; its @throws does not say so`)
  })
}

function cycles(sources: readonly Source[]): Finding[] {
  const edges = new Map(
    sources.map((source) => [
      source.file,
      importsOf(source)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => normalize(join(dirname(source.file), from))),
    ]),
  )
  const done = new Set<string>()
  const visit = (file: string, path: string[]): Finding[] => {
    if (path.includes(file))
      return [
        {
          rule: 2,
          file,
          line: 1,
          what: `cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`,
        },
      ]
    if (done.has(file)) return []
    const found = (edges.get(file) ?? []).flatMap((next) => visit(next, [...path, file]))
    done.add(file)
    return found
  }
  return sources.flatMap(({ file }) => visit(file, []))
}

function walk(
  node: Node,
  parents: readonly Node[],
  visit: (node: Node, parents: readonly Node[]) => void,
): void {
  visit(node, parents)
  const inside = [...parents, node]
  for (const [key, value] of Object.entries(node)) {
    if (key === 'leadingComments' || key === 'trailingComments' || key === 'innerComments') continue
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && typeof (child as Node).type === 'string')
        walk(child as Node, inside, visit)
  }
}

function nameOf(node: unknown): string {
  return textOf((node as Node | null | undefined)?.['name'])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function finding(rule: number, source: Source, node: Node, what: string): Finding {
  return { rule, file: source.file, line: node.loc?.start.line ?? 1, what }
}

/** Every TypeScript file of the repository below the given folders, with its text. */
export function readSources(
  root: string,
  folders: readonly string[],
): { file: string; text: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() &&
          entry.name.endsWith('.ts') &&
          !entry.name.endsWith('.generated.ts') &&
          !entry.parentPath.includes('node_modules'),
      )
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort()
      .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') })),
  )
}

if (import.meta.main) {
  const sources = readSources(process.cwd(), ['solver', 'sdk', 'scripts', 'bench', 'examples'])
  const findings = inspect(sources)
  for (const { rule, file, line, what } of findings)
    console.error(`${file}:${line} rule ${rule}: ${what}`)
  console.log(`${sources.length} files, ${findings.length} findings`)
  if (findings.length > 0) process.exit(1)
}
