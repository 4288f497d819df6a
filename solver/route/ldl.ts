/**
 * Sparse LDLᵀ of weighted graph Laplacians: the order and the pattern are found once per topology, then each
 * Newton step only does the arithmetic.
 *
 * Source: T. A. Davis, "Algorithm 849: A concise sparse Cholesky factorization package", ACM TOMS 31 (2005),
 * for the up-looking form; minimum degree after Tinney and Walker (1967).
 */
import { at, indexAt, itemAt } from './arrays.ts'

/** The elimination order of a graph and the pattern of its factor. */
export type Symbolic = {
  readonly size: number
  readonly edgeCount: number
  /** Elimination place of each node. */
  readonly place: Int32Array
  /** Column j of the factor holds the rows rowOf[columnStart[j]] to rowOf[columnStart[j + 1] - 1], ascending. */
  readonly columnStart: Int32Array
  readonly rowOf: Int32Array
  /** Row k has entries in the columns patternOf[patternStart[k]] …, ascending, stored at slotOf[…]. */
  readonly patternStart: Int32Array
  readonly patternOf: Int32Array
  readonly slotOf: Int32Array
  /** Place of each edge's earlier and later end. */
  readonly edgeEarly: Int32Array
  readonly edgeLate: Int32Array
  /** Edges by their later end: row k takes the edges rowEdges[rowEdgeStart[k]] …. */
  readonly rowEdgeStart: Int32Array
  readonly rowEdges: Int32Array
}

/** Finds order and pattern of the graph of `size` nodes with the given edges (no loops, no duplicates). */
export function analyse(size: number, tails: Int32Array, heads: Int32Array): Symbolic {
  const edgeCount = tails.length
  const { place, columns } = eliminate(size, tails, heads)
  const columnStart = new Int32Array(size + 1)
  for (let j = 0; j < size; j++)
    columnStart[j + 1] = indexAt(columnStart, j) + itemAt(columns, j).length
  const rowOf = Int32Array.from(columns.flat())
  const counts = new Int32Array(size + 1)
  for (const row of rowOf) counts[row + 1] = indexAt(counts, row + 1) + 1
  const patternStart = cumulate(counts)
  const filled = patternStart.slice()
  const patternOf = new Int32Array(rowOf.length)
  const slotOf = new Int32Array(rowOf.length)
  for (let j = 0; j < size; j++)
    for (let slot = indexAt(columnStart, j); slot < indexAt(columnStart, j + 1); slot++) {
      const row = indexAt(rowOf, slot)
      const free = indexAt(filled, row)
      patternOf[free] = j
      slotOf[free] = slot
      filled[row] = free + 1
    }
  const edgeEarly = new Int32Array(edgeCount)
  const edgeLate = new Int32Array(edgeCount)
  const edgeCounts = new Int32Array(size + 1)
  for (let e = 0; e < edgeCount; e++) {
    const a = indexAt(place, indexAt(tails, e))
    const b = indexAt(place, indexAt(heads, e))
    edgeEarly[e] = Math.min(a, b)
    const late = Math.max(a, b)
    edgeLate[e] = late
    edgeCounts[late + 1] = indexAt(edgeCounts, late + 1) + 1
  }
  const rowEdgeStart = cumulate(edgeCounts)
  const edgeFilled = rowEdgeStart.slice()
  const rowEdges = new Int32Array(edgeCount)
  for (let e = 0; e < edgeCount; e++) {
    const late = indexAt(edgeLate, e)
    const free = indexAt(edgeFilled, late)
    rowEdges[free] = e
    edgeFilled[late] = free + 1
  }
  return {
    size,
    edgeCount,
    place,
    columnStart,
    rowOf,
    patternStart,
    patternOf,
    slotOf,
    edgeEarly,
    edgeLate,
    rowEdgeStart,
    rowEdges,
  }
}

/** Minimum degree: eliminate a node of least degree, join its neighbours, repeat. Ties go to the first node. */
function eliminate(size: number, tails: Int32Array, heads: Int32Array) {
  const neighbours = Array.from({ length: size }, () => new Set<number>())
  for (let e = 0; e < tails.length; e++) {
    itemAt(neighbours, indexAt(tails, e)).add(indexAt(heads, e))
    itemAt(neighbours, indexAt(heads, e)).add(indexAt(tails, e))
  }
  const place = new Int32Array(size).fill(-1)
  const columnNodes: number[][] = []
  for (let step = 0; step < size; step++) {
    let best = -1
    let degree = Infinity
    for (let node = 0; node < size && degree > 1; node++) {
      const own = itemAt(neighbours, node).size
      if (indexAt(place, node) >= 0 || own >= degree) continue
      best = node
      degree = own
    }
    place[best] = step
    const around = [...itemAt(neighbours, best)]
    columnNodes.push(around)
    for (const a of around) {
      const set = itemAt(neighbours, a)
      set.delete(best)
      for (const b of around) if (b !== a) set.add(b)
    }
  }
  const columns = columnNodes.map((nodes) =>
    nodes.map((node) => indexAt(place, node)).sort((a, b) => a - b),
  )
  return { place, columns }
}

function cumulate(counts: Int32Array): Int32Array {
  const sums = counts.slice()
  for (let k = 1; k < sums.length; k++) sums[k] = indexAt(sums, k) + indexAt(sums, k - 1)
  return sums
}

/** Solves Laplacian systems of one topology; holds only its own scratch arrays. */
export type LaplacianSolver = {
  /**
   * Solves (D + Laplacian(weights)) x = right, in place of `right`.
   *
   * @param diagonal - D by node, non-negative; positive somewhere in each component.
   * @param weights - By edge, non-negative.
   */
  solve(diagonal: Float64Array, weights: Float64Array, right: Float64Array): Float64Array
}

/** A solver for the topology of `symbolic`. */
export function createLaplacianSolver(symbolic: Symbolic): LaplacianSolver {
  const { size } = symbolic
  const factor = new Float64Array(symbolic.rowOf.length)
  const pivots = new Float64Array(size)
  const row = new Float64Array(size)
  const x = new Float64Array(size)
  return {
    solve(diagonal, weights, right) {
      for (let node = 0; node < size; node++) {
        pivots[indexAt(symbolic.place, node)] = at(diagonal, node)
        x[indexAt(symbolic.place, node)] = at(right, node)
      }
      for (let e = 0; e < symbolic.edgeCount; e++) {
        const early = indexAt(symbolic.edgeEarly, e)
        const late = indexAt(symbolic.edgeLate, e)
        pivots[early] = at(pivots, early) + at(weights, e)
        pivots[late] = at(pivots, late) + at(weights, e)
      }
      factorise(symbolic, weights, factor, pivots, row)
      substitute(symbolic, factor, pivots, x)
      for (let node = 0; node < size; node++) right[node] = at(x, indexAt(symbolic.place, node))
      return right
    },
  }
}

function factorise(
  symbolic: Symbolic,
  weights: Float64Array,
  factor: Float64Array,
  pivots: Float64Array,
  row: Float64Array,
): number {
  const { size, columnStart, rowOf, patternStart, patternOf, slotOf } = symbolic
  for (let k = 0; k < size; k++) {
    const edgesEnd = indexAt(symbolic.rowEdgeStart, k + 1)
    for (let at0 = indexAt(symbolic.rowEdgeStart, k); at0 < edgesEnd; at0++) {
      const e = indexAt(symbolic.rowEdges, at0)
      row[indexAt(symbolic.edgeEarly, e)] = -at(weights, e)
    }
    let pivot = at(pivots, k)
    const end = indexAt(patternStart, k + 1)
    for (let p = indexAt(patternStart, k); p < end; p++) {
      const j = indexAt(patternOf, p)
      const slot = indexAt(slotOf, p)
      const value = at(row, j)
      row[j] = 0
      for (let q = indexAt(columnStart, j); q < slot; q++) {
        const i = indexAt(rowOf, q)
        row[i] = at(row, i) - at(factor, q) * value
      }
      const l = value / at(pivots, j)
      factor[slot] = l
      pivot -= l * value
    }
    // Cancellation may leave nothing of a pivot; a Laplacian with a positive diagonal has none below this.
    const floor = 1e-15 * at(pivots, k)
    pivots[k] = pivot > floor ? pivot : floor
  }
  return size
}

function substitute(
  { size, columnStart, rowOf }: Symbolic,
  factor: Float64Array,
  pivots: Float64Array,
  x: Float64Array,
): number {
  for (let j = 0; j < size; j++) {
    const value = at(x, j)
    for (let q = indexAt(columnStart, j); q < indexAt(columnStart, j + 1); q++) {
      const i = indexAt(rowOf, q)
      x[i] = at(x, i) - at(factor, q) * value
    }
  }
  for (let j = size - 1; j >= 0; j--) {
    let value = at(x, j) / at(pivots, j)
    for (let q = indexAt(columnStart, j); q < indexAt(columnStart, j + 1); q++)
      value -= at(factor, q) * at(x, indexAt(rowOf, q))
    x[j] = value
  }
  return size
}
