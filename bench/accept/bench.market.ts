/** 5,000 pools: read in few requests, a block applied in a millisecond of CPU, held in 250 MB. */
import { benchMarket } from '../market.bench.ts'
import type { AcceptCheck } from './check.ts'

const requestsMax = 40
const ratioMin = 20
const applyMsMax = 1
const rssMbMax = 250

const check: AcceptCheck = {
  id: 'bench:market',
  threshold:
    'a block that touches 100 of 5,000 pools <= 1 ms CPU p50; 5,000 pools read in <= 40 requests, >= 20 times a request a call; <= 250 MB resident',
  async run(say) {
    const { read, apply, memory, pools, ticks } = await benchMarket(say)
    const ok =
      apply.p50 <= applyMsMax &&
      read.requests <= requestsMax &&
      read.ratio >= ratioMin &&
      read.differ === 0 &&
      memory.rssMb <= rssMbMax
    return {
      ok,
      figure:
        `${apply.p50.toFixed(2)} ms; ${pools} pools and ${ticks} ticks in ${read.requests} requests, ` +
        `${read.ratio.toFixed(1)} times, ${read.differ} differ; ${memory.rssMb.toFixed(0)} MB`,
    }
  },
}

export default check
