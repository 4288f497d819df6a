/** Builders of orders for tests: a good one to start from, and any one that is well formed. */
import * as fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { type Address, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import type { Order } from '../../solver/intents/order.ts'

/** A well-known test key: for digests and signatures only, never for funds. */
export const ownerAccount = privateKeyToAccount(
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
)
/** Its address, lower-case. */
export const ownerAddress = toAddress(ownerAccount.address)

/** One chain and contract to sign for. */
export const domain = {
  chainId: 1,
  settlement: '0x5e771e0000000000000000000000000000000001',
} as const

/** A good order of {@link ownerAccount}, with changes. */
export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    owner: ownerAddress,
    sellToken: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
    buyToken: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
    receiver: ownerAddress,
    auctioneer: zeroAddress,
    amount: 10n ** 18n,
    limitStart: 3_000_000_000n,
    limitEnd: 2_900_000_000n,
    decayStart: 1_760_000_000,
    decayEnd: 1_760_000_060,
    validTo: 1_760_000_600,
    nonce: 7n,
    flags: 0,
    ...changes,
  }
}

/** Any address but zero. */
export const anyAddress: fc.Arbitrary<Address> = fc
  .bigInt({ min: 1n, max: 2n ** 160n - 1n })
  .map((value): Address => `0x${value.toString(16).padStart(40, '0')}`)

const anyAmount = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
  fc.bigInt({ min: 1n, max: 1_000n }),
  fc.constant(2n ** 128n - 1n),
)
const anyTime = fc.oneof(fc.integer({ min: 0, max: 2 ** 40 - 1 }), fc.integer({ min: 0, max: 99 }))

/** Any order that the settlement could fill. */
export const anyOrder: fc.Arbitrary<Order> = fc
  .record({
    owner: anyAddress,
    sellToken: anyAddress,
    buyToken: anyAddress,
    other: anyAddress,
    auctioneer: anyAddress,
    amount: anyAmount,
    limits: fc.tuple(anyAmount, anyAmount),
    decayStart: anyTime,
    decayEnd: anyTime,
    validTo: anyTime,
    nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    flags: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ sellToken, buyToken }) => sellToken !== buyToken)
  .map(({ other, limits: [x, y], ...fields }) => ({
    ...fields,
    receiver: (fields.flags & 1) === 0 ? fields.owner : other,
    auctioneer: (fields.flags & 2) === 0 ? zeroAddress : fields.auctioneer,
    limitStart: x > y ? x : y,
    limitEnd: x > y ? y : x,
  }))

/** Runs `action` and gives the code of the error that it threw, or `undefined` when it did not throw. */
export async function codeOfError(action: () => unknown): Promise<unknown> {
  try {
    await action()
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}
