/** A stand-in for the node that a snapshot reader asks: answers its calls from a state. */
import type { Call } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import type { SnapshotReader } from '../../solver/pools/pool.ts'
import type { TickState, UniswapV4State } from '../../solver/pools/states.ts'
import { bitmapSlotOf, liquiditySlotOf, slot0Of, tickSlotOf } from '../../solver/pools/v4Storage.ts'

/** Answers one call: return data, or `undefined` where it reverts. */
export type Answer = (call: Call) => Hex | undefined

/** Runs `reader` to its end. */
export function readAll<state>(
  reader: SnapshotReader<state>,
  answer: Answer,
): { state: state | undefined; rounds: number; calls: number } {
  let [rounds, calls] = [0, 0]
  let step = reader.next()
  while (step.done !== true) {
    rounds += 1
    calls += step.value.length
    step = reader.next(step.value.map(answer))
  }
  return { state: step.value, rounds, calls }
}

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, '0')

/** What a V3 pool in `state` answers. */
export function v3Answers(state: TickState): Answer {
  const bitmaps = bitmapsOf(state)
  const ticks = new Map(state.ticks.map((tick) => [BigInt(tick.index), tick]))
  return ({ data }) => {
    const argument = BigInt.asIntN(256, BigInt(`0x${data.slice(10) || '0'}`))
    const tick = ticks.get(argument)
    switch (data.slice(0, 10)) {
      case '0x3850c7bd':
        return `0x${word(state.sqrtPriceX96)}${word(BigInt(state.tick))}${word(0n).repeat(5)}`
      case '0x1a686502':
        return `0x${word(state.liquidity)}`
      case '0xddca3f43':
        return `0x${word(BigInt(state.feePips))}`
      case '0xd0c93a7c':
        return `0x${word(BigInt(state.tickSpacing))}`
      case '0x5339c296':
        return `0x${word(bitmaps.get(Number(argument)) ?? 0n)}`
      case '0xf30dba93':
        return `0x${word(tick?.liquidityGross ?? 0n)}${word(tick?.liquidityNet ?? 0n)}${word(0n).repeat(6)}`
      default:
        return undefined
    }
  }
}

/** What the V4 PoolManager answers to `extsload(bytes32[])` from the given storage. */
export function storageAnswers(storage: ReadonlyMap<bigint, bigint>): Answer {
  return ({ data }) => {
    if (!data.startsWith('0xdbd035ff')) return undefined
    const words = data.slice(10).match(/.{64}/g) ?? []
    const [offset, count, ...slots] = words.map((each) => BigInt(`0x${each}`))
    if (offset !== 32n || count !== BigInt(slots.length)) return undefined
    return `0x${word(32n)}${word(count)}${slots.map((slot) => word(storage.get(slot) ?? 0n)).join('')}`
  }
}

/** The PoolManager's storage of one pool, laid out as StateLibrary reads it. */
export function v4StorageOf(state: UniswapV4State): Map<bigint, bigint> {
  const poolSlot = slot0Of(state.id)
  const slot0 =
    state.sqrtPriceX96 |
    (BigInt.asUintN(24, BigInt(state.tick)) << 160n) |
    (BigInt(state.protocolFee) << 184n) |
    (BigInt(state.feePips) << 208n)
  return new Map([
    [poolSlot, slot0],
    [liquiditySlotOf(state.id), state.liquidity],
    ...[...bitmapsOf(state)].map(([at, bits]) => [bitmapSlotOf(poolSlot, at), bits] as const),
    ...state.ticks.map(({ index, liquidityNet, liquidityGross = 0n }) => {
      const packed = (BigInt.asUintN(128, liquidityNet) << 128n) | liquidityGross
      return [tickSlotOf(poolSlot, index), packed] as const
    }),
  ])
}

function bitmapsOf({ ticks, tickSpacing }: TickState): Map<number, bigint> {
  const bitmaps = new Map<number, bigint>()
  for (const { index } of ticks) {
    const compressed = Math.floor(index / tickSpacing)
    const at = Math.floor(compressed / 256)
    bitmaps.set(at, (bitmaps.get(at) ?? 0n) | (1n << BigInt(compressed - at * 256)))
  }
  return bitmaps
}
