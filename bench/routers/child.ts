/**
 * One router on one market, in its own process: `node bench/routers/child.ts NAME SPEC GAS_PRICES`. Reports over
 * the process channel, so that what a router prints goes nowhere and what it breaks stays here.
 */
import { isRouterName, routers } from './adapters/index.ts'
import type { Answer, Report } from './plan.ts'
import { type BenchRequest, type UniverseSpec, openUniverse } from './universes.ts'

/** A call this short is made again, and its least time counts. */
const shortMs = 50
const turns = 3

async function main(): Promise<void> {
  const [name = '', spec = '{}', prices = '[]'] = process.argv.slice(2)
  if (!isRouterName(name)) return
  // Both were written by the parent process.
  const universe = await openUniverse(JSON.parse(spec) as UniverseSpec)
  const gasPrices = (JSON.parse(prices) as string[]).map(BigInt)
  const router = await routers[name].load()
  if (!router.canOpen(universe)) return tell({ type: 'unfit' })
  const { ask, pools } = await router.open(universe)
  await tell({ type: 'open', pools, rssBytes: process.memoryUsage().rss })
  const [first] = universe.requests
  for (const gasPrice of gasPrices) {
    // Once to warm the compiler up.
    if (first !== undefined) await timed(() => ask(first, gasPrice))
    for (const request of universe.requests) await answer(request, gasPrice)
  }
  await tell({ type: 'end', rssBytes: process.resourceUsage().maxRSS * 1024 })

  async function answer(request: BenchRequest, gasPrice: bigint): Promise<void> {
    let best = await timed(() => ask(request, gasPrice))
    for (let turn = 1; turn < turns && best.cpuMs < shortMs; turn++) {
      const again = await timed(() => ask(request, gasPrice))
      if (again.cpuMs < best.cpuMs) best = again
    }
    await tell({ type: 'answer', request: request.id, gasPrice: String(gasPrice), ...best })
  }
}

/** CPU of one call, user and system, in milliseconds. */
async function timed(
  call: () => Promise<Answer | undefined>,
): Promise<{ cpuMs: number; error?: string } & Partial<Answer>> {
  const before = process.cpuUsage()
  const spent = () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }
  try {
    const answer = await call()
    return { cpuMs: spent(), ...answer }
  } catch (error) {
    return { cpuMs: spent(), error: error instanceof Error ? error.message : String(error) }
  }
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) {
      console.log(JSON.stringify(report))
      resolve()
    } else process.send(report, () => resolve())
  })
}

await main()
// Some packages leave timers and sockets open.
process.exit(0)
