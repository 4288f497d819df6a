/** Recorded on-chain quotes of Balancer V2 weighted pools against the module. */
import { balancerWeighted } from '../../../solver/pools/balancerWeighted.ts'
import { compareQuotes, quotesOf, weightedPools } from './balancerGolden.ts'
import type { VectorResult } from './result.ts'

/** 54 quotes, exact-in, of three pools at block 24407242. Needs the shared data. */
export function runVectors(): VectorResult {
  const pools = new Map(weightedPools().map((pool) => [pool.state.id as string, pool]))
  const quotes = quotesOf('test_balancer_v2_onchain_parity')
  return compareQuotes(balancerWeighted, quotes, ({ pool, from, to }) => {
    const found = pools.get(pool)
    if (found === undefined) throw new TypeError(`no state of ${pool}`)
    const { state, symbols } = found
    return { state, indexIn: symbols.indexOf(from), indexOut: symbols.indexOf(to) }
  })
}
