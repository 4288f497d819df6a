/**
 * Gains of pools that no plan can have alone, handed to those that a plan needs beside them; in floats.
 *
 * What a pool pays of a token that is neither end another one takes, or the plan does better without it; and what
 * one takes another one pays. So Σ over the takers of "is used" is at least "is used" of any payer, and their
 * difference times any amount may be added to a plan's sum: the bound stays one. exactSum.ts has the same in integers.
 *
 * Source: Lagrangian relaxation of the linking constraints.
 */
import { at, indexAt, itemAt } from './arrays.ts'
import type { Graph } from './graph.ts'

/**
 * Moves, at each inner node in turn, the gains of those who pay it to those who take it, and the other way round: as
 * much as leaves these without gain.
 *
 * @param forward - By position: surplus less cost of taking token 0. Changed, as `backward` is.
 * @returns The sum of what was moved.
 */
export function linkAll(
  graph: Graph,
  [source, target]: readonly [number, number],
  forward: Float64Array,
  backward: Float64Array,
): number {
  const { node0 } = graph.kernel
  let sum = 0
  for (let node = 0; node < graph.poolsAt.length; node++) {
    if (node === source || node === target) continue
    const takers = (i: number) => (indexAt(node0, i) === node ? forward : backward)
    const payers = (i: number) => (indexAt(node0, i) === node ? backward : forward)
    sum += link(graph, node, payers, takers) + link(graph, node, takers, payers)
  }
  return sum
}

/** The array that holds a position's gain in one role at a node. */
type Role = (position: number) => Float64Array

function link(graph: Graph, node: number, givers: Role, receivers: Role): number {
  const positions = itemAt(graph.poolsAt, node)
  let most = -Infinity
  for (const i of positions) most = Math.max(most, at(receivers(i), i))
  if (!(most < 0)) return 0
  let gains = 0
  for (let k = 0; k < positions.length; k = nextPool(graph, positions, k))
    gains += gainOf(graph, positions, k, givers)
  if (!(gains > 0)) return 0
  const part = Math.min(1, -most / gains)
  for (let k = 0; k < positions.length;) {
    const next = nextPool(graph, positions, k)
    const moved = part * gainOf(graph, positions, k, givers)
    for (; k < next; k++) {
      const i = indexAt(positions, k)
      givers(i)[i] = at(givers(i), i) - moved
    }
  }
  for (const i of positions) receivers(i)[i] = at(receivers(i), i) + part * gains
  return part * gains
}

/** Where the positions of the next pool begin: those of one pool follow each other. */
function nextPool({ owner }: Graph, positions: Int32Array, k: number): number {
  const own = indexAt(owner, indexAt(positions, k))
  let next = k + 1
  while (next < positions.length && indexAt(owner, indexAt(positions, next)) === own) next++
  return next
}

/** The most that the pool whose positions begin at `k` gains in a role, at least 0. */
function gainOf(graph: Graph, positions: Int32Array, k: number, role: Role): number {
  const next = nextPool(graph, positions, k)
  let gain = 0
  for (let place = k; place < next; place++) {
    const i = indexAt(positions, place)
    gain = Math.max(gain, at(role(i), i))
  }
  return gain
}
