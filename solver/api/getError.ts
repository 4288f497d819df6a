/** `GET /errors/{code}`: what an error code means and what to do, from the catalogue in the documentation. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { errorEntry } from './answers.ts'
import { NotFoundError } from './errors.ts'
import { defineRoute } from './route.ts'

/** One row of the catalogue; `hint` is empty where it depends on the fault. */
type Entry = { readonly code: string; readonly meaning: string; readonly hint: string }

let catalogue: ReadonlyMap<string, Entry> | undefined

/** The `type` of every problem answer points here. */
export const getError = defineRoute({
  operationId: 'getError',
  method: 'GET',
  path: '/errors/{code}',
  summary: 'What an error code means and what to do',
  input: z.strictObject({ code: z.string().max(100) }),
  answer: errorEntry,
  handle({ code }) {
    catalogue ??= readCatalogue()
    const entry = catalogue.get(code)
    if (entry === undefined) throw new NotFoundError('error code')
    return entry
  },
})

/** The rows of docs/errors.md, which `scripts/errorCatalogue.ts` writes. */
function readCatalogue(): ReadonlyMap<string, Entry> {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| `([^`]+)` \| (.*?) \| (.*?) ?\|$/gm)
  return new Map(
    [...rows].map(([, code = '', meaning = '', hint = '']) => [code, { code, meaning, hint }]),
  )
}
