/** The results as tables for docs/routing.md. */
import { type RouterName, isRouterName, routers } from './adapters/index.ts'
import type { Result, Row } from './compare.ts'
import { bps } from './report.ts'

const opening = '<!-- bench:routers -->'
const closing = '<!-- /bench:routers -->'

/** `page` with the tables between its two marks; as it is where it has none. */
export function withTables(page: string, results: readonly Result[]): string {
  const from = page.indexOf(opening)
  const to = page.indexOf(closing)
  if (from < 0 || to < from) return page
  return `${page.slice(0, from)}${opening}\n\n${tablesOf(results)}\n\n${page.slice(to)}`
}

function tablesOf(results: readonly Result[]): string {
  const prices = [...new Set(results.map(({ gasPriceGwei }) => gasPriceGwei))]
  return prices
    .flatMap((gwei) => {
      const own = results.filter(({ gasPriceGwei }) => gasPriceGwei === gwei)
      const title = gwei === 0 ? 'Gas-free' : `Net of gas at ${gwei} gwei`
      const files = own.filter(({ universe }) => /^(v2v3-1000|mainnet)/.test(universe))
      const gaps = files.map(({ universe }) => `![Gap against size](${file(universe, gwei)})`)
      return [
        `${title}: gap to our certified bound in bps, median / mean / p99, of the plans that run; with * the router left requests without such a plan.`,
        routersTable(own, gapCell),
        `${title}: requests on which isoprice nets more than the best of the others / exactly the same / less (in brackets: less by more than 0.01 bps).`,
        table(['', ...own.map(({ universe }) => universe)], [['isoprice', ...own.map(bestCell)]]),
        `${title}: CPU of one quote in ms, median / p99; in brackets the peak memory of the process in MB.`,
        routersTable(own, cpuCell),
        [...gaps, `![CPU against pools](../bench/results/routers/cpu-${gwei}gwei.svg)`].join('\n'),
      ]
    })
    .join('\n\n')
}

function file(universe: string, gwei: number): string {
  return `../bench/results/routers/gap-${universe}-${gwei}gwei.svg`
}

function routersTable(
  results: readonly Result[],
  cellOf: (row: Row, result: Result) => string,
): string {
  const names = Object.keys(routers).filter(isRouterName)
  const cell = (name: RouterName, result: Result) => {
    const row = result.rows.find(({ router }) => router === name)
    return row === undefined ? '' : cellOf(row, result)
  }
  return table(
    ['router', ...results.map(({ universe }) => universe)],
    names.map((name) => [routers[name].title, ...results.map((result) => cell(name, result))]),
  )
}

function gapCell({ gapBps, filled }: Row, { fillable }: Result): string {
  if (gapBps === undefined) return 'none'
  const { p50, mean, p99 } = gapBps
  const mark = filled < fillable ? ` * ${filled} of ${fillable}` : ''
  return `${bps(p50)} / ${bps(mean)} / ${bps(p99)}${mark}`
}

function cpuCell({ cpuMs, rssMb }: Row): string {
  if (cpuMs === undefined) return 'none'
  return `${bps(cpuMs.p50)} / ${bps(cpuMs.p99)} (${rssMb ?? '-'})`
}

function bestCell({ best }: Result): string {
  const { better, equal, worse, worseBy001, worst } = best
  const named = worst === undefined ? '' : `, worst ${bps(-worst.bps)} bps on ${worst.request}`
  return `${better} / ${equal} / ${worse} (${worseBy001}${named})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}
