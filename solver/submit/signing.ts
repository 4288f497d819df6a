/** Signs the transactions of one settlement: all with one account nonce, each with its own fees. */
import type { LocalAccount } from 'viem'
import { keccak256 } from 'viem/utils'
import type { FeeBlock } from '../core/baseFee.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, toAddress } from '../core/hex.ts'
import type { Settlement } from '../settle/settlement.ts'
import { feeCap, feeFields, raiseTip } from './fees.ts'
import type { OutboxEntry } from './outbox.ts'
import type { ChainView } from './reader.ts'

/** What a settlement may cost, and on which chain. Wei per gas. */
export type SigningLimits = {
  readonly chainId: number
  /** Tip of the first attempt; above 0. */
  readonly tip: bigint
  /** The most that one gas may cost, base fee and tip together. */
  readonly feeCap: bigint
  /** When given, the settlement's fees stay below `shareBps` of `surplusWei`. */
  readonly surplus?: { readonly surplusWei: bigint; readonly shareBps: number } | undefined
}

/** How far an attempt is: blocks missed so far, and blocks to the deadline, this one included. */
export type AttemptTime = { readonly missedBlocks: number; readonly blocksLeft: number }

/** The signer of one settlement. */
export type Signing = {
  readonly account: Address
  readonly nonce: bigint
  /**
   * Signs for the block after `head`; the same fees give the same bytes. Rejects with
   * `submit.fee-cap` or `submit.underfunded`.
   */
  sign(head: FeeBlock, time: AttemptTime): Promise<OutboxEntry>
}

/** What {@link createSigning} needs. */
export type SigningOptions = {
  readonly chain: ChainView
  readonly signer: LocalAccount
  readonly settlement: Settlement
  readonly limits: SigningLimits
}

/**
 * Reserves the account's next nonce for `settlement`.
 *
 * @throws {WrongChainError} `submit.wrong-chain`, when the node is on another chain than configured.
 * @throws {UnderfundedError} `submit.underfunded`, from `sign`, when the account cannot pay for gas.
 */
export async function createSigning(options: SigningOptions): Promise<Signing> {
  const { chain, signer, settlement, limits: ours } = options
  const chainId = await chain.chainId()
  if (chainId !== ours.chainId)
    throw new WrongChainError({ node: chainId, configured: ours.chainId })
  const account = toAddress(signer.address)
  const nonce = await chain.nonce(account)
  const { to, data, gasLimit } = settlement
  const cap = feeCap(ours.feeCap, ours.surplus && { ...ours.surplus, gasLimit })
  return {
    account,
    nonce,
    async sign(head, { missedBlocks, blocksLeft }) {
      const tip = raiseTip(ours.tip, missedBlocks)
      const fees = feeFields(head, { tip, cap, blocks: blocksLeft })
      const balance = await chain.balance(account)
      const cost = gasLimit * fees.maxFeePerGas
      if (balance < cost) throw new UnderfundedError({ account, balance, cost })
      const fields = {
        type: 'eip1559',
        chainId,
        nonce: Number(nonce),
        to,
        data,
        gas: gasLimit,
        ...fees,
      } as const
      const transaction = await signer.signTransaction(fields)
      const transactionHash = keccak256(transaction)
      return { account, nonce, transaction, transactionHash }
    },
  }
}

/** The node and the configuration name different chains. */
export class WrongChainError extends BaseError {
  override readonly code = 'submit.wrong-chain'

  constructor(facts: { node: number; configured: number }) {
    super('The node is on another chain than the configuration says.', {
      facts,
      hint: 'Point the RPC URL at a node of the configured chain.',
    })
  }
}

/** The account that sends settlements cannot pay for the gas. */
export class UnderfundedError extends BaseError {
  override readonly code = 'submit.underfunded'

  constructor(facts: { account: string; balance: bigint; cost: bigint }) {
    super('The sending account cannot pay for the gas of the settlement.', {
      facts,
      hint: 'Send ETH to the account; nothing was signed or sent.',
    })
  }
}
