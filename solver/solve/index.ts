/** Every solver strategy. A new one is one file and one line here. */
import type { Solver } from '../auction/auction.ts'
import { direct } from './direct.ts'

/** Solvers by name; an auction asks each of them. */
export const solvers = { direct } as const satisfies Record<string, Solver>
