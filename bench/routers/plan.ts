/** What a router answers: a plan in one of three forms, and the port that each router is put behind. */
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import type { PoolId } from '../../solver/pools/pool.ts'
import type { BenchPool, BenchRequest, BenchUniverse } from './universes.ts'

/** One pool crossed. */
export type Hop = {
  readonly pool: PoolId
  readonly tokenIn: Address
  readonly tokenOut: Address
}

/** `pool` crossed from the token with the address `from`, in either case of letters. */
export function hopOf(pool: BenchPool, from: string): Hop {
  const [token0 = zeroAddress, token1 = zeroAddress] = pool.tokens
  return from.toLowerCase() === token0
    ? { pool: pool.id, tokenIn: token0, tokenOut: token1 }
    : { pool: pool.id, tokenIn: token1, tokenOut: token0 }
}

/** A router's plan. Amounts are base units as text: plans cross from one process to another. */
export type Plan =
  /** Paths side by side; each hop takes all that the one before paid. */
  | {
      readonly form: 'paths'
      readonly paths: readonly { readonly amountIn: string; readonly hops: readonly Hop[] }[]
    }
  /** A network: what a token holds is split over its flows as their sizes are. */
  | { readonly form: 'flows'; readonly flows: readonly (Hop & { readonly size: number })[] }
  /** Exact legs in execution order. */
  | {
      readonly form: 'legs'
      readonly credit: boolean
      readonly legs: readonly (Hop & { readonly amountIn: string })[]
    }

/** A plan with what the router itself says that it brings, in base units before gas, where it says so. */
export type Answer = { readonly plan: Plan; readonly claim?: string | undefined }

/** Answers one request at a gas price (wei per gas unit; 0 leaves gas out); `undefined` for no route. */
export type Ask = (request: BenchRequest, gasPrice: bigint) => Promise<Answer | undefined>

/** A router that is ready to be asked. */
export type OpenRouter = {
  /** Pools that it was given; fewer than the market has where it cannot name them all. */
  readonly pools: number
  readonly ask: Ask
}

/** A router before it knows its market. */
export type Router = {
  /** False for markets that the router has no pools of the kind for. */
  canOpen(universe: BenchUniverse): boolean
  open(universe: BenchUniverse): Promise<OpenRouter>
}

/** What a router's process tells: when it is ready, each answer, and its end. */
export type Report =
  | { readonly type: 'open'; readonly pools: number; readonly rssBytes: number }
  | {
      readonly type: 'answer'
      readonly request: string
      readonly gasPrice: string
      readonly cpuMs: number
      readonly plan?: Plan | undefined
      readonly claim?: string | undefined
      /** What the router threw. */
      readonly error?: string | undefined
    }
  | { readonly type: 'unfit' }
  | { readonly type: 'end'; readonly rssBytes: number }
