/** Approvals: exact, read off the chain, and only ever for the settlement contract or Permit2. */
import { getAddress } from 'viem/utils'
import type { Address, Hex } from '../solver/core/hex.ts'
import { permit2Address } from '../solver/intents/eip712.ts'
import {
  ApprovalRevertedError,
  BadRequestError,
  MismatchError,
  SpenderRefusedError,
} from './errors.ts'
import { type BoundRequest, requireAddress } from './request.ts'
import type { Settlements } from './settlements.ts'
import type { Wallet } from './wallet.ts'

/** One ERC-20 approval that an intent needs. Addresses are checksummed. */
export type Approval = {
  readonly kind: 'approve'
  readonly chainId: number
  readonly owner: Address
  readonly token: Address
  readonly spender: Address
  /** Base units: what the intent sells and no more; 0 takes an approval back. */
  readonly amount: bigint
}

const uint256Max = 2n ** 256n - 1n

/** Finds and sends approvals of one wallet; what its functions throw is said at `IntentActions`. */
export function createApprover(wallet: Wallet, settlements: Settlements) {
  return {
    /** What is missing for an order over `amount`; nothing when the allowance suffices. */
    async needed(
      { chainId, taker, sellToken, funding }: BoundRequest,
      amount: bigint,
      settlement: Address,
    ): Promise<Approval[]> {
      const spender = funding === 'permit2' ? permit2Address : settlement
      const allowance = await wallet.allowance(sellToken, taker, spender)
      if (allowance >= amount) return []
      const exact = {
        kind: 'approve',
        chainId,
        owner: getAddress(taker),
        token: getAddress(sellToken),
        spender: getAddress(spender),
        amount,
      } as const
      // Some tokens (USDT) take no approval over another: back to zero first, only where it is needed.
      const isBlocked = allowance > 0n && !(await wallet.canApprove(taker, exact))
      return isBlocked ? [{ ...exact, amount: 0n }, exact] : [exact]
    },
    /** Sends one and waits for it. The calldata is made here: nothing of a server's goes into it. */
    async send(approval: Approval): Promise<Hex> {
      const { amount } = approval
      const token = requireAddress('token', approval.token)
      const owner = requireAddress('owner', approval.owner)
      if (typeof amount !== 'bigint' || amount < 0n || amount > uint256Max)
        throw new BadRequestError('amount', amount, 'a bigint from 0 to 2^256 - 1')
      const spender = requireSpender(approval, settlements)
      const chainId = await wallet.chainId()
      if (chainId !== approval.chainId)
        throw new MismatchError('chainId', approval.chainId, chainId)
      const { transactionHash, isSuccess } = await wallet.approve(owner, { token, spender, amount })
      if (!isSuccess) throw new ApprovalRevertedError(token, transactionHash)
      return transactionHash
    },
  }
}

/** @throws {SpenderRefusedError} `sdk.spender-refused`. */
function requireSpender({ spender, chainId }: Approval, settlements: Settlements): Address {
  const settlement = settlements.known(chainId)
  const address = requireAddress('spender', spender)
  if (address === permit2Address || address === settlement) return address
  throw new SpenderRefusedError(spender, settlement)
}
