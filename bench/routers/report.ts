/** The results as a table for a terminal. */
import { routers } from './adapters/index.ts'
import type { Result, Row, Spread } from './compare.ts'

/** All results, one table a market and gas price, widest facts first. */
export function tableOf(results: readonly Result[]): string {
  return results.map((result) => `${headOf(result)}\n${rowsOf(result)}`).join('\n\n')
}

/** One line: the market, and ours against the best of the others. */
export function headOf({
  universe,
  pools,
  gasPriceGwei,
  requests,
  fillable,
  best,
  missed,
}: Result): string {
  const { better, equal, worse, worseBy001, worst } = best
  const named =
    worst === undefined
      ? ''
      : `; worst ${worst.request}: ${routers[worst.router].title} nets ${bps(-worst.bps)} bps more`
  const left = missed.length > 0 ? `; filled only by others: ${missed.join(' ')}` : ''
  return (
    `${universe}, ${pools} pools, ${gasPriceGwei} gwei: ${fillable} of ${requests} requests filled by isoprice; ` +
    `against the best of the others better ${better}, equal ${equal}, worse ${worse} ` +
    `(${worseBy001} by more than 0.01 bps)${named}${left}`
  )
}

function rowsOf({ rows }: Result): string {
  const lines = [
    [
      'router',
      'filled',
      'gap bps p50/mean/p99',
      'same requests',
      'gap ETH p50',
      'ours better/equal/worse',
      'claim off bps',
      'CPU ms p50/p99',
      'RSS MB',
    ],
    ...rows.map(cellsOf),
  ]
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      `  ${line.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join('  ')}`.trimEnd(),
    )
    .join('\n')
}

/** The cells of one router. */
export function cellsOf(row: Row): readonly string[] {
  const { router, filled, ours, rssMb, cpuMs, gapEth } = row
  const failures = Object.entries(row.failures).map(([why, count]) => `${count} ${why}`)
  return [
    routers[router].title,
    failures.length === 0 ? String(filled) : `${filled} (${failures.join(', ')})`,
    three(row.gapBps),
    three(row.commonGapBps),
    gapEth === undefined ? '-' : gapEth.p50.toPrecision(2),
    router === 'isoprice' ? '-' : `${ours.better}/${ours.equal}/${ours.worse}`,
    row.claimOffBps === undefined ? '-' : bps(row.claimOffBps),
    cpuMs === undefined ? '-' : `${cpuMs.p50.toPrecision(3)} / ${cpuMs.p99.toPrecision(3)}`,
    rssMb === undefined ? '-' : String(rssMb),
  ]
}

function three(spread: Spread | undefined): string {
  return spread === undefined
    ? '-'
    : `${bps(spread.p50)} / ${bps(spread.mean)} / ${bps(spread.p99)}`
}

/** Three digits, without an exponent where it can be read without. */
export function bps(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  return size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}
