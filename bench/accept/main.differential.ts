/** 30,000 seeded swaps of our pool maths against the real bytecode of Uniswap V2, V3 and V4. */
import type { PoolKind } from '../../solver/pools/index.ts'
import { compareWithBytecode, withDearerFee } from '../../test/helpers/bytecode.ts'
import { compareWithSdk } from '../../test/helpers/sdkComparison.ts'
import { createProbedChain, type ProbedChain } from '../../test/helpers/prober.ts'
import type { AcceptCheck } from './check.ts'

const kinds = ['uniswapV2', 'uniswapV3', 'uniswapV4'] as const satisfies readonly PoolKind[]
const swapsPerKind = 10_000
const controlSwaps = 100
const sdkSwaps = 1_000
const seed = 20_260_101
/** Differences shown in full; one bug makes thousands of them. */
const shown = 5

const check: AcceptCheck = {
  id: 'main.differential',
  threshold:
    '0 differences in 10,000 swaps each of V2, V3, V4 against bytecode, 1,000 of V3 against the SDK; a fee of a millionth more is noticed',
  async run(say) {
    const chain = await createProbedChain()
    try {
      return await compareAll(chain, say)
    } finally {
      await chain.close()
    }
  },
}

export default check

async function compareAll(chain: ProbedChain, say: (line: string) => void) {
  const figures: string[] = []
  let ok = true
  for (const kind of kinds) {
    const seen = await compareWithBytecode(chain, kind, swapsPerKind, seed)
    const control = await compareWithBytecode(chain, kind, controlSwaps, seed, withDearerFee)
    const { swaps, statesCompared, partial, crossed, differences } = seen
    for (const difference of differences.slice(0, shown)) say(difference)
    say(
      `${kind}: ${swaps} swaps, ${statesCompared} states, ${partial} partial, ${crossed} crossings`,
    )
    figures.push(`${kind} ${differences.length}/${swaps} (control ${control.differences.length})`)
    const isSeeing = control.differences.length > 0
    ok &&= differences.length === 0 && swaps === swapsPerKind && isSeeing
  }
  for (const side of ['in', 'out'] as const) {
    const { swaps, differences } = await compareWithSdk(side, sdkSwaps, seed)
    for (const difference of differences.slice(0, shown)) say(difference)
    figures.push(`@uniswap/v3-sdk exact-${side} ${differences.length}/${swaps}`)
    ok &&= differences.length === 0 && swaps >= sdkSwaps
  }
  return { ok, figure: `differences: ${figures.join(', ')}` }
}
