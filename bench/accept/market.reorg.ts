/** 200 reorgs at random moments on real bytecode over a bad WebSocket line, with a silent minute in the middle. */
import { followNaively } from '../../test/helpers/naiveFollower.ts'
import { runReorgs } from '../../test/helpers/reorgCampaign.ts'
import type { AcceptCheck } from './check.ts'

const reorgs = 200
const depthMax = 7
const gapMs = 60_000
/** Reorgs of the control: one is enough to leave it behind. */
const controlReorgs = 5

const check: AcceptCheck = {
  id: 'market.reorg',
  threshold:
    '200 reorgs of depth 1 to 7: every pool equals the chain after each, 0 stale quotes; a silent line of 60 s, dropped and doubled messages: 0 missed logs; a naive follower fails',
  async run(say) {
    const seen = await runReorgs({ seed: 7, reorgs, depthMax, gapMs, say })
    const control = await runReorgs({
      seed: 7,
      reorgs: controlReorgs,
      depthMax,
      follow: followNaively,
      settleMs: 2_000,
    })
    const isControlBad = control.differing > 0 && control.missed !== 0
    say(`trades ${JSON.stringify(seen.trades)}, line ${JSON.stringify(seen.line)}`)
    const { differing, stale, missed, quotes, compared, logs } = seen
    return {
      ok:
        seen.reorgs === reorgs &&
        compared === reorgs + 1 &&
        seen.deepest === depthMax &&
        differing + stale + missed === 0 &&
        quotes > reorgs &&
        isControlBad,
      figure:
        `${seen.reorgs} reorgs (${seen.seen} seen as such), ${differing} pools differed in ${compared} comparisons, ` +
        `${stale} of ${quotes} quotes stale (${seen.refused} refused on a silent line), ${missed} of ${logs} logs missed; control: ${control.differing} pools differed, ${control.missed} logs missed`,
    }
  },
}

export default check
