/** Forks of any upstream in this process, on Hardhat's EVM. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import type { ChainNode } from '../../solver/chain/client.ts'

/** A network of chain id 1 that starts from an upstream block. */
export type Fork = ChainNode & { close(): Promise<void> }

/**
 * Forks `url` at `blockNumber`. Calls at the pinned block run under the rules of its age; blocks mined on top
 * run under the newest, so mine one first to use new contracts on an old block.
 *
 * Hardhat keeps what it reads on disk by host and port. Here a port is soon another tape's, so every fork has
 * a cache folder of its own that goes away with it.
 */
export async function forkAt(url: string, blockNumber: bigint): Promise<Fork> {
  const cache = await mkdtemp(join(tmpdir(), 'fork-'))
  const forking = { url, blockNumber }
  const hardhat = await createHardhatRuntimeEnvironment({
    paths: { cache },
    networks: {
      fork: { type: 'edr-simulated', chainType: 'l1', chainId: 1, hardfork: 'osaka', forking },
    },
  })
  const connection = await hardhat.network.create('fork')
  return {
    request: ({ method, params }) =>
      connection.provider.request({ method, params: params === undefined ? [] : [...params] }),
    async close() {
      await connection.close()
      await rm(cache, { recursive: true, force: true })
    },
  }
}
