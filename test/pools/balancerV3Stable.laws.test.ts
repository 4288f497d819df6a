/** The laws of pools on Balancer V3 stable pools. */
import { balancerV3Stable } from '../../solver/pools/balancerV3Stable.ts'
import { states } from '../helpers/arbitraries/balancerV3Stable.ts'
import { stableSlack, unlessLargest, unlessRefused } from '../helpers/balancerV3/slack.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

const slack = stableSlack(balancerV3Stable)

describeLaws(balancerV3Stable, states, {
  splitSlack: unlessLargest(balancerV3Stable, slack),
  consistencySlack: unlessRefused(balancerV3Stable, slack),
  // The vault keeps an input that buys less than one base unit.
  mayTakeForNothing: true,
  exactOutIsLeast: false,
  cost: 4,
})
