/** The wallet and the node behind it, through a viem client: the few things that the SDK asks of them. */
import type { Account, Client } from 'viem'
import {
  call,
  getBlock,
  getChainId,
  getCode,
  readContract,
  requestAddresses,
  sendTransaction,
  signTypedData,
  waitForTransactionReceipt,
} from 'viem/actions'
import { encodeFunctionData, parseAbi } from 'viem/utils'
import { type Address, type Hex, toAddress } from '../solver/core/hex.ts'
import type { SignableData } from '../solver/intents/eip712.ts'
import { NoAccountError, SdkError, UserRejectedError, WalletError } from './errors.ts'

/** Any viem client; one without an account asks the wallet behind its transport. */
export type WalletClient = Client

/** What became of a transaction. */
export type Mined = { readonly transactionHash: Hex; readonly isSuccess: boolean }

/**
 * What the SDK asks of a wallet. Each function throws {@link UserRejectedError} `sdk.user-rejected` when the
 * person says no, and {@link WalletError} `sdk.wallet-failed` for any other failure.
 */
export type Wallet = {
  chainId(): Promise<number>
  /** The client's account, or the first that the wallet gives. @throws {NoAccountError} `sdk.no-account`. */
  account(): Promise<Address>
  /** Time of the newest block, in Unix seconds. */
  headTime(): Promise<number>
  hasCode(address: Address): Promise<boolean>
  allowance(token: Address, owner: Address, spender: Address): Promise<bigint>
  /** Whether an approval would pass now. */
  canApprove(owner: Address, approval: ApproveCall): Promise<boolean>
  approve(owner: Address, approval: ApproveCall): Promise<Mined>
  sign(owner: Address, data: SignableData): Promise<Hex>
  /** ERC-1271; false for an owner without code. */
  isContractSignature(owner: Address, digest: Hex, signature: Hex): Promise<boolean>
}

/** One ERC-20 `approve`; `amount` in base units. */
export type ApproveCall = {
  readonly token: Address
  readonly spender: Address
  readonly amount: bigint
}

// Without a return value: some tokens give none.
const approveAbi = parseAbi(['function approve(address spender, uint256 amount)'])
const readAbi = parseAbi([
  'function allowance(address owner, address spender) view returns (uint256)',
  'function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)',
])
/** The answer of ERC-1271 that means yes. */
const erc1271Magic = '0x1626ba7e'
/** EIP-1193: the person rejected the request. */
const userRejected = 4001
/** Longest wait between two looks for a receipt, in milliseconds. */
const receiptPollMs = 1_000

/** The wallet of a viem client. */
export function createWallet(client: WalletClient): Wallet {
  const read = { abi: readAbi } as const
  return {
    chainId: () => asked('chain id', getChainId(client)),
    async account() {
      const own = client.account?.address
      if (own !== undefined) return toAddress(own)
      const [first] = await asked('accounts', requestAddresses(client)).catch(noAccount)
      if (first === undefined) throw new NoAccountError()
      return toAddress(first)
    },
    headTime: async () => Number((await asked('newest block', getBlock(client))).timestamp),
    async hasCode(address) {
      const code = await asked('code', getCode(client, { address }))
      return code !== undefined && code !== '0x'
    },
    allowance(token, owner, spender) {
      const args = [owner, spender] as const
      const query = { ...read, address: token, functionName: 'allowance', args } as const
      return asked('allowance', readContract(client, query))
    },
    canApprove: (owner, approval) =>
      call(client, { account: owner, to: approval.token, data: approveData(approval) }).then(
        () => true,
        () => false,
      ),
    async approve(owner, approval) {
      const account = accountFor(client, owner)
      const request = { account, chain: null, to: approval.token, data: approveData(approval) }
      const hash = await asked('approval', sendTransaction(client, request))
      const pollingInterval = Math.min(client.pollingInterval, receiptPollMs)
      const mined = waitForTransactionReceipt(client, { hash, pollingInterval })
      const { transactionHash, status } = await asked('receipt', mined)
      return { transactionHash, isSuccess: status === 'success' }
    },
    sign(owner, data) {
      // viem's parameter is generic over one primary type; ours is one of two.
      const request = { account: accountFor(client, owner), ...data } as never
      return asked('signature', signTypedData(client, request))
    },
    async isContractSignature(owner, digest, signature) {
      const code = await asked('code', getCode(client, { address: owner }))
      if (code === undefined || code === '0x') return false
      const args = [digest, signature] as const
      const query = { ...read, address: owner, functionName: 'isValidSignature', args } as const
      // A contract that reverts says no.
      const answer = await readContract(client, query).catch(() => undefined)
      return answer === erc1271Magic
    },
  }
}

/** The client's own account when it is the owner's, so that a local key signs here; else the wallet's. */
function accountFor(client: WalletClient, owner: Address): Account | Address {
  const { account } = client
  return account !== undefined && toAddress(account.address) === owner ? account : owner
}

function approveData({ spender, amount }: ApproveCall): Hex {
  return encodeFunctionData({
    abi: approveAbi,
    functionName: 'approve',
    args: [spender, amount],
  })
}

/** @throws {UserRejectedError} @throws {WalletError} for whatever `promise` rejects with. */
async function asked<result>(action: string, promise: Promise<result>): Promise<result> {
  try {
    return await promise
  } catch (cause) {
    throw isRejection(cause) ? new UserRejectedError(action, cause) : new WalletError(action, cause)
  }
}

/** A rejection stays one; any other failure means that there is no account to be had. */
function noAccount(error: unknown): never {
  if (error instanceof UserRejectedError) throw error
  throw new NoAccountError(error instanceof SdkError ? error.cause : error)
}

/** Wallets put the code at any depth of causes; eight is deeper than any of them. */
function isRejection(error: unknown): boolean {
  let at: unknown = error
  for (let depth = 0; depth < 8 && typeof at === 'object' && at !== null; depth++) {
    if ('code' in at && at.code === userRejected) return true
    at = 'cause' in at ? at.cause : undefined
  }
  return false
}
