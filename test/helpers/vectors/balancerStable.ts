/** Recorded on-chain quotes of Balancer V2 stable pools against the module. */
import { balancerStable } from '../../../solver/pools/balancerStable.ts'
import { compareQuotes, quotesOf, stablePools } from './balancerGolden.ts'
import type { VectorResult } from './result.ts'

/** 216 quotes, half exact-in and half exact-out, of four pools at block 24407242. Needs the shared data. */
export function runVectors(): VectorResult {
  const pools = new Map(stablePools().map((pool) => [pool.state.id as string, pool]))
  const quotes = quotesOf('test_balancer_stable_onchain_parity')
  return compareQuotes(balancerStable, quotes, ({ pool, from, to }) => {
    const found = pools.get(pool)
    if (found === undefined) throw new TypeError(`no state of ${pool}`)
    const { state, registered } = found
    // The contract counts its own share too: `i=0`.
    const indexOf = (text: string) => registered.indexOf(Number(text.slice(2)))
    return { state, indexIn: indexOf(from), indexOut: indexOf(to) }
  })
}
