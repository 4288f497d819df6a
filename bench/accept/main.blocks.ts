/** `main.blocks`: every swap of the recorded mainnet blocks, run again through our pools. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  type RecordedSwap,
  type RerunReport,
  rerunSwaps,
} from '../../solver/pools/recordedSwaps.ts'
import { type AcceptCheck, sharedData } from './check.ts'

/** The swaps recorded in `folder`, in execution order. */
export function readRecordedSwaps(folder: string): RecordedSwap[] {
  const lines = gunzipSync(readFileSync(join(folder, 'swaps.jsonl.gz')))
    .toString()
    .trim()
    .split('\n')
  // The recording's own README describes the rows; rerunSwaps reads only fields named in its types.
  return lines.map((line) => JSON.parse(line) as RecordedSwap)
}

/** The shares that the check compares with its thresholds. */
export function judgeReport({ v2, v3, v4, misses }: RerunReport) {
  const count = (reason: string) => misses.filter((miss) => miss.reason === reason).length
  const ofKind = (kind: string) => misses.filter((miss) => miss.kind === kind)
  const v2Comparable =
    v2.total - ofKind('v2').filter(({ reason }) => reason !== 'unexplained').length
  return {
    v2Share: v2.exact / v2Comparable,
    v2Comparable,
    v3Share: v3.exact / v3.total,
    v4Share: v4.exact / v4.total,
    unexplained: count('unexplained'),
    reasons: Object.fromEntries(
      [...new Set(misses.map(({ reason }) => reason))].map((reason) => [reason, count(reason)]),
    ),
  }
}

const check: AcceptCheck = {
  id: 'main.blocks',
  threshold: 'V3 >= 98 %, V4 >= 95 %, V2 at 30 bps 100 %, every miss named',
  needsSharedData: true,
  async run(say) {
    const report = rerunSwaps(readRecordedSwaps(join(sharedData, 'mainnet-blocks')))
    for (const miss of report.misses) say(JSON.stringify(miss))
    const { v2Share, v2Comparable, v3Share, v4Share, unexplained, reasons } = judgeReport(report)
    const ok = v2Share === 1 && v3Share >= 0.98 && v4Share >= 0.95 && unexplained === 0
    const { v2, v3, v4 } = report
    const named = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`)
    return {
      ok,
      figure:
        `V2 ${v2.exact} of ${v2Comparable} at 30 bps (${v2.total} in all), V3 ${v3.exact} of ${v3.total}, ` +
        `V4 ${v4.exact} of ${v4.total}; misses: ${named.join(', ') || 'none'}`,
    }
  },
}

export default check
