/**
 * Writes docs/openapi.json: the API as OpenAPI 3.1, from the registry of routes.
 *
 * `node scripts/openapi.ts` prints it; `--write` writes the file; `--check` fails when the file is not what the
 * code says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { apiRoutes } from '../solver/api/index.ts'
import { openApiDocument } from '../solver/api/openapi.ts'

const file = 'docs/openapi.json'
const text = await format(JSON.stringify(openApiDocument(apiRoutes), null, 2), {
  ...(await resolveConfig(file)),
  parser: 'json',
})

if (process.argv.includes('--write')) writeFileSync(file, text)
else if (!process.argv.includes('--check')) console.log(text.trimEnd())
else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is not what the code says: run \`node scripts/openapi.ts --write\``)
  process.exit(1)
}
