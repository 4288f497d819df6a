/** What is asked of the chain before an order is taken in: its nonce, the owner's contract signature, the owner's funds. */
import { parseAbi } from 'viem'
import type { ChainClient } from '../chain/client.ts'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import { permit2Address } from '../intents/eip712.ts'
import type { Order, SignedOrder } from '../intents/order.ts'
import { requireFillable } from '../intents/verify.ts'

/** What the checks read. */
export type CheckOptions = {
  readonly client: ChainClient
  /** See `createAgreed`; `client` when absent. */
  readonly agreed?: ChainClient | undefined
  readonly settlement: Address
  readonly clock: { now(): bigint }
}

const bitmapAbi = parseAbi([
  'function bitmap(address owner, uint256 word) view returns (uint256)',
  'function nonceBitmap(address owner, uint256 word) view returns (uint256)',
  'function isValidSignature(bytes32 digest, bytes signature) view returns (bytes4)',
  'function balanceOf(address owner) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
])
/** The answer of ERC-1271 that means yes. */
const erc1271Magic = '0x1626ba7e'

/**
 * The checks of one engine. They read the newest block that `agreed` knows, so a simulation still has the last word.
 *
 * `requireFillable` passes an order that the settlement would accept now and whose owner has the funds.
 *
 * @throws the errors of the room `intents` by its `requireFillable`.
 * @throws {BalanceTooLowError} `engine.balance-too-low`.
 * @throws {AllowanceTooLowError} `engine.allowance-too-low`.
 * @throws {DisagreementError} `chain.disagreement`, retryable, when several nodes contradict each other.
 */
export function createChecks({ client, agreed = client, settlement, clock }: CheckOptions) {
  const { viem } = agreed
  const abi = bitmapAbi
  return {
    async requireFillable(signed: SignedOrder): Promise<void> {
      const now = Number(clock.now())
      const asked = { chainId: client.chainId, settlement, now, isNonceUsed, isContractSignature }
      try {
        await requireFillable(signed, asked)
        await requireFunds(signed)
      } catch (error) {
        throw passingFault(error) ?? error
      }
    },
  }

  async function isNonceUsed(
    { owner, nonce }: Order,
    funding: SignedOrder['funding'],
  ): Promise<boolean> {
    const read = { abi, args: [owner, nonce >> 8n] } as const
    const at = { address: settlement, functionName: 'bitmap' } as const
    const there = { address: permit2Address, functionName: 'nonceBitmap' } as const
    // Every fill uses the bit up at the settlement; Permit2 keeps one of its own besides.
    const words = await Promise.all([
      viem.readContract({ ...read, ...at }),
      funding === 'permit2' ? viem.readContract({ ...read, ...there }) : 0n,
    ])
    return words.some((word) => ((word >> (nonce & 255n)) & 1n) === 1n)
  }

  async function isContractSignature(
    owner: Address,
    digest: Hex,
    signature: Hex,
  ): Promise<boolean> {
    const code = await viem.getCode({ address: owner })
    if (code === undefined) return false
    return (await askOwner(owner, digest, signature)) === erc1271Magic
  }

  /** What the owner's contract says; a revert is a no, nodes that do not know are none. */
  async function askOwner(owner: Address, digest: Hex, signature: Hex): Promise<Hex | undefined> {
    const call = { address: owner, abi, functionName: 'isValidSignature' } as const
    const args = [digest, signature] as const
    return viem.readContract({ ...call, args }).catch((error: unknown) => {
      const fault = passingFault(error)
      if (fault !== undefined) throw fault
      return undefined
    })
  }

  async function requireFunds({ order, funding }: SignedOrder): Promise<void> {
    const { owner, sellToken: token, amount: required } = order
    const spender = funding === 'permit2' ? permit2Address : settlement
    const read = { address: token, abi } as const
    const balance = await viem
      .readContract({ ...read, functionName: 'balanceOf', args: [owner] })
      .catch((cause: unknown) => unreadable(token, cause))
    if (balance < required) throw new BalanceTooLowError({ token, owner, balance, required })
    const args = [owner, spender] as const
    const allowance = await viem
      .readContract({ ...read, functionName: 'allowance', args })
      .catch((cause: unknown) => unreadable(token, cause))
    if (allowance < required)
      throw new AllowanceTooLowError({ token, owner, spender, allowance, required })
  }
}

/** The fault of the nodes within a client's error, where another moment may mend it: they contradict each other, say. */
function passingFault(error: unknown): BaseError | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof BaseError && each.retryable && each.code.startsWith('chain.')) return each
  return undefined
}

/** @throws {TokenUnreadableError} `engine.token-unreadable`. */
function unreadable(token: Address, cause: unknown): never {
  throw new TokenUnreadableError(token, cause)
}

/** The sell token did not answer: it is no ERC-20, or the node is down. */
export class TokenUnreadableError extends BaseError {
  override readonly code = 'engine.token-unreadable'

  constructor(token: Address, cause: unknown) {
    super('Balance and allowance of the sell token cannot be read.', {
      cause,
      facts: { token },
      hint: 'Check that the address is an ERC-20 token of this chain, then try again.',
      retryable: true,
    })
  }
}

/** The owner holds less of the sell token than the order sells. */
export class BalanceTooLowError extends BaseError {
  override readonly code = 'engine.balance-too-low'

  constructor(facts: { token: Address; owner: Address; balance: bigint; required: bigint }) {
    super('The owner holds less than the order sells.', {
      facts,
      hint: 'Fund the owner, or sign an order for a smaller amount.',
    })
  }
}

/** The owner has not approved enough of the sell token. */
export class AllowanceTooLowError extends BaseError {
  override readonly code = 'engine.allowance-too-low'

  constructor(facts: {
    token: Address
    owner: Address
    spender: Address
    allowance: bigint
    required: bigint
  }) {
    super('The owner has not approved what the order sells.', {
      facts,
      hint: 'Approve exactly the required amount to the spender and hand the order in again.',
    })
  }
}
