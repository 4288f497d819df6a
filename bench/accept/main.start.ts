/** `main.start`: a fresh clone runs the whole line and ends with checked numbers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AcceptCheck } from './check.ts'
import { withFreshClone } from './freshClone.ts'

type ReportFile = {
  readonly intents: readonly { readonly quoted: string; readonly received: string }[]
  readonly digests: readonly string[]
}

const check: AcceptCheck = {
  id: 'main.start',
  threshold:
    'exit 0 in <= 60 s after install; >= 3 intents, received = quoted in all; replay digest equal',
  run: (say) =>
    withFreshClone(say, async (run, folder) => {
      const install = await run('npm ci --no-audit --no-fund')
      if (install.code !== 0) return { ok: false, figure: `npm ci exited ${install.code}` }
      const start = await run('CI=1 npm start')
      if (start.code !== 0)
        return { ok: false, figure: `npm start exited ${start.code}: ${start.output.slice(-600)}` }
      const report = JSON.parse(readFileSync(join(folder, 'out/report.json'), 'utf8')) as ReportFile
      const equal = report.intents.filter(({ quoted, received }) => quoted === received).length
      const replayed = report.digests.filter((digest) =>
        start.output.includes(`replay ${digest} ✓`),
      )
      return {
        ok:
          start.seconds <= 60 &&
          equal >= 3 &&
          equal === report.intents.length &&
          replayed.length === report.digests.length,
        figure: `exit 0 in ${start.seconds.toFixed(1)} s; ${equal} of ${report.intents.length} intents received = quoted; ${replayed.length} of ${report.digests.length} replay digests equal`,
      }
    }),
}

export default check
