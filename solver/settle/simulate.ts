/** Runs exactly the calldata that will be sent, on a node, before it is sent. */
import { decodeAbiParameters, encodeFunctionData, numberToHex, parseAbi } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import { permit2Address } from '../intents/eip712.ts'
import type { SignedOrder } from '../intents/order.ts'
import { allowanceTooSmall, balanceTooSmall, decodeRevert, type RevertedError } from './revert.ts'
import type { ExpectedFill } from './settlement.ts'

/** A node: any EIP-1193 provider, or the `request` of a viem client. */
export type EthClient = {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

/** What a settlement's dry run gave. */
export type Simulation = {
  readonly fills: readonly ExpectedFill[]
  /** Gas units of the whole transaction, as the node estimates them. */
  readonly gas: bigint
}

/** What to run, and where. */
export type SimulationRequest = {
  readonly signed: SignedOrder
  readonly data: Hex
  /** Who will send it: certificates name their solver. */
  readonly solver: Address
  /** Absent means the newest block. */
  readonly blockNumber?: bigint | undefined
}

/** Under Osaka's cap of 2^24 gas for one transaction. */
const callGas = numberToHex(16_000_000)
const erc20 = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function allowance(address, address) view returns (uint256)',
])

/**
 * Simulates one settlement from the solver's address.
 *
 * @returns What the order will sell and buy, from the contract's own return data, and the gas.
 * @throws {RevertedError} with the code of the reason (see `decodeRevert`); where a token gave none, balance
 *   and allowance of the owner are read to name it.
 * @throws {NodeFailedError} `settle.node-failed`, retryable: the node did not answer, or answered nonsense.
 */
export async function simulateSettlement(
  client: EthClient,
  request: SimulationRequest,
): Promise<Simulation> {
  const { signed, data, solver, blockNumber } = request
  const block = blockNumber === undefined ? 'latest' : numberToHex(blockNumber)
  const call = { from: solver, to: signed.settlement, data, gas: callGas }
  const output = await callNode(client, 'eth_call', [call, block]).catch(async (error: unknown) => {
    throw await explain(client, signed, block, error)
  })
  if (output.length !== 2 + 128) throw new NodeFailedError('eth_call', output)
  const [sold, bought] = decodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], output)
  const estimate = await callNode(client, 'eth_estimateGas', [call, block])
  if (!/^0x[0-9a-f]{1,16}$/i.test(estimate)) throw new NodeFailedError('eth_estimateGas', estimate)
  return { fills: [{ digest: signed.digest, sold, bought }], gas: BigInt(estimate) }
}

/** A reverted call where the owner lacks balance or allowance says so, whatever the token said. */
async function explain(
  client: EthClient,
  signed: SignedOrder,
  block: string,
  error: unknown,
): Promise<unknown> {
  const vague = [
    'settle.no-reason',
    'settle.token-refused',
    'settle.unknown-revert',
    'settle.panic',
  ]
  if (!(error instanceof BaseError) || !vague.includes(error.code)) return error
  const { owner, sellToken, amount } = signed.order
  const spender = signed.funding === 'permit2' ? permit2Address : signed.settlement
  const read = (data: Hex) => readWord(client, sellToken, data, block)
  const balanceOf = { abi: erc20, functionName: 'balanceOf', args: [owner] } as const
  const allowanceOf = { abi: erc20, functionName: 'allowance', args: [owner, spender] } as const
  const facts = { owner, sellToken, amount }
  const balance = await read(encodeFunctionData(balanceOf))
  if (balance !== undefined && balance < amount) return balanceTooSmall({ ...facts, balance })
  const allowance = await read(encodeFunctionData(allowanceOf))
  if (allowance !== undefined && allowance < amount)
    return allowanceTooSmall({ ...facts, spender, allowance })
  return error
}

/** One word of a contract, or `undefined` where it gives none: then the first error is the better one. */
async function readWord(
  client: EthClient,
  to: Address,
  data: Hex,
  block: string,
): Promise<bigint | undefined> {
  try {
    const answer = await callNode(client, 'eth_call', [{ to, data }, block])
    return answer.length === 66 ? BigInt(answer) : undefined
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}

/** @throws {NodeFailedError} @throws {RevertedError} */
async function callNode(
  client: EthClient,
  method: string,
  params: readonly unknown[],
): Promise<Hex> {
  let answer: unknown
  try {
    answer = await client.request({ method, params })
  } catch (error) {
    throw reverted(error) ?? new NodeFailedError(method, undefined, error)
  }
  // The test makes it so.
  if (typeof answer === 'string' && /^0x[0-9a-f]*$/i.test(answer)) return answer as Hex
  throw new NodeFailedError(method, answer)
}

/** Nodes and clients nest the revert bytes differently: the first hex `data` on the way to the cause is it. */
function reverted(error: unknown): RevertedError | undefined {
  let level: unknown = error
  for (let depth = 0; depth < 8 && typeof level === 'object' && level !== null; depth++) {
    const { data, cause } = level as { data?: unknown; cause?: unknown }
    const bytes =
      typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data
    if (typeof bytes === 'string' && /^0x[0-9a-f]*$/i.test(bytes)) return decodeRevert(bytes as Hex)
    level = cause
  }
  return isRevertMessage(error) ? decodeRevert('0x') : undefined
}

/** Code 3 is "execution reverted" in geth's JSON-RPC, which some nodes give without any data. */
function isRevertMessage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === 3 || (typeof message === 'string' && /revert/i.test(message))
}

/** The node gave no usable answer. */
export class NodeFailedError extends BaseError {
  override readonly code = 'settle.node-failed'

  constructor(method: string, answer: unknown, cause?: unknown) {
    super('The node did not answer the simulation.', {
      cause,
      facts: { method, answer: typeof answer === 'string' ? answer.slice(0, 80) : typeof answer },
      hint: 'Check that the settlement is deployed there and that the node is up, then retry.',
      retryable: true,
    })
  }
}
