/** Recorded on-chain answers with the state of their pools: every quote again, to the base unit. */
import * as balancerStable from '../../test/helpers/vectors/balancerStable.ts'
import * as balancerV3Stable from '../../test/helpers/vectors/balancerV3Stable.ts'
import * as balancerV3Weighted from '../../test/helpers/vectors/balancerV3Weighted.ts'
import * as balancerWeighted from '../../test/helpers/vectors/balancerWeighted.ts'
import * as curveCrypto from '../../test/helpers/vectors/curveCrypto.ts'
import * as curveStable from '../../test/helpers/vectors/curveStable.ts'
import type { VectorResult } from '../../test/helpers/vectors/result.ts'
import * as solidly from '../../test/helpers/vectors/solidly.ts'
import * as uniswap from '../../test/helpers/vectors/uniswap.ts'
import type { AcceptCheck } from './check.ts'

type Source = {
  readonly run: () => VectorResult
  /** Share of the feasible entries that must be exact. */
  readonly share: number
  /** Entries that the recorded data have: fewer means that some were not read. */
  readonly least: number
}

const most = 0.99
const sources: readonly Source[] = [
  { run: () => uniswap.runVectors(), share: 1, least: 192 },
  { run: () => curveStable.runVectors(), share: most, least: 78 },
  { run: () => curveCrypto.runVectors(), share: most, least: 18 },
  { run: () => balancerWeighted.runVectors(), share: most, least: 54 },
  { run: () => balancerStable.runVectors(), share: most, least: 216 },
  { run: () => balancerV3Weighted.runVectors(), share: 1, least: 4 },
  { run: () => balancerV3Stable.runVectors(), share: 1, least: 2 },
  { run: () => solidly.runVectors(), share: most, least: 52 },
]

const check: AcceptCheck = {
  id: 'pools.vectors',
  threshold:
    'Uniswap 100 % of the feasible entries; Curve, Balancer, Solidly each >= 99 %, the others named; balancer-maths weighted and stable exact',
  needsSharedData: true,
  run(say) {
    const rows = sources.map((source) => judge(source, say))
    return Promise.resolve({
      ok: rows.every(({ ok }) => ok),
      figure: rows.map(({ figure }) => figure).join(', '),
    })
  },
}

export default check

function judge({ run, share, least }: Source, say: (line: string) => void) {
  const { kind, entries, exact, infeasible, misses } = run()
  for (const { name, cause } of misses) say(`${kind}: ${name}: ${cause}`)
  const feasible = entries - infeasible
  const isNamed = exact + misses.length === feasible
  return {
    ok: entries >= least && isNamed && exact >= share * feasible,
    figure: `${kind} ${exact}/${feasible}${infeasible > 0 ? ` (${infeasible} infeasible)` : ''}`,
  }
}
