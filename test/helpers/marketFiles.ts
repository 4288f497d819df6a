/** A folder with a market snapshot of a small synthetic market, for commands that read files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { saveSnapshot } from '../../solver/market/snapshotFile.ts'
import { createUniverse, type Universe } from './universe.ts'

/** The folder and what is in it. */
export type MarketFiles = {
  readonly folder: string
  /** `isoprice-market/1`, gzipped; tokens are called T0, T1, … */
  readonly market: string
  readonly universe: Universe
  /** Writes a text file into the folder and gives its path. */
  write(name: string, text: string): Promise<string>
  remove(): Promise<void>
}

/** Makes the folder; the same market every time. */
export async function createMarketFiles(): Promise<MarketFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'isoprice-cli-'))
  const universe = createUniverse({ seed: 5, pools: 24, tokens: 5, gasPrice: 10n ** 10n })
  const market = join(folder, 'market.json.gz')
  await saveSnapshot(market, toSnapshot(universe.view))
  return {
    folder,
    market,
    universe,
    async write(name, text) {
      const path = join(folder, name)
      await writeFile(path, text)
      return path
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
