/** What this room reads of the chain. Faults of the node become ours: a client's own texts show URLs. */
import type { PublicClient } from 'viem'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { FeeBlock } from '../core/baseFee.ts'

/** What the submitter reads of the chain: no verb of it can send. Any viem public client fits. */
export type ChainReader = Pick<
  PublicClient,
  'getBalance' | 'getBlock' | 'getChainId' | 'getTransactionCount' | 'getTransactionReceipt'
>

/** A block as the submitter follows it. */
export type Head = FeeBlock & { readonly number: bigint; readonly hash: Hex }

/** A transaction of ours in a canonical block. */
export type Mined = {
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly gasUsed: bigint
  readonly succeeded: boolean
}

/** The chain by the few questions of this room. Each rejects with `submit.node-down` for any fault. */
export type ChainView = {
  chainId(): Promise<number>
  head(): Promise<Head>
  /** The account's next nonce at the head. */
  nonce(account: Address): Promise<bigint>
  /** In wei. */
  balance(account: Address): Promise<bigint>
  /** Where a transaction was mined; `undefined` when it is not, or only in an orphaned block. */
  mined(hash: Hex): Promise<Mined | undefined>
}

/** Makes the view through `client`. */
export function createChainView(client: ChainReader): ChainView {
  return {
    chainId: () => asked('chain id', client.getChainId()),
    async head() {
      const block = await asked('head', client.getBlock())
      const { number, hash, gasLimit, gasUsed, baseFeePerGas } = block
      return { number, hash, gasLimit, gasUsed, baseFeePerGas: baseFeePerGas ?? 0n }
    },
    nonce: async (address) => {
      const count = client.getTransactionCount({ address, blockTag: 'latest' })
      return BigInt(await asked('nonce', count))
    },
    balance: (address) => asked('balance', client.getBalance({ address })),
    async mined(hash) {
      const receipt = await found('receipt', client.getTransactionReceipt({ hash }))
      if (receipt === undefined) return undefined
      const { blockNumber, blockHash, gasUsed, status } = receipt
      // A node may still hold the receipt of a block that was orphaned.
      const canonical = await found('block', client.getBlock({ blockNumber }))
      if (canonical?.hash !== blockHash) return undefined
      return { blockNumber, blockHash, gasUsed, succeeded: status === 'success' }
    },
  }
}

/** `undefined` when the node says that there is no such thing. */
async function found<value>(what: string, task: Promise<value>): Promise<value | undefined> {
  return task.catch((error: unknown) => {
    const { name } = (error ?? {}) as { name?: unknown }
    if (name === 'TransactionReceiptNotFoundError' || name === 'BlockNotFoundError')
      return undefined
    throw new NodeDownError({ what })
  })
}

async function asked<value>(what: string, task: Promise<value>): Promise<value> {
  return task.catch(() => {
    throw new NodeDownError({ what })
  })
}

/** The node does not answer, or not in the form of an answer. */
export class NodeDownError extends BaseError {
  override readonly code = 'submit.node-down'

  constructor(facts: { what: string }) {
    super('The node did not answer a question about the chain.', {
      facts,
      hint: 'Check the RPC URL with `isoprice doctor`; a settlement under way may still be mined.',
      retryable: true,
    })
  }
}
