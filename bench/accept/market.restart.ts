/** `market.restart`: a market of 5,000 pools, killed at 50 random moments, comes back from its checkpoint. */
import { availableParallelism, loadavg } from 'node:os'
import { runRestarts } from '../../test/helpers/restarts.ts'
import type { AcceptCheck } from './check.ts'

const pools = 5_000
const kills = 50
const readyMsMax = 3_000

const check: AcceptCheck = {
  id: 'market.restart',
  threshold:
    '5,000 pools, 50 kills: 0 restarts torn, 0 pools differ at the end, ready in <= 3 s ' +
    '(of processor time where the machine has more to do than processors); the control is torn',
  async run(say) {
    const result = await runRestarts({ seed: 20_260_301, pools, kills, say })
    const isBusy = (loadavg()[0] ?? 0) > availableParallelism()
    const control = await runRestarts({ seed: 4, pools: 300, kills: 20, isNaive: true, say })
    const slowest = Math.max(...result.readyMs)
    const slowestCpu = Math.max(...result.readyCpuMs)
    return {
      ok:
        result.kills === kills &&
        result.torn === 0 &&
        result.different === 0 &&
        result.killsInSave > 0 &&
        result.resumed > 0 &&
        (isBusy ? slowestCpu : slowest) <= readyMsMax &&
        control.torn > 0,
      figure:
        `${result.different} of ${pools} pools differ after ${result.kills} kills ` +
        `(${result.killsInSave} in a save), ${result.torn} of ${result.resumed} restarts torn; ` +
        `ready p50 ${seconds(median(result.readyMs))}, max ${seconds(slowest)} ` +
        `(after Node's own start p50 ${seconds(median(result.readyAfterBootMs))}, ` +
        `max ${seconds(Math.max(...result.readyAfterBootMs))}; processor time p50 ` +
        `${seconds(median(result.readyCpuMs))}, max ${seconds(slowestCpu)}${isBusy ? ', machine busy' : ''}); then ` +
        `${median(result.catchUpBlocks)} blocks of catch-up in p50 ${seconds(median(result.catchUpMs))}; ` +
        `control torn after ${control.kills} kills`,
    }
  },
}

export default check

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`
}
