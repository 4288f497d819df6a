/**
 * `npm run accept [-- <id>]`: runs one acceptance check by its id, case-insensitive, or all that are built.
 *
 * Prints `PASS id figure threshold` or `FAIL id figure threshold` for each on stdout and progress on stderr.
 * Exits 0 when every check that ran passed, 1 when one failed, 2 for an unknown id.
 */
import { hasSharedData } from '../bench/accept/check.ts'
import type { AcceptCheck, Verdict } from '../bench/accept/check.ts'
import { acceptChecks } from '../bench/accept/index.ts'

const wanted = process.argv.slice(2).map((id) => id.toLowerCase())
if (wanted.includes('--list') || wanted.includes('--help')) {
  for (const check of acceptChecks) console.log(`${check.id}  ${check.threshold}`)
  process.exit(0)
}
const unknown = wanted.filter((id) => !acceptChecks.some((check) => check.id.toLowerCase() === id))
if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(', ')}. Known: ${acceptChecks.map(({ id }) => id).join(' ')}`,
  )
  process.exit(2)
}

const chosen = acceptChecks.filter(
  ({ id }) => wanted.length === 0 || wanted.includes(id.toLowerCase()),
)
let passed = 0
let failed = 0
for (const check of chosen) {
  const { ok, figure } = await run(check)
  if (ok) passed += 1
  else failed += 1
  console.log(`${ok ? 'PASS' : 'FAIL'} ${check.id} ${figure} (threshold: ${check.threshold})`)
}
if (chosen.length > 1 || wanted.length === 0) console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

async function run(check: AcceptCheck): Promise<Verdict> {
  if (check.needsSharedData === true && !hasSharedData)
    return {
      ok: false,
      figure: 'not run: the recorded data (../shared/data) are not on this machine',
    }
  try {
    return await check.run((line) => console.error(`  ${check.id}: ${line}`))
  } catch (error) {
    return { ok: false, figure: `threw ${error instanceof Error ? error.stack : String(error)}` }
  }
}
