/** What a comparison with recorded answers of contracts saw. */

/** Every entry is exact, infeasible (the contract refused it, and so do we) or a miss with its cause. */
export type VectorResult = {
  /** The pool kind. */
  readonly kind: string
  readonly entries: number
  readonly exact: number
  readonly infeasible: number
  readonly misses: readonly { readonly name: string; readonly cause: string }[]
}
