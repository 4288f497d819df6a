/** Prints the resident memory in MB of this process with the market of argument 1 and 64 blocks of its past. */
import { createMarket } from '../solver/market/market.ts'
import { loadSnapshot } from '../solver/market/snapshotFile.ts'
import { blocksOf, firstBlock } from '../test/helpers/swapBlocks.ts'

const [path] = process.argv.slice(2)
const market = path === undefined ? undefined : await follow(path)
// What loading left behind is not the market's.
for (let turn = 0; turn < 4; turn++) globalThis.gc?.()
await new Promise((resolve) => setTimeout(resolve, 200))
globalThis.gc?.()
const { rss } = process.memoryUsage()
if (market !== undefined && market.view().pools.size === 0) throw new TypeError('an empty market')
console.log(rss / 1e6)

async function follow(file: string) {
  const { view } = await loadSnapshot(file)
  const held = createMarket({ ...view, block: firstBlock })
  for (const event of blocksOf(view, { count: 64, touched: 100, seed: 5 })) held.apply(event)
  return held
}
