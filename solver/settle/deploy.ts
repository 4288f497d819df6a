/**
 * Puts the settlement on a chain at an address that follows from its code alone, through the deterministic
 * deployment proxy.
 *
 * Source: https://github.com/Arachnid/deterministic-deployment-proxy
 */
import { getCreate2Address, keccak256 } from 'viem/utils'
import type { Call } from '../chain/block.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, toAddress } from '../core/hex.ts'
import type { EthClient } from './simulate.ts'

/** The part of a compiled artifact that a deployment needs. */
export type Artifact = { readonly bytecode: Hex }

/** The proxy, at the same address on every chain that has it: CREATE2 of what follows a 32-byte salt. */
export const deploymentProxy: Address = '0x4e59b44847b379578588920ca78fbf26c0b4956c'

/** Its runtime code, for local chains that lack it. */
export const deploymentProxyCode: Hex =
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3'

/** Salt of the first deployment: nothing was searched for. */
const salt: Hex = `0x${'0'.repeat(64)}`

/** Where the settlement of this bytecode stands on every chain, and the call that puts it there. */
export function deploymentOf({ bytecode }: Artifact): { address: Address; call: Call } {
  const from = deploymentProxy
  const address = getCreate2Address({ from, salt, bytecodeHash: keccak256(bytecode) })
  const data: Hex = `${salt}${bytecode.slice(2)}`
  return { address: toAddress(address), call: { target: from, value: 0n, data } }
}

/**
 * Deploys the settlement unless it stands already, and returns its address.
 *
 * @param client - A node that signs for `from` (a local chain), or a wallet's provider.
 * @param artifact - The compiled `Settlement.json`; its constructor takes nothing.
 * @throws {DeployerMissingError} `settle.deployer-missing`: the chain has no deployment proxy.
 * @throws {DeploymentFailedError} `settle.deployment-failed`: no code stands there after the transaction.
 */
export async function deploySettlement(
  client: EthClient,
  artifact: Artifact,
  from: Address,
): Promise<Address> {
  const { address, call } = deploymentOf(artifact)
  if (await hasCode(client, address)) return address
  if (!(await hasCode(client, call.target))) throw new DeployerMissingError()
  const transaction = { from, to: call.target, data: call.data }
  const hash = await client.request({ method: 'eth_sendTransaction', params: [transaction] })
  // A node that mines at once has it now; elsewhere the caller waits and calls again.
  if (!(await hasCode(client, address))) throw new DeploymentFailedError(address, String(hash))
  return address
}

async function hasCode(client: EthClient, address: Address): Promise<boolean> {
  const code = await client.request({ method: 'eth_getCode', params: [address, 'latest'] })
  return typeof code === 'string' && code.length > 2
}

/** The chain has no deployment proxy. */
export class DeployerMissingError extends BaseError {
  override readonly code = 'settle.deployer-missing'

  constructor() {
    super('This chain has no deterministic deployment proxy.', {
      facts: { proxy: deploymentProxy },
      hint: 'Deploy the proxy first, or on a local chain set its code to `deploymentProxyCode`.',
    })
  }
}

/** The deployment transaction was sent, but no code stands at its address yet. */
export class DeploymentFailedError extends BaseError {
  override readonly code = 'settle.deployment-failed'

  constructor(address: Address, transactionHash: string) {
    super('The settlement does not stand at its address.', {
      facts: { address, transactionHash },
      hint: 'Wait until the transaction is mined and call again.',
      retryable: true,
    })
  }
}
