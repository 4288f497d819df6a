/** `main.test`: the README's test command and CI's script pass in a fresh clone. */
import type { AcceptCheck } from './check.ts'
import { withFreshClone } from './freshClone.ts'

const check: AcceptCheck = {
  id: 'main.test',
  threshold: 'npm ci && npm test passes; .ci/run ends with `N passed, 0 failed` in <= 25 min',
  run: (say) =>
    withFreshClone(say, async (run) => {
      const tests = await run('npm ci --no-audit --no-fund && npm test')
      const last = lastLine(tests.output)
      if (tests.code !== 0) return { ok: false, figure: `npm test exited ${tests.code}: ${last}` }
      const ci = await run('bash .ci/run', { CI: 'true' })
      const ciLast = lastLine(ci.output)
      const passed = /^\d+ passed, 0 failed/.test(ciLast)
      return {
        ok: ci.code === 0 && passed && ci.seconds <= 25 * 60,
        figure: `npm test: ${last} (${tests.seconds.toFixed(0)} s with install); .ci/run: ${ciLast} (${ci.seconds.toFixed(0)} s)`,
      }
    }),
}

export default check

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? ''
}
