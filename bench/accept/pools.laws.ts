/** The laws of every pool kind, 10,000 runs each from new seeds, as `npm run test:long` runs them. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isPoolKind, poolModules } from '../../solver/pools/index.ts'
import type { AcceptCheck } from './check.ts'

const runs = 10_000
const root = fileURLToPath(new URL('../../', import.meta.url))
const suffix = '.laws.test.ts'
const outputMax = 64_000_000

const check: AcceptCheck = {
  id: 'pools.laws',
  threshold: `every law of every kind holds in ${runs} runs, from new seeds`,
  async run(say) {
    const files = readdirSync(`${root}test/pools`).filter((file) => file.endsWith(suffix))
    const covered = new Set(files.map((file) => file.slice(0, -suffix.length)).filter(isPoolKind))
    const missing = Object.keys(poolModules).filter(
      (kind) => isPoolKind(kind) && !covered.has(kind),
    )
    if (missing.length > 0) return { ok: false, figure: `no laws for ${missing.join(', ')}` }
    let passed = 0
    let failed = 0
    for (const file of files) {
      const stats = await runLaws(`test/pools/${file}`)
      passed += stats.passes
      failed += stats.failures.length
      say(`${file}: ${stats.passes} laws hold, ${stats.failures.length} do not`)
      for (const failure of stats.failures) say(failure)
    }
    return {
      ok: failed === 0 && passed > 0,
      figure: `${covered.size} kinds, ${passed} laws hold, ${failed} do not, ${runs} runs each`,
    }
  },
}

export default check

async function runLaws(
  file: string,
): Promise<{ readonly passes: number; readonly failures: readonly string[] }> {
  const env = { ...process.env, ISOPRICE_LONG: '1', FC_NUM_RUNS: String(runs) }
  const args = 'node_modules/mocha/bin/mocha.js --no-config --reporter json --timeout 1200000'
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [...args.split(' '), '--require', 'test/helpers/setup.ts', file],
      { cwd: root, env, maxBuffer: outputMax },
      // A law that fails is an exit code of its own; what the reporter says decides.
      (_error, stdout) => resolve(stdout),
    )
  })
  const start = output.indexOf('{')
  if (start === -1) return { passes: 0, failures: [`${file} did not run`] }
  // The form is mocha's JSON reporter's.
  const report = JSON.parse(output.slice(start)) as {
    stats: { passes: number }
    failures: { fullTitle: string; err: { message?: string } }[]
  }
  return {
    passes: report.stats.passes,
    failures: report.failures.map(
      ({ fullTitle, err }) => `${fullTitle}: ${err.message?.slice(0, 600) ?? 'failed'}`,
    ),
  }
}
