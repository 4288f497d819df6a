/** The whole local world: the chain with its pools, the settlement on it, and the public and private doors. */
import { type Address, toAddress } from '../core/hex.ts'
import { deploymentOf } from '../settle/deploy.ts'
import { buildContracts, ownArtifact } from './artifacts.ts'
import { createLocalChain, type LocalChain } from './chain.ts'
import { fund } from './fund.ts'
import type { Artifact } from './node.ts'
import { serveNode, type ServedNode, type ServeOptions } from './serve/serve.ts'

/** A running local world. */
export type Localnet = {
  readonly chain: LocalChain
  readonly served: ServedNode
  /** The settlement contract: the address that its bytecode has on every chain. */
  readonly settlement: Address
  /** Gives `holder` base units of a token, through the builder's lock: a block under way cannot undo it. */
  fund(holder: Address, token: Address, amount: bigint): Promise<void>
  close(): Promise<void>
}

/**
 * Starts the chain, deploys the settlement and opens the doors on 127.0.0.1.
 *
 * @param options - `seed` of the pools; `port`, `slotSeconds` and the rest are {@link ServeOptions}; `say`
 *   takes progress lines.
 * @throws {BuildFailedError} `localnet.build-failed`, {@link NoPortError} `localnet.no-port`.
 */
export async function startLocalnet(
  options: ServeOptions & {
    readonly seed?: number | undefined
    readonly say?: ((line: string) => void) | undefined
  } = {},
): Promise<Localnet> {
  const { seed, say, ...serve } = options
  const { address, artifact } = await settlementDeployment(say)
  const chain = await createLocalChain({ seed, say, contracts: [{ address, artifact }] })
  const served = await serveNode(chain.provider, serve)
  return {
    chain,
    served,
    settlement: address,
    fund: (holder, token, amount) => fund(served.node, holder, token, amount),
    async close() {
      await served.close()
      await chain.close()
    },
  }
}

/** Where the settlement stands and its compiled form, compiled now when it must be. */
export async function settlementDeployment(
  say?: (line: string) => void,
): Promise<{ address: Address; artifact: Artifact }> {
  await buildContracts(['Settlement.sol'], say)
  const artifact = ownArtifact('Settlement.sol', 'Settlement')
  return { address: toAddress(deploymentOf(artifact).address), artifact }
}
