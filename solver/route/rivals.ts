/**
 * Pools of more than two tokens in the dual: a plan crosses each between one pair of its tokens, so their pairs are
 * rivals, and the dual counts what the best of them wins. That maximum is smoothed: pairs share a pool by how near
 * to the best they are, more sharply from stage to stage.
 */
import { at, indexAt } from './arrays.ts'
import type { Graph } from './graph.ts'
import type { Responses } from './kernel.ts'
import type { Network } from './network.ts'

/** Slots of a network that belong to one pool, and how sharply the best of them is told from the rest. */
export type Rivals = {
  /** Group g has the slots `start[g]` to `end[g]` - 1. */
  readonly start: Int32Array
  readonly end: Int32Array
  /** 1 for slots in a group. */
  readonly isGrouped: Uint8Array
  /** Value by which a pair may be behind the best and still have a good share, by group. */
  readonly width: Float64Array
}

/** Shares of what a pool's best pair wins, from stage to stage. */
export const rivalWidths = [0.3, 0.1, 0.03, 0.01] as const

/** The groups of `network`, or `undefined` where every pool stands alone. */
export function rivalsOf({ owner, hasRivals }: Graph, { pools }: Network): Rivals | undefined {
  if (!hasRivals) return undefined
  const start: number[] = []
  const end: number[] = []
  const isGrouped = new Uint8Array(pools.length)
  for (let slot = 0; slot < pools.length; slot++) {
    let next = slot + 1
    const own = indexAt(owner, indexAt(pools, slot))
    while (next < pools.length && indexAt(owner, indexAt(pools, next)) === own) next++
    if (next - slot > 1) {
      start.push(slot)
      end.push(next)
      isGrouped.fill(1, slot, next)
    }
    slot = next - 1
  }
  return start.length === 0
    ? undefined
    : {
        start: Int32Array.from(start),
        end: Int32Array.from(end),
        isGrouped,
        width: new Float64Array(start.length),
      }
}

/** `rivals` with each group's width set to `part` of what its best pair wins at `surplus`, by slot. */
export function withWidths(rivals: Rivals, surplus: Float64Array, part: number): Rivals {
  const { start, end } = rivals
  const width = Float64Array.from(start, (from, g) => {
    let best = 0
    for (let slot = from; slot < indexAt(end, g); slot++) best = Math.max(best, at(surplus, slot))
    return part * best
  })
  return { ...rivals, width }
}

/**
 * Scales the responses of group `g` to each pair's share of the pool.
 *
 * @param prices - Of the tail, by slot: what a pair's flow is valued at.
 * @returns What the pool wins, at least its best pair's surplus and above it by no more than the width allows.
 */
export function mix(
  { start, end, width }: Rivals,
  g: number,
  into: Responses,
  prices: (slot: number) => number,
): number {
  const [from, to] = [indexAt(start, g), indexAt(end, g)]
  let best = 0
  let active = 0
  for (let slot = from; slot < to; slot++) {
    best = Math.max(best, at(into.surplus, slot))
    if (at(into.surplus, slot) > 0) active++
  }
  const scale = at(width, g)
  if (active < 2) return best
  // At no width the best takes all; where nothing was won before, a share of what is won now tells them apart.
  const unit = scale > 0 ? scale : 0.01 * best
  let sum = Math.exp(-best / unit)
  for (let slot = from; slot < to; slot++) {
    const own = at(into.surplus, slot)
    if (own > 0) sum += Math.exp((own - best) / unit) - Math.exp(-best / unit)
  }
  for (let slot = from; slot < to; slot++) {
    const own = at(into.surplus, slot)
    if (own <= 0) continue
    const share = Math.exp((own - best) / unit) / sum
    scaleSlot(into, slot, share, prices(slot), unit)
  }
  return best + unit * Math.log(sum)
}

/** Scales one slot to `share`, and adds the weight of the share's own change, `share (1 - share) flow² / width`. */
export function scaleSlot(
  into: Responses,
  slot: number,
  share: number,
  price0: number,
  width: number,
): number {
  const flow = Math.abs(price0 * at(into.net0, slot))
  const full = at(into.weight, slot)
  into.net0[slot] = share * at(into.net0, slot)
  into.net1[slot] = share * at(into.net1, slot)
  into.weight[slot] = share * full + ((share * (1 - share)) / width) * flow * flow
  into.stiffness[slot] = at(into.stiffness, slot) + (1 - share) * full
  return share
}
