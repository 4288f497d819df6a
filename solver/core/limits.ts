/** Every bound of a loop, a queue or a size, each with why it has that value (house 5.9). */

/** Bounds that hold for every deployment. */
export const limits = {
  /** Largest token amount of an order: uint128 on chain, so a product of two fits 256 bits. */
  amountMax: 2n ** 128n - 1n,
  /** Oldest head a quote may be made on, in seconds: two slots of Ethereum. */
  viewAgeSeconds: 24n,
  /** Legs in one plan. 255 fits the program's one-byte count; gas ends a plan long before. */
  legs: 255,
} as const
