/** Hardhat as a library: the in-process EVM, whatever folder the caller stands in. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import type { HardhatUserConfig, NetworkConfigOverride } from 'hardhat/types/config'
import type { HiddenNode } from './node.ts'

/** The repository's root, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A running EVM of this process. */
export type RunningNode = { readonly node: HiddenNode; readonly close: () => Promise<void> }

let runtime: Promise<HardhatRuntimeEnvironment> | undefined

/** Starts another EVM, as the network `localnet` of the configuration with `override` on top. */
export async function startNode(override: NetworkConfigOverride): Promise<RunningNode> {
  runtime ??= createRuntime({})
  return connectTo(await runtime, override)
}

/**
 * The same for a fork. Hardhat keeps what a fork reads on disk by host and port; a local port is soon another
 * chain's, so every fork has a cache folder of its own, which goes away with it.
 */
export async function startFork(override: NetworkConfigOverride): Promise<RunningNode> {
  const cache = await mkdtemp(join(tmpdir(), 'isoprice-fork-'))
  const { node, close } = await connectTo(await createRuntime({ paths: { cache } }), override)
  return {
    node,
    close: async () => {
      await close()
      await rm(cache, { recursive: true, force: true })
    },
  }
}

async function connectTo(
  { network }: HardhatRuntimeEnvironment,
  override: NetworkConfigOverride,
): Promise<RunningNode> {
  const connection = await network.create({ network: 'localnet', override })
  const { provider } = connection
  const node: HiddenNode = {
    request: ({ method, params = [] }) => provider.request({ method, params: [...params] }),
  }
  return { node, close: () => connection.close() }
}

/** A runtime made from this repository's own configuration file, with `changes` on top. */
async function createRuntime(changes: HardhatUserConfig): Promise<HardhatRuntimeEnvironment> {
  // Loaded on first use: Hardhat takes a while that other commands should not pay.
  const { createHardhatRuntimeEnvironment, importUserConfig } = await import('hardhat/hre')
  const config = join(root, 'hardhat.config.ts')
  const settings = { ...(await importUserConfig(config)), ...changes }
  return createHardhatRuntimeEnvironment(settings, { config }, root)
}
