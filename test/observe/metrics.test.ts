/** Metrics: what they say to Prometheus, and that every one of them is documented. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import {
  createMetrics,
  metricPrefix,
  type MetricSpec,
  metricSpecs,
  renderMetricTable,
} from '../../solver/observe/metrics.ts'

const specs: readonly MetricSpec[] = Object.values(metricSpecs)

describe('metrics.createMetrics', () => {
  it('says what it was told, in the words of Prometheus', async () => {
    const metrics = createMetrics()
    metrics.marketHeadBlock.set(21_000_000)
    metrics.marketQuarantined.add(2, { kind: 'uniswapV2', pool: '0xa0' })
    metrics.reorgDepth.observe(3)
    metrics.checkpoint.observe(0.03)
    const text = await metrics.render()
    const lines = [
      'isoprice_market_head_block 21000000',
      'isoprice_market_quarantined_total{kind="uniswapV2",pool="0xa0"} 2',
      'isoprice_reorg_depth_bucket{le="2"} 0',
      'isoprice_reorg_depth_bucket{le="3"} 1',
      'isoprice_checkpoint_seconds_sum 0.03',
    ]
    for (const line of lines) assert.ok(text.split('\n').includes(line), line)
  })

  it('declares each metric with its type and help before anything happened', async () => {
    const text = await createMetrics().render()
    for (const { name, type, help } of specs) {
      assert.ok(text.includes(`# TYPE ${metricPrefix}${name} ${type}\n`), name)
      assert.ok(text.includes(`# HELP ${metricPrefix}${name} ${help}\n`), name)
    }
  })

  it('keeps two sets apart', async () => {
    const [first, second] = [createMetrics(), createMetrics()]
    first.marketPools.set(5)
    assert.match(await second.render(), /^isoprice_market_pools 0$/m)
  })
})

describe('metrics.metricSpecs', () => {
  it('names each metric once, in the form of Prometheus, with its unit', () => {
    const names = specs.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, type, unit } of specs) {
      assert.match(name, /^[a-z][a-z0-9_]*$/)
      assert.equal(name.endsWith('_total'), type === 'counter', name)
      if (unit === 'seconds') assert.match(name, /_seconds$/)
    }
  })

  it('gives every histogram buckets that ascend, and nothing else any', () => {
    for (const { name, type, buckets } of specs) {
      assert.equal(buckets !== undefined, type === 'histogram', name)
      assert.deepEqual(
        buckets?.toSorted((left, right) => left - right),
        buckets,
      )
    }
  })

  it('is the table of docs/observability.md, row by row', () => {
    const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')
    // Formatters pad tables; the words count.
    const squeeze = (text: string) => text.replace(/ +/g, ' ').replace(/-+/g, '-')
    assert.ok(squeeze(page).includes(squeeze(renderMetricTable())))
  })
})
