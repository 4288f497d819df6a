/**
 * The hidden node: an in-process chain that only the builder and the gateway can reach.
 *
 * A block is tried by mining it between a snapshot and a revert. So every use of the node goes
 * through one mutex, or a reader would see the head go backwards.
 */
import { BaseError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/hex.ts'
import type { HiddenNode } from '../node.ts'

/** The newest block, as far as a builder needs it. Times in Unix seconds, fees in wei per gas. */
export type NodeHead = {
  readonly number: bigint
  readonly hash: Hex
  readonly timestamp: bigint
  readonly baseFeePerGas: bigint
  readonly gasUsed: bigint
  readonly gasLimit: bigint
}

/** One transaction of a block. */
export type MinedTransaction = {
  readonly hash: Hex
  readonly succeeded: boolean
  readonly gasUsed: bigint
  readonly effectiveGasPrice: bigint
  readonly from: Address
  readonly to: Address | undefined
}

/** A block that was mined or tried. */
export type MinedBlock = {
  readonly head: NodeHead
  /** In the block's order. */
  readonly transactions: readonly MinedTransaction[]
  /** Why the node did not take a transaction, by its position in what was asked for. */
  readonly refused: ReadonlyMap<number, string>
  /** Wei that the beneficiary gained. */
  readonly coinbaseDelta: bigint
}

/** What to put into a block, and when it is. */
export type BlockPlan = {
  readonly transactions: readonly Hex[]
  readonly timestamp: bigint
  /** Leave this many empty blocks before; default 0. Only for trying. */
  readonly skip?: number | undefined
}

/** The node's verbs for a builder. The caller holds the mutex. */
export type NodeOps = {
  call<result>(method: string, ...params: readonly unknown[]): Promise<result>
  head(): Promise<NodeHead>
  /** Mines the plan and throws away what did not fit. */
  mine(plan: BlockPlan): Promise<MinedBlock>
  /** Mines the plan, lets `look` read that state, and undoes it all. */
  attempt<result>(plan: BlockPlan, look: (block: MinedBlock) => Promise<result>): Promise<result>
}

type WireBlock = Record<
  'number' | 'hash' | 'timestamp' | 'baseFeePerGas' | 'gasUsed' | 'gasLimit',
  Hex
> & { readonly transactions: readonly Hex[] }
type WireReceipt = Record<'status' | 'gasUsed' | 'effectiveGasPrice' | 'from', Hex> & {
  readonly to: Hex | null
}

/**
 * Makes the builder's verbs over `node`.
 *
 * @throws {LostSnapshotError} `localnet.lost-snapshot`, from `attempt`, when the node cannot go back.
 * @throws {UnminableError} `localnet.unminable`, from `mine` and `attempt`, when no block can be made of
 *   the plan: a sender who can pay for each of two transactions but not for both, for example.
 */
export function createNodeOps(node: HiddenNode): NodeOps {
  // The one cast of this file: answers of a node in this process have the standard's form.
  const call = async <result>(method: string, ...params: readonly unknown[]) =>
    (await node.request({ method, params })) as result
  const head = async () => toHead(await call<WireBlock>('eth_getBlockByNumber', 'latest', false))

  async function mine({ transactions, timestamp, skip = 0 }: BlockPlan): Promise<MinedBlock> {
    if (skip > 0) await call('hardhat_mine', toHex(BigInt(skip)))
    const coinbase = await call<Hex>('eth_coinbase')
    const before = BigInt(await call<Hex>('eth_getBalance', coinbase, 'latest'))
    const { pooled, refused } = await sendAll(call, transactions)
    await call('evm_setNextBlockTimestamp', toHex(timestamp))
    await call('evm_mine').catch(async (error: unknown) => {
      // Left in place they would make every later block fail too.
      for (const hash of pooled) await call('hardhat_dropTransaction', hash)
      throw new UnminableError(error instanceof Error ? error.message : 'mining failed')
    })
    const block = await call<WireBlock>('eth_getBlockByNumber', 'latest', false)
    const left = pooled.filter((hash) => !block.transactions.includes(hash))
    for (const hash of left) await call('hardhat_dropTransaction', hash)
    const after = BigInt(await call<Hex>('eth_getBalance', coinbase, 'latest'))
    return {
      head: toHead(block),
      transactions: await Promise.all(block.transactions.map((hash) => mined(hash))),
      refused,
      coinbaseDelta: after - before,
    }
  }

  async function mined(hash: Hex): Promise<MinedTransaction> {
    const receipt = await call<WireReceipt>('eth_getTransactionReceipt', hash)
    return {
      hash,
      succeeded: receipt.status === '0x1',
      gasUsed: BigInt(receipt.gasUsed),
      effectiveGasPrice: BigInt(receipt.effectiveGasPrice),
      from: receipt.from,
      to: receipt.to ?? undefined,
    }
  }

  return {
    call,
    head,
    mine,
    async attempt(plan, look) {
      const snapshot = await call<Hex>('evm_snapshot')
      try {
        return await look(await mine(plan))
      } finally {
        // Thrown on purpose over whatever failed before: the state is no longer that of the chain.
        const undone = await call<boolean>('evm_revert', snapshot)
        // oxlint-disable-next-line no-unsafe-finally
        if (!undone) throw new LostSnapshotError()
      }
    },
  }
}

type Call = NodeOps['call']

/** Puts transactions into the node's own pool, in order; a refusal does not stop the others. */
async function sendAll(call: Call, transactions: readonly Hex[]) {
  const refused = new Map<number, string>()
  const pooled: Hex[] = []
  for (const [position, raw] of transactions.entries()) {
    try {
      pooled.push(await call<Hex>('eth_sendRawTransaction', raw))
    } catch (error) {
      refused.set(position, error instanceof Error ? error.message : 'refused')
    }
  }
  return { pooled, refused }
}

/** `value` as a JSON-RPC quantity. */
export function toHex(value: bigint): Hex {
  return `0x${value.toString(16)}`
}

function toHead(block: WireBlock): NodeHead {
  return {
    number: BigInt(block.number),
    hash: block.hash,
    timestamp: BigInt(block.timestamp),
    baseFeePerGas: BigInt(block.baseFeePerGas),
    gasUsed: BigInt(block.gasUsed),
    gasLimit: BigInt(block.gasLimit),
  }
}

/** The node makes no block of these transactions. */
export class UnminableError extends BaseError {
  override readonly code = 'localnet.unminable'
  /** The node's own words. */
  readonly reason: string

  constructor(reason: string) {
    super('The local chain cannot make a block of these transactions.', {
      facts: { reason },
      hint: 'Leave out what the reason names.',
    })
    this.reason = reason
  }
}

/** The node could not undo a tried block. */
export class LostSnapshotError extends BaseError {
  override readonly code = 'localnet.lost-snapshot'

  constructor() {
    super('The local chain could not go back to the block before a trial.', {
      hint: 'Start the local chain again, and do not call evm_revert beside the builder.',
    })
  }
}
