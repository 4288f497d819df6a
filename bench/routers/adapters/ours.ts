/** Our own router, asked in the same way as the others. */
import { findQuote } from '../../../solver/route/quote.ts'
import type { OpenRouter, Router } from '../plan.ts'
import type { BenchUniverse } from '../universes.ts'

/** The best plan, loops on credit included. */
export const ours: Router = { canOpen: () => true, open: (universe) => open(universe, false) }

/** Plans without credit only: what the other routers choose from. */
export const oursWithoutCredit: Router = {
  canOpen: () => true,
  open: (universe) => open(universe, true),
}

async function open({ view, pools }: BenchUniverse, executable: boolean): Promise<OpenRouter> {
  return {
    pools: pools.length,
    ask: async ({ tokenIn, tokenOut, amountIn }, gasPrice) => {
      const quote = findQuote(view, { tokenIn, tokenOut, amountIn }, { gasPrice, executable })
      if (quote === undefined) return undefined
      const legs = quote.route.legs.map((leg) => ({
        pool: leg.pool,
        tokenIn: leg.tokenIn,
        tokenOut: leg.tokenOut,
        amountIn: String(leg.amountIn),
      }))
      const plan = { form: 'legs', credit: quote.route.credit, legs } as const
      return { plan, claim: String(quote.amountOut) }
    },
  }
}
