/** What a kind may say to the laws of pools about its contract, and the form of one law. */

/** What a swap moved, and between which of the pool's tokens. */
export type Moved = {
  readonly indexIn: number
  readonly indexOut: number
  readonly amountIn: bigint
  readonly amountOut: bigint
}

/**
 * Base units by which the contract's own rounding may miss a law: a number, or what the state and what moved
 * make of it. Every kind that needs one says why.
 */
export type Slack<state> = bigint | ((state: state, moved: Moved) => bigint)

/** What a kind's contract does otherwise than the laws say in their strictest form. */
export type LawOptions<state> = {
  /** Units of the output that two swaps may pay more than one; default 0. */
  readonly splitSlack?: Slack<state>
  /** Units of the input that a trip there and back may gain; default 0. */
  readonly roundTripSlack?: Slack<state>
  /** Units that a larger swap may pay less (exact-in) or cost less (exact-out); default 0. */
  readonly monotoneSlack?: Slack<state>
  /** True where the contract takes tokens and may pay nothing for them, as V3 does with dust; default false. */
  readonly mayTakeForNothing?: boolean
  /** True where exact-out may pay more than asked, because its contract is told inputs only; default false. */
  readonly exactOutMayOverpay?: boolean
  /**
   * False where exact-out is a function of the contract that rounds on its own, so that one unit less might do
   * by exact-in; default true.
   */
  readonly exactOutIsLeast?: boolean
  /** Units of the output by which exact-in of what exact-out took may miss what that paid; default 0. */
  readonly consistencySlack?: Slack<state>
  /** What the pool holds of each token; without it the books are not looked at. */
  readonly holds?: (state: state) => readonly bigint[]
  /** What a swap sends out of the pool besides `amountOut`, as fees; default nothing. */
  readonly leaves?: (state: state, moved: Moved) => readonly bigint[]
  /** How near the float curve is to the exact swap, and from which amounts on. */
  readonly curve?: {
    /** Relative; default 1e-6. */
    readonly tolerance?: number
    /** Smallest amount in and out, base units, that is compared; default 10^9. */
    readonly from?: bigint
    /** False for states that are not compared; default all. */
    readonly when?: (state: state) => boolean
  }
  /** Divides the number of runs of the default run where one costs much; the long run is never shortened. */
  readonly cost?: number
}

/** One law, ready to be checked; `check` throws fast-check's report of the smallest counterexample. */
export type Law = { readonly name: string; readonly check: () => void }
