/** Text to values at the door of the API: amounts are canonical decimal strings, addresses come in either case. */
import { z } from 'zod'
import { type Address, toAddress } from '../core/hex.ts'

/** Base units: digits only, no leading zero, at most 2^128 - 1 and at least 1. */
export const amount = z
  .string()
  .regex(/^[1-9][0-9]{0,38}$/, 'a positive whole number of base units in decimal digits')
  .transform(BigInt)
  .refine((value) => value < 2n ** 128n, 'at most 2^128 - 1')

/** Wei per gas unit, 0 allowed. */
export const wei = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,29})$/, 'a whole number of wei in decimal digits')
  .transform(BigInt)

/** Twenty bytes of hex with 0x. */
export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hex digits')
  .transform((text): Address => toAddress(text))

/** 32 bytes of hex with 0x. */
export const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, '0x and 64 hex digits')
  .transform((text) => toAddress(text))

/** The pair and exactly one of the two amounts. */
export const pair = z.strictObject({
  chainId: z.coerce.number().int().min(1).optional(),
  sellToken: address,
  buyToken: address,
  sellAmount: amount.optional(),
  buyAmount: amount.optional(),
  gasPriceWei: wei.optional(),
})

const decimal = z.string().regex(/^(0|[1-9][0-9]{0,38})$/, 'a whole number in decimal digits')
const seconds = z.number().int().min(0)

/** A signed order as `isoprice sign` prints it: for the documentation; `parseSignedOrder` is what reads it. */
export const signedOrder = z.strictObject({
  order: z.strictObject({
    owner: address,
    sellToken: address,
    buyToken: address,
    receiver: address,
    auctioneer: address,
    amount: decimal,
    limitStart: decimal,
    limitEnd: decimal,
    decayStart: seconds,
    decayEnd: seconds,
    validTo: seconds,
    nonce: decimal,
    flags: z.number().int().min(0),
  }),
  digest: hash,
  chainId: z.number().int().min(1),
  settlement: address,
  funding: z.enum(['allowance', 'permit2']),
  signature: z.string().regex(/^0x([0-9a-fA-F]{2})+$/, 'bytes in hex with 0x'),
  /** The quote whose plan is to be executed while it holds. */
  quoteId: hash.optional(),
})
