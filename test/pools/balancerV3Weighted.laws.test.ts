/** The laws of pools on Balancer V3 weighted pools. */
import { balancerV3Weighted } from '../../solver/pools/balancerV3Weighted.ts'
import { states } from '../helpers/arbitraries/balancerV3Weighted.ts'
import { unlessLargest, unlessRefused, weightedSlack } from '../helpers/balancerV3/slack.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

const slack = weightedSlack(balancerV3Weighted)

describeLaws(balancerV3Weighted, states, {
  splitSlack: unlessLargest(balancerV3Weighted, slack),
  consistencySlack: unlessRefused(balancerV3Weighted, slack),
  // The vault keeps an input that buys less than one base unit.
  mayTakeForNothing: true,
  exactOutIsLeast: false,
  cost: 2,
  // Powers are off by 10^-14 of the balance: in larger pools that shows in the smallest amounts compared.
  curve: { when: ({ balances }) => balances.every((held) => held < 10n ** 16n) },
})
