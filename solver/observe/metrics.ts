/**
 * Every number that the service shows, each declared once: name, unit, labels. Prometheus text comes out.
 *
 * No label carries an address, an amount, an id or a route of a pending order; a pool's id is public.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** How one metric is declared. */
export type MetricSpec = {
  /** Without the prefix `isoprice_`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Of the value, in one word. */
  readonly unit: string
  readonly help: string
  /** `node` is the name of a node as the operator gave it, never its URL: that may hold a key. */
  readonly labels: readonly ('kind' | 'node' | 'pool')[]
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[]
}

/** All metrics; docs/observability.md has the same table, and a test holds them equal. */
export const metricSpecs = {
  marketHeadBlock: {
    name: 'market_head_block',
    type: 'gauge',
    unit: 'block',
    help: 'Number of the newest block that the market has taken in.',
    labels: [],
  },
  marketHeadAge: {
    name: 'market_head_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time since that block was made, by its own timestamp.',
    labels: [],
  },
  marketPools: {
    name: 'market_pools',
    type: 'gauge',
    unit: 'pools',
    help: 'Pools in the newest view.',
    labels: [],
  },
  marketQuarantined: {
    name: 'market_quarantined_total',
    type: 'counter',
    unit: 'pools',
    help: 'Pools whose state was found to differ from the chain, and that were taken out.',
    labels: ['kind', 'pool'],
  },
  nodeQuarantined: {
    name: 'node_quarantined_total',
    type: 'counter',
    unit: 'times',
    help: 'Nodes that lagged or lied and were left aside.',
    labels: ['node'],
  },
  reorgDepth: {
    name: 'reorg_depth',
    type: 'histogram',
    unit: 'blocks',
    help: 'Blocks that a reorganisation of the chain took back.',
    labels: [],
    buckets: [1, 2, 3, 4, 5, 7, 16, 32, 64],
  },
  checkpoint: {
    name: 'checkpoint_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time to save a checkpoint of the market, from first statement to commit.',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>

type Specs = typeof metricSpecs
type LabelsOf<spec extends MetricSpec> = Readonly<Record<spec['labels'][number], string>>
/** A metric without labels takes none; one with labels takes all of them. */
type Labelled<spec extends MetricSpec> = spec['labels'] extends readonly []
  ? readonly []
  : readonly [labels: LabelsOf<spec>]

/** The verb of one metric: its type decides. */
export type MetricOf<spec extends MetricSpec> = {
  readonly counter: { add(count: number, ...labels: Labelled<spec>): void }
  readonly gauge: { set(value: number, ...labels: Labelled<spec>): void }
  readonly histogram: { observe(value: number, ...labels: Labelled<spec>): void }
}[spec['type']]

/** The metrics of one service. */
export type Metrics = { readonly [key in keyof Specs]: MetricOf<Specs[key]> } & {
  /** Everything as Prometheus reads it. */
  render(): Promise<string>
}

/** The prefix of every name. */
export const metricPrefix = 'isoprice_'

/** A fresh set of metrics, all at zero. Two sets in one process do not know each other. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const verbs = Object.entries(metricSpecs).map(([key, spec]) => [key, verbOf(spec, registry)])
  // Each key has the verb of its own spec: built from the same table that the type is derived from.
  return { ...Object.fromEntries(verbs), render: () => registry.metrics() } as Metrics
}

function verbOf(spec: MetricSpec, registry: Registry): unknown {
  const { type, help, labels, buckets = [] } = spec
  const name = `${metricPrefix}${spec.name}`
  const settings = { name, help, labelNames: [...labels], registers: [registry] }
  if (type === 'counter') {
    const counter = new Counter(settings)
    return { add: (count: number, given = {}) => counter.inc(given, count) }
  }
  if (type === 'gauge') {
    const gauge = new Gauge(settings)
    return { set: (value: number, given = {}) => gauge.set(given, value) }
  }
  const histogram = new Histogram({ ...settings, buckets: [...buckets] })
  return { observe: (value: number, given = {}) => histogram.observe(given, value) }
}

/** The table of docs/observability.md, in Markdown. */
export function renderMetricTable(): string {
  const specs: readonly MetricSpec[] = Object.values(metricSpecs)
  const rows = specs.map(({ name, type, unit, labels, help }) => {
    const labelled = labels.length === 0 ? '' : `{${labels.join(',')}}`
    return `| \`${metricPrefix}${name}${labelled}\` | ${type} | ${unit} | ${help} |`
  })
  return ['| metric | type | unit | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
