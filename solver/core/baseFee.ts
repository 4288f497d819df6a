/**
 * The base fee of the next block, which is a function of this one.
 *
 * Source: EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
 */
import { divDown, max, mulDivDown } from './rounding.ts'

/** What EIP-1559 reads of a block. Wei per gas, and gas units. */
export type FeeBlock = {
  readonly baseFeePerGas: bigint
  readonly gasUsed: bigint
  readonly gasLimit: bigint
}

/** Half of the gas limit is the target, and a full block moves the fee by an eighth. */
const elasticity = 2n
const changeDenominator = 8n

/** The base fee of the block after `parent`, in wei per gas: exactly what its builder must use. */
export function nextBaseFee({ baseFeePerGas, gasUsed, gasLimit }: FeeBlock): bigint {
  const target = divDown(gasLimit, elasticity)
  if (gasUsed === target || target === 0n) return baseFeePerGas
  const distance = gasUsed > target ? gasUsed - target : target - gasUsed
  const change = divDown(mulDivDown(baseFeePerGas, distance, target), changeDenominator)
  return gasUsed > target ? baseFeePerGas + max(change, 1n) : baseFeePerGas - change
}
