/** The node that nobody outside the process can reach, and the few requests that set a chain up. */
import type { Abi } from 'viem'
import { encodeFunctionData, hexToBigInt, numberToHex } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'

/** An in-process EIP-1193 provider of Hardhat's EVM. */
export type HiddenNode = {
  request(args: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>
}

/** What a contract is made from: its interface and its creation code without arguments. */
export type Artifact = { readonly abi: Abi; readonly bytecode: Hex }

/** Gas of one set-up transaction: below the 2^24 that Osaka allows. */
export const setUpGas = numberToHex(16_000_000)

/** A contract call before it is encoded. */
export type ContractCall = {
  readonly to: Address
  readonly abi: Abi
  readonly name: string
  readonly args: readonly unknown[]
  /** In wei; absent means none. */
  readonly value?: bigint | undefined
}

/**
 * Sends one transaction from an unlocked account and sees it mined; the node must mine by itself.
 *
 * @throws {SetUpFailedError} `localnet.set-up-failed`, when the node refuses it or it reverts.
 */
export async function sendCall(node: HiddenNode, from: Address, call: ContractCall): Promise<void> {
  const { to, abi, name, args } = call
  const data = encodeFunctionData({ abi, functionName: name, args })
  await send(node, name, { from, to, data, value: numberToHex(call.value ?? 0n) })
}

/**
 * The same with call data as they are. `what` names the step in the error.
 *
 * @throws {SetUpFailedError} `localnet.set-up-failed`, when the node refuses it or it reverts.
 */
export async function send(
  node: HiddenNode,
  what: string,
  transaction: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    const params = [{ gas: setUpGas, ...transaction }]
    const hash = await node.request({ method: 'eth_sendTransaction', params })
    const receipt = await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    // A receipt is JSON from outside: only its status is read, and compared with the one good value.
    if ((receipt as { status?: unknown } | null)?.status === '0x1') return
    throw new SetUpFailedError({ what, to: transaction['to'] })
  } catch (cause) {
    if (cause instanceof SetUpFailedError) throw cause
    throw new SetUpFailedError({ what, to: transaction['to'], cause })
  }
}

/** A request whose answer is hex by the JSON-RPC specification. */
export async function requestHex(
  node: HiddenNode,
  method: string,
  params: readonly unknown[],
): Promise<Hex> {
  return (await node.request({ method, params })) as Hex
}

/** Balance of native currency at the head, in wei. */
export async function nativeBalance(node: HiddenNode, holder: Address): Promise<bigint> {
  return hexToBigInt(await requestHex(node, 'eth_getBalance', [holder, 'latest']))
}

/** A step of the local chain's set-up went wrong: a bug of ours or a foreign node's gap. */
export class SetUpFailedError extends BaseError {
  override readonly code = 'localnet.set-up-failed'

  constructor({ what, to, cause }: { what: string; to?: unknown; cause?: unknown }) {
    super(`The local chain could not run \`${what}\`.`, {
      cause,
      facts: { to, reason: cause instanceof Error ? cause.message : cause },
      hint: 'Run `npm run build`; if it persists, run with a clean `artifacts/` folder.',
    })
  }
}
