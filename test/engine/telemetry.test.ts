/** What the line shows of itself: each fact as a metric, and as a line that names it. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'mocha'
import type { NodeState } from '../../solver/chain/health.ts'
import { createTelemetry, type Telemetry } from '../../solver/engine/telemetry.ts'
import { createMarket, type Market } from '../../solver/market/market.ts'
import { createLog } from '../../solver/observe/log.ts'
import { createMetrics } from '../../solver/observe/metrics.ts'
import { aView, idOf, start } from '../helpers/checkpointWorld.ts'

const good: NodeState = {
  name: 'https://one.example/…',
  status: 'good',
  requests: 1,
  failures: 0,
  score: 0,
}
const asideFrom = (sinceMs: number): NodeState => ({
  ...good,
  status: 'quarantined',
  quarantine: { cause: 'contradiction', detail: 'it differs', sinceMs, untilMs: sinceMs + 2_000 },
})

let nodes: NodeState[]
let lines: Record<string, unknown>[]
let market: Market
let telemetry: Telemetry

beforeEach(() => {
  nodes = [good, good, good]
  lines = []
  market = createMarket(aView(3))
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  telemetry = createTelemetry({
    client: { nodes: () => nodes },
    market,
    metrics: createMetrics(),
    log: createLog({ destination: { write } }),
    now: () => start.timestamp + 7n,
  })
})

/** The line of one metric, without the prefix. */
async function shown(name: string): Promise<string | undefined> {
  const text = await telemetry.render()
  return text
    .split('\n')
    .find((line) => line.startsWith(`isoprice_${name}`))
    ?.slice(9)
}

describe('telemetry.render', () => {
  it('shows the head, its age at this moment, and the pools', async () => {
    assert.equal(await shown('market_head_block'), 'market_head_block 100')
    assert.equal(await shown('market_head_age'), 'market_head_age_seconds 7')
    assert.equal(await shown('market_pools'), 'market_pools 3')
  })
})

describe('telemetry.mismatch', () => {
  it('counts the pool by its kind and says in one error what is held and what the chain has', async () => {
    const difference = { field: 'reserves', held: ['1', '1'], chain: ['2', '1'] }
    const pool = idOf(1)
    telemetry.mismatch({ pool, kind: 'uniswapV2', block: start, difference })
    const metric = `market_quarantined_total{kind="uniswapV2",pool="${pool}"} 1`
    assert.equal(await shown('market_quarantined_total'), metric)
    const [{ level, kind, field, held, chain, ...line } = {}] = lines
    assert.deepEqual(
      { level, kind, field, held, chain },
      { level: 'error', kind: 'uniswapV2', ...difference },
    )
    assert.equal(line['pool'], pool)
  })

  it('says of a pool that is not there that it is absent', () => {
    telemetry.mismatch({ pool: idOf(1), kind: 'uniswapV2', block: start })
    assert.deepEqual([lines[0]?.['field'], lines[0]?.['chain']], ['pool', 'absent'])
  })
})

describe('telemetry.lookAtNodes', () => {
  it('counts each quarantine of a node once, by a name that holds no URL', async () => {
    nodes = [good, asideFrom(1_000), good]
    telemetry.lookAtNodes()
    telemetry.lookAtNodes()
    assert.equal(await shown('node_quarantined_total'), 'node_quarantined_total{node="node-2"} 1')
    nodes = [good, good, good]
    telemetry.lookAtNodes()
    nodes = [good, asideFrom(9_000), good]
    assert.equal(await shown('node_quarantined_total'), 'node_quarantined_total{node="node-2"} 2')
    const [line, ...more] = lines
    assert.deepEqual(
      [line?.['level'], line?.['node'], line?.['cause'], more.length],
      ['warn', 'node-2', 'contradiction', 1],
    )
  })
})

describe('telemetry.listener', () => {
  it('shows how deep a reorg was', async () => {
    const change = { touched: [], wanted: [] }
    telemetry.listener.applied?.({ kind: 'reorg', depth: 3, ancestor: start }, change)
    assert.equal(await shown('reorg_depth_sum'), 'reorg_depth_sum 3')
    assert.equal(lines[0]?.['depth'], 3)
  })
})

describe('telemetry.state', () => {
  it('is degraded when of several nodes fewer than two are believed', () => {
    assert.equal(telemetry.state().mode, 'normal')
    nodes = [asideFrom(1), good, good]
    assert.deepEqual(telemetry.state().nodes, { known: 3, believed: 2 })
    assert.equal(telemetry.state().mode, 'normal')
    nodes = [asideFrom(1), asideFrom(1), good]
    assert.equal(telemetry.state().mode, 'degraded')
  })

  it('is normal with one node that is there', () => {
    nodes = [good]
    assert.equal(telemetry.state().mode, 'normal')
  })

  it('counts the pools that are out', () => {
    market.quarantine(idOf(0))
    assert.equal(telemetry.state().quarantinedPools, 1)
  })
})
