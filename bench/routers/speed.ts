/** How fast our quotes are beside the others', and how their cost grows with the market. */
import { type RouterName, routers } from './adapters/index.ts'
import type { Result, Spread } from './compare.ts'

/** One line a synthetic V2 and V3 market and gas price: CPU of one quote, and how many times the others take. */
export function speedOf(results: readonly Result[]): string {
  const markets = results.filter(({ universe }) => universe.startsWith('v2v3-'))
  const lines = markets.flatMap((result) => {
    const ours = cpuOf(result, 'isoprice')
    if (ours === undefined) return []
    const { universe, gasPriceGwei } = result
    const own = `${universe} ${gasPriceGwei} gwei: CPU ms p50 ${digits(ours.p50)}, p99 ${digits(ours.p99)}`
    const tines = cpuOf(result, 'tines')
    const beside =
      tines === undefined ? [] : [`tines takes ${digits(tines.p50 / ours.p50)} times that`]
    return [[own, ...fastest(result, ours), ...beside, ...growth(markets, result)].join('; ')]
  })
  return lines.join('\n')
}

function fastest({ rows }: Result, ours: Spread): readonly string[] {
  const others = rows.flatMap(({ router, cpuMs }) =>
    routers[router].isOurs || cpuMs === undefined ? [] : [{ router, p50: cpuMs.p50 }],
  )
  const [first] = others.sort((a, b) => a.p50 - b.p50)
  if (first === undefined) return []
  return [
    `the fastest other, ${routers[first.router].title}, ${digits(first.p50 / ours.p50)} times`,
  ]
}

/** CPU at 5,000 pools as a multiple of that at 1,000. */
function growth(markets: readonly Result[], { universe, gasPriceGwei }: Result): readonly string[] {
  if (universe !== 'v2v3-5000') return []
  const at = (name: string) => {
    const found = markets.find(
      (each) => each.universe === name && each.gasPriceGwei === gasPriceGwei,
    )
    return found && cpuOf(found, 'isoprice')?.p50
  }
  const large = at('v2v3-5000')
  const small = at('v2v3-1000')
  return large === undefined || small === undefined
    ? []
    : [`${digits(large / small)} times that at 1,000 pools`]
}

function cpuOf({ rows }: Result, name: RouterName): Spread | undefined {
  return rows.find(({ router }) => router === name)?.cpuMs
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
