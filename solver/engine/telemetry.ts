/** What the line shows of itself while it runs: metrics, and a log line for whatever a person should know. */
import type { NodesClient } from '../chain/client.ts'
import type { Market } from '../market/market.ts'
import type { Mismatch } from '../market/watch.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { MarketListener } from './options.ts'

/** What telemetry looks at. */
export type TelemetryOptions = {
  readonly client: Pick<NodesClient, 'nodes'>
  readonly market: Pick<Market, 'view' | 'quarantined'>
  readonly metrics: Metrics
  readonly log: Log
  /** Unix seconds. */
  readonly now: () => bigint
}

/** How the line is, for `/readyz`. */
export type LineState = {
  /** `degraded`: of several nodes fewer than two are believed. */
  readonly mode: 'normal' | 'degraded'
  readonly headAgeSeconds: number
  readonly nodes: { readonly known: number; readonly believed: number }
  /** Pools that are out because they differed from the chain. */
  readonly quarantinedPools: number
}

/** The telemetry of one line. */
export type Telemetry = {
  readonly listener: MarketListener
  /** A pool differed from the chain. */
  mismatch(mismatch: Mismatch): void
  /** Notes nodes that were put aside since the last look; to be called more often than a quarantine can pass. */
  lookAtNodes(): void
  state(): LineState
  /** Prometheus text, with the head's age of this moment. */
  render(): Promise<string>
}

/** Starts to watch; nothing is noted yet. None of the functions throws. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { client, market, metrics, log, now } = options
  /** Start of each node's last quarantine that was noted. */
  const noted = new Map<string, number>()
  const headAge = (): number => {
    const age = Number(now() - (market.view().block?.timestamp ?? 0n))
    // A local chain may be ahead of the wall.
    return Math.max(0, age)
  }
  const lookAtNodes = (): void => {
    for (const [index, { name: url, quarantine }] of client.nodes().entries()) {
      const node = nodeName(index)
      if (quarantine === undefined || noted.get(node) === quarantine.sinceMs) continue
      noted.set(node, quarantine.sinceMs)
      const { cause, detail, untilMs } = quarantine
      metrics.nodeQuarantined.add(1, { node })
      log.warn({ node, url, cause, detail, untilMs }, 'A node is left aside.')
    }
  }
  return {
    listener: {
      applied(event) {
        if (event.kind !== 'reorg') return
        const { depth, ancestor } = event
        metrics.reorgDepth.observe(depth)
        log.warn({ depth, ancestor }, 'The chain took blocks back.')
      },
    },
    mismatch({ pool, kind, block, difference }) {
      metrics.marketQuarantined.add(1, { kind, pool })
      const found = difference ?? { field: 'pool', held: 'there', chain: 'absent' }
      log.error({ pool, kind, block, ...found }, 'A pool differs from the chain and was taken out.')
    },
    lookAtNodes,
    state() {
      const nodes = client.nodes()
      const believed = nodes.filter(({ quarantine }) => quarantine === undefined).length
      return {
        mode: nodes.length > 1 && believed < 2 ? 'degraded' : 'normal',
        headAgeSeconds: headAge(),
        nodes: { known: nodes.length, believed },
        quarantinedPools: market.quarantined().length,
      }
    },
    render() {
      const { block, pools } = market.view()
      lookAtNodes()
      metrics.marketHeadBlock.set(Number(block?.number ?? 0n))
      metrics.marketHeadAge.set(headAge())
      metrics.marketPools.set(pools.size)
      return metrics.render()
    },
  }
}

/** The name of the node of the `index`-th URL, for labels and people: a URL may hold a key. */
export function nodeName(index: number): string {
  return `node-${index + 1}`
}
