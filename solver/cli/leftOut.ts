/** How much of a market routes cross, and which pools they leave out. */
import type { MarketView } from '../market/view.ts'
import { graphOf } from '../route/graph.ts'
import { kindsOf } from '../route/routed.ts'
import type { QuoteOptions } from '../route/route.ts'
import { counted } from './plural.ts'

/** Pools of a market that plans can use, and the others by kind. */
export type Crossed = {
  /** Pools of the market. */
  readonly pools: number
  /** Pools that plans can use, and that the proof ranges over. */
  readonly crossed: number
  /** How many of each kind they cannot use: not routed yet, closed, empty, or two names of one token. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** What the router's own graph of `view` holds. Pure, and cheap after a quote, which has laid the graph out. */
export function crossedOf(view: MarketView, options: QuoteOptions): Crossed {
  const { positionOf } = graphOf(view, kindsOf(options))
  const others = [...view.pools.values()].filter(({ id }) => !positionOf.has(id))
  const byKind = [...Map.groupBy(others, ({ kind }) => kind)].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    pools: view.pools.size,
    crossed: view.pools.size - others.length,
    leftOut: Object.fromEntries(byKind.map(([kind, all]) => [kind, all.length])),
  }
}

/** The same for a person: `over 1 of 3 pools; routes do not cross curveStable 1, wrappedNative 1`. */
export function crossedText({ pools, crossed, leftOut }: Crossed): string {
  const kinds = Object.entries(leftOut).map(([kind, count]) => `${kind} ${count}`)
  if (kinds.length === 0)
    return `over ${pools === 1 ? 'the 1 pool' : `all ${counted(pools, 'pool')}`}`
  return `over ${crossed} of ${counted(pools, 'pool')}; routes do not cross ${kinds.join(', ')}`
}
