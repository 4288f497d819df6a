/** Writes results, table and plots as small files. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { type RouterName, isRouterName, routers } from './adapters/index.ts'
import type { Result, Row } from './compare.ts'
import { type Plot, type Series, svgOf } from './plot.ts'
import { tableOf } from './report.ts'
import { speedOf } from './speed.ts'

/** Colours that stay apart for the colour-blind (Okabe and Ito). */
const colours: Readonly<Record<RouterName, string>> = {
  isoprice: '#000000',
  isopriceNoCredit: '#999999',
  tines: '#0072b2',
  pancakeInfinity: '#009e73',
  pancakeSmart: '#e69f00',
  uniswap: '#d55e00',
  balancer: '#cc79a7',
}

/** Writes `results.json`, `table.txt` and one SVG a plot into `folder`. */
export async function writeResults(folder: string, results: readonly Result[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const write = (name: string, content: string) => writeFile(join(folder, name), content)
  const rounded = JSON.stringify(results, (key, value: unknown) => {
    // The plots hold the points.
    if (key === 'points') return undefined
    return typeof value === 'number' ? Number(value.toPrecision(4)) : value
  })
  await write('results.json', await format(rounded, { parser: 'json', printWidth: 100 }))
  await write('table.txt', `${tableOf(results)}\n\n${speedOf(results)}\n`)
  for (const [name, plot] of plotsOf(results)) await write(`${name}.svg`, svgOf(plot))
}

/** Gap against size on the largest synthetic V2 and V3 market and the recorded one; CPU against pools. */
function plotsOf(results: readonly Result[]): readonly (readonly [string, Plot])[] {
  const synthetic = results.filter(({ universe }) => universe.startsWith('v2v3-'))
  const gapMarkets = results.filter(
    ({ universe }) => universe === 'v2v3-1000' || universe.startsWith('mainnet'),
  )
  const gaps = gapMarkets.map((result): readonly [string, Plot] => [
    `gap-${result.universe}-${result.gasPriceGwei}gwei`,
    {
      title: `Gap to the certified bound, ${result.universe}, ${result.gasPriceGwei} gwei`,
      xTitle: 'size, share of the depth of the thinner token',
      yTitle: 'gap, bps (1e-6 and less at the bottom)',
      xMin: 1e-5,
      yMin: 1e-6,
      series: seriesOf([result], ({ points }) => points),
    },
  ])
  const cpu = [0, 10].map((gwei): readonly [string, Plot] => [
    `cpu-${gwei}gwei`,
    {
      title: `CPU of one quote, V2 and V3, ${gwei} gwei, median`,
      xTitle: 'pools',
      yTitle: 'ms',
      xMin: 10,
      yMin: 1e-2,
      series: seriesOf(
        synthetic.filter(({ gasPriceGwei }) => gasPriceGwei === gwei),
        ({ cpuMs }, { pools }) => (cpuMs === undefined ? [] : [[pools, cpuMs.p50]]),
        true,
      ),
    },
  ])
  return [...gaps, ...cpu]
}

function seriesOf(
  results: readonly Result[],
  pointsOf: (row: Row, result: Result) => readonly (readonly [number, number])[],
  isLine = false,
): readonly Series[] {
  return Object.keys(routers)
    .filter(isRouterName)
    .flatMap((name) => {
      const points = results.flatMap((result) =>
        result.rows.filter(({ router }) => router === name).flatMap((row) => pointsOf(row, result)),
      )
      const { title } = routers[name]
      return points.length === 0 ? [] : [{ title, colour: colours[name], points, isLine }]
    })
}
