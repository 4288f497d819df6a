/** Pancake V3 pools against their published bytecode: seeded swaps, each asked of the pool itself. */
import type { UniswapV3State } from '../../../solver/pools/states.ts'
import type { RoutedState } from '../../../solver/route/routed.ts'
import { compareStates, type Comparison } from '../bytecode.ts'
import { createPancakeBench, type PancakeBench } from '../pancake/bench.ts'
import type { Answer, AskSome } from '../prober.ts'

/**
 * Compares `count` swaps of `seed`, spread over pools of every fee, several decimals, ranges and gaps: amounts and
 * price, tick and liquidity after. Exact-out takes exactly what the pool's own exact-out takes.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter: (state: UniswapV3State) => UniswapV3State = (state) => state,
): Promise<Comparison> {
  const bench = await createPancakeBench()
  try {
    return await compareStates(bench.states.map(alter), askerOn(bench), { count, seed })
  } finally {
    await bench.chain.close()
  }
}

function askerOn({ chain, shim, abi }: PancakeBench) {
  return (state: RoutedState): AskSome =>
    async (asked) => {
      const answers = await chain.ask({ to: shim, abi, name: 'tryV3', args: [state.id, asked] })
      return answers as Answer[] // the shape that the shim declares
    }
}
