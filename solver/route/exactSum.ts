/** The pools' bounds added up in integers, by what plans must look like. Shares no code with the search. */
import type { Address } from '../core/hex.ts'
import { max, min, mulDivDown } from '../core/rounding.ts'
import { slackBits } from './exactBound.ts'

/** One pool with what it adds between each two of its tokens. A plan uses one of its ways at most. */
export type BoundEdge = {
  readonly cost: bigint
  readonly slack: bigint
  readonly ways: readonly {
    readonly from: Address
    readonly to: Address
    readonly surplus: bigint
  }[]
}

/** A way of a pool in the sum: `left` is its surplus less its cost, moved by {@link link}. */
type Way = { readonly from: Address; readonly to: Address; left: bigint }

/**
 * Σ max(0, most of surplus - cost), less what the cheapest way from `tokenIn` to `tokenOut` takes off it; and the
 * slack. A plan that holds a way counts its pools with cost and the surplus of that direction, whatever they add.
 */
export function sumOfEdges(
  edges: readonly BoundEdge[],
  tokenIn: Address,
  tokenOut: Address,
): { readonly total: bigint; readonly slack: bigint } {
  const pools = edges.map(({ cost, ways }) =>
    ways.map(({ from, to, surplus }): Way => ({ from, to, left: surplus - cost })),
  )
  const hasCosts = edges.some(({ cost }) => cost > 0n)
  const moved = hasCosts ? linkAll(pools, new Set([tokenIn, tokenOut])) : 0n
  const open = new Map<Address, { to: Address; length: bigint }[]>()
  let total = 0n
  for (const pool of pools) {
    const counted = bestOf(pool)
    if (counted > 0n) total += counted
    for (const { from, to, left } of pool) {
      const leaving = open.get(from) ?? []
      leaving.push({ to, length: max(0n, counted) - left })
      open.set(from, leaving)
    }
  }
  const way = hasCosts ? shortest(open, tokenIn, tokenOut) : 0n
  const blur = edges.reduce((sum, { cost, slack, ways }) => {
    const isUsed = ways.some(({ surplus }) => surplus > 0n)
    return sum + slack + (isUsed ? cost >> slackBits : 0n)
  }, 0n)
  return { total: total - way, slack: blur + ((way + moved) >> slackBits) }
}

function bestOf(ways: readonly Way[]): bigint {
  return ways.reduce((best, { left }) => max(best, left), ways[0]?.left ?? 0n)
}

/** What meets at a token: by pool, the ways that pay it and those that take it. */
type Meeting = { readonly payers: Way[][]; readonly takers: Way[][] }

/** Links payers and takers at every inner token, tokens ascending. Returns the sum of what was moved. */
function linkAll(pools: readonly (readonly Way[])[], ends: ReadonlySet<Address>): bigint {
  const meetings = new Map<Address, Meeting>()
  for (const pool of pools)
    for (const token of new Set(pool.flatMap(({ from, to }) => [from, to]))) {
      const meeting = meetings.get(token) ?? { payers: [], takers: [] }
      meetings.set(token, meeting)
      meeting.payers.push(pool.filter(({ to }) => to === token))
      meeting.takers.push(pool.filter(({ from }) => from === token))
    }
  let sum = 0n
  for (const token of [...meetings.keys()].sort()) {
    const { payers = [], takers = [] } = ends.has(token) ? {} : (meetings.get(token) ?? {})
    sum += link(payers, takers) + link(takers, payers)
  }
  return sum
}

/**
 * What a pool pays of an inner token another one takes, or the plan does better without it; and the other way
 * round. So any part of a giver's gain may be handed to all receivers, and no plan's sum falls: as much as leaves
 * the receivers without gain.
 */
function link(givers: readonly (readonly Way[])[], receivers: readonly (readonly Way[])[]): bigint {
  const all = receivers.flat()
  const gains = givers.map((ways) => max(0n, bestOf(ways)))
  const sum = gains.reduce((total, gain) => total + gain, 0n)
  const room = all.length === 0 ? sum : -bestOf(all)
  if (room <= 0n || sum === 0n) return 0n
  const moved = min(room, sum)
  for (const [at, ways] of givers.entries()) {
    const part = mulDivDown(gains[at] ?? 0n, moved, sum)
    for (const way of ways) way.left -= part
  }
  for (const way of all) way.left += moved
  return moved
}

function shortest(
  ways: ReadonlyMap<Address, readonly { to: Address; length: bigint }[]>,
  tokenIn: Address,
  tokenOut: Address,
): bigint {
  const open = new Map([[tokenIn, 0n]])
  const done = new Set<Address>()
  while (open.size > 0) {
    const [token, length] = [...open].reduce((least, each) => (each[1] < least[1] ? each : least))
    if (token === tokenOut) return length
    open.delete(token)
    done.add(token)
    for (const way of ways.get(token) ?? []) {
      const there = length + way.length
      if (!done.has(way.to) && there < (open.get(way.to) ?? there + 1n)) open.set(way.to, there)
    }
  }
  return 0n
}
