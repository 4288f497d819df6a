/**
 * What a settlement pays for its place in a block: base fee ahead, tip, and the cap over both.
 *
 * Source: EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
 */
import { type FeeBlock, nextBaseFee } from '../core/baseFee.ts'
import { BaseError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { max, min, mulDivDown, mulDivUp } from '../core/rounding.ts'

/** The two fee fields of a transaction, in wei per gas. */
export type FeeFields = {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/**
 * The highest base fee that `blocks` blocks after one of `baseFee` can ask for, in wei per gas:
 * `blocks` times `b * 1125 / 1000 + 1`; 1.424 times `baseFee` for three. Holds for even gas limits,
 * which is every client's default; an odd one can exceed it by one part in its target.
 */
export function maxBaseFee(baseFee: bigint, blocks: number): bigint {
  let highest = baseFee
  for (let block = 0; block < blocks; block += 1) highest = mulDivDown(highest, 1_125n, 1_000n) + 1n
  return highest
}

/** `tip` raised by 15 % for each missed block, at most `limits.tipRaises` times, rounded up. */
export function raiseTip(tip: bigint, missedBlocks: number): bigint {
  const raises = BigInt(Math.min(missedBlocks, limits.tipRaises))
  return mulDivUp(tip, 115n ** raises, 100n ** raises)
}

/**
 * The most that one gas may cost: the configured cap, and no more than a share of what the
 * settlement earns when that is known.
 *
 * @param cap - Configured, in wei per gas.
 * @param surplus - What the settlement earns in wei, its gas limit, and the share of it in 1/100 %
 *   that may go into fees.
 */
export function feeCap(
  cap: bigint,
  surplus?: { readonly surplusWei: bigint; readonly gasLimit: bigint; readonly shareBps: number },
): bigint {
  if (surplus === undefined) return cap
  const { surplusWei, gasLimit, shareBps } = surplus
  return min(cap, mulDivDown(surplusWei, BigInt(shareBps), 10_000n * max(gasLimit, 1n)))
}

/**
 * The fee fields of one transaction.
 *
 * The maximum covers the base fee to the deadline and the tip; where the cap leaves less room, the
 * maximum is the cap, and the tip what the cap leaves over the next base fee.
 *
 * @param head - The block that the transaction follows.
 * @param options - `tip` and `cap` in wei per gas, both above 0; `blocks` to the deadline, from 1.
 * @throws {FeeCapError} `submit.fee-cap`, when the cap does not pay the next base fee and 1 wei.
 */
export function feeFields(
  head: FeeBlock,
  { tip, cap, blocks }: { readonly tip: bigint; readonly cap: bigint; readonly blocks: number },
): FeeFields {
  const next = nextBaseFee(head)
  if (tip <= 0n || cap <= next) throw new FeeCapError({ cap, baseFee: next, tip })
  const maxFeePerGas = min(max(maxBaseFee(head.baseFeePerGas, blocks), next) + tip, cap)
  return { maxFeePerGas, maxPriorityFeePerGas: min(tip, maxFeePerGas - next) }
}

/** Gas costs more than the configuration, or the settlement's surplus, allows. */
export class FeeCapError extends BaseError {
  override readonly code = 'submit.fee-cap'

  constructor(facts: { cap: bigint; baseFee: bigint; tip: bigint }) {
    super('The fee cap does not pay for the next block.', {
      facts,
      hint: 'Wait until the base fee falls, or raise the cap; the tip must be above 0.',
      retryable: true,
    })
  }
}
