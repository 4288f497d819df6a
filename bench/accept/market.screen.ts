/** `market.screen`: tokens of real blocks screened, held against what signed intents for them met. */
import { busiestBlocks, screenForks } from '../../test/helpers/screenedForks.ts'
import type { AcceptCheck } from './check.ts'

const blocksTried = 12

const check: AcceptCheck = {
  id: 'market.screen',
  threshold:
    'a fee found in all tokens whose buyers were paid too little (>= 20), a cause for every sale that a pool ' +
    'refused and that can be tried, no contradiction to an intent that settled',
  needsSharedData: true,
  async run(say) {
    const seen = await screenForks(busiestBlocks(blocksTried), say)
    const { short, shortFound, refused, refusedFound, refusedUntried } = seen
    const { settled, otherWay, contradictions } = seen
    for (const contradiction of contradictions)
      say(`settled, and the screen says no: ${contradiction}`)
    return {
      ok:
        short >= 20 &&
        shortFound === short &&
        refusedFound + refusedUntried === refused &&
        contradictions.length === 0,
      figure:
        `${shortFound} of ${short} fees found, ${refusedFound} of ${refused} refused sales explained ` +
        `(${refusedUntried} cannot be tried: the record lacks what a purchase reads), ` +
        `${contradictions.length} contradictions to ${settled} settled intents (${otherWay} cannot be tried ` +
        'in the direction that their block did not trade)',
    }
  },
}

export default check
