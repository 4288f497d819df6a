/**
 * Where Uniswap V4 keeps a pool in the PoolManager's storage, and how to read many slots at once.
 *
 * Source: https://github.com/Uniswap/v4-core/blob/v4.0.0/src/libraries/StateLibrary.sol
 */
import { keccak256 } from 'viem/utils'
import type { Call } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import { v4PoolManager } from './deployments.ts'
import { toWord, wordAt } from './logWords.ts'

/** Slot of the mapping from pool id to pool. */
const poolsSlot = 6n
const liquidityOffset = 3n
const ticksOffset = 4n
const bitmapOffset = 5n
/** Selector of `extsload(bytes32[])`. */
const extsload = '0xdbd035ff'
/** Slots in one call: 500 cold reads cost about 1.2 million gas, far below any node's limit. */
const slotsPerCall = 500

/** Slot of the packed price, tick and fees of pool `id`. */
export function slot0Of(id: Hex): bigint {
  return mappingSlot(BigInt(id), poolsSlot)
}

/** Slot of the active liquidity of pool `id`. */
export function liquiditySlotOf(id: Hex): bigint {
  return slot0Of(id) + liquidityOffset
}

/** Slot of one word of the tick bitmap; `poolSlot` is {@link slot0Of} the pool. */
export function bitmapSlotOf(poolSlot: bigint, word: number): bigint {
  return mappingSlot(BigInt(word), poolSlot + bitmapOffset)
}

/** Slot of the liquidity of one tick: the net in the upper half, the gross in the lower. */
export function tickSlotOf(poolSlot: bigint, tick: number): bigint {
  return mappingSlot(BigInt(tick), poolSlot + ticksOffset)
}

function mappingSlot(key: bigint, slot: bigint): bigint {
  return BigInt(keccak256(`0x${toWord(key)}${toWord(slot)}`))
}

/** The calls that read `slots` from the PoolManager, in order. */
export function readSlots(slots: readonly bigint[]): readonly Call[] {
  return chunks(slots).map((chunk) => ({
    target: v4PoolManager.factory,
    value: 0n,
    data: `${extsload}${toWord(32n)}${toWord(BigInt(chunk.length))}${chunk.map(toWord).join('')}`,
  }))
}

/** The values that {@link readSlots} of as many slots returned, or `undefined` when a call failed. */
export function slotValues(
  count: number,
  results: readonly (Hex | undefined)[],
): readonly bigint[] | undefined {
  const values: bigint[] = []
  for (const result of results) {
    if (result === undefined || result === '0x') return undefined
    const length = Math.min(slotsPerCall, count - values.length)
    for (let at = 0; at < length; at += 1) values.push(wordAt(result, 2 + at))
  }
  return values.length === count ? values : undefined
}

function chunks(slots: readonly bigint[]): bigint[][] {
  const found: bigint[][] = []
  for (let from = 0; from < slots.length; from += slotsPerCall)
    found.push(slots.slice(from, from + slotsPerCall))
  return found
}
