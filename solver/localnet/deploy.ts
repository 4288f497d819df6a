/** Puts contracts where mainnet has them. */
import { encodeDeployData, hexToNumber, numberToHex, size } from 'viem/utils'
import type { Address } from '../core/hex.ts'
import {
  type Artifact,
  type HiddenNode,
  requestHex,
  send,
  setUpGas,
  SetUpFailedError,
} from './node.ts'

/**
 * Runs the creation code *at* a chosen address, so that its immutables of `address(this)`, its storage and
 * the contracts that it creates are those of a real deployment: the code of the address is first the creation
 * code, which a call runs once for its answer (the runtime) and a transaction once for its effects.
 *
 * The node must mine by itself. `from` is unlocked; the constructor sees it as `msg.sender`.
 *
 * @throws {SetUpFailedError} `localnet.set-up-failed`, when the constructor reverts.
 *
 * @example
 * await deployAt(node, deployer, mainnet.uniswapV4PoolManager, artifact, [deployer])
 */
export async function deployAt(
  node: HiddenNode,
  from: Address,
  at: Address,
  artifact: Artifact,
  args: readonly unknown[] = [],
): Promise<void> {
  const { abi, bytecode } = artifact
  const what = `constructor at ${at}`
  const init = encodeDeployData({ abi, bytecode, args })
  await node.request({ method: 'hardhat_setCode', params: [at, init] })
  const runtime = await requestHex(node, 'eth_call', [
    { from, to: at, gas: setUpGas },
    'latest',
  ]).catch((cause: unknown) => {
    throw new SetUpFailedError({ what, to: at, cause })
  })
  if (size(runtime) < 2) throw new SetUpFailedError({ what, to: at })
  await send(node, what, { from, to: at })
  await node.request({ method: 'hardhat_setCode', params: [at, runtime] })
  const nonce = hexToNumber(await requestHex(node, 'eth_getTransactionCount', [at, 'latest']))
  // EIP-161: a created contract starts at 1, so what it creates later lands where it would on mainnet.
  await node.request({ method: 'hardhat_setNonce', params: [at, numberToHex(Math.max(1, nonce))] })
}
