/** 5,000 seeded swaps of every kind against the venues' real bytecode, with a control that must be noticed. */
import type { PoolStateBase } from '../../solver/pools/pool.ts'
import { compareWithBytecode, withDearerFee } from '../../test/helpers/bytecode.ts'
import * as balancerStable from '../../test/helpers/differential/balancerStable.ts'
import * as balancerV3Stable from '../../test/helpers/differential/balancerV3Stable.ts'
import * as balancerV3Weighted from '../../test/helpers/differential/balancerV3Weighted.ts'
import * as balancerWeighted from '../../test/helpers/differential/balancerWeighted.ts'
import * as curveCrypto from '../../test/helpers/differential/curveCrypto.ts'
import * as curveStable from '../../test/helpers/differential/curveStable.ts'
import * as erc4626 from '../../test/helpers/differential/erc4626.ts'
import * as pancakeV3 from '../../test/helpers/differential/pancakeV3.ts'
import * as solidly from '../../test/helpers/differential/solidly.ts'
import { createProbedChain } from '../../test/helpers/prober.ts'
import { type AcceptCheck, hasSharedData } from './check.ts'

/** What every comparison counts. */
type Seen = {
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  readonly differences: readonly string[]
}
/** `isControl` lets our maths work on states with a fee (of vaults: assets) of one unit more. */
type Compare = (count: number, isControl: boolean) => Promise<Seen>

const swapsPerKind = 5_000
const controlSwaps = 100
const seed = 20_260_101
/** Differences shown in full; one bug makes thousands of them. */
const shown = 5

const comparisons: Readonly<Record<string, Compare>> = {
  uniswapV2: (count, isControl) => onLocalnet('uniswapV2', count, isControl),
  uniswapV3: (count, isControl) => onLocalnet('uniswapV3', count, isControl),
  uniswapV4: (count, isControl) => onLocalnet('uniswapV4', count, isControl),
  'uniswapV3 (pancake)': (count, isControl) =>
    pancakeV3.compare(
      count,
      seed,
      altered(isControl, (s) => ({ ...s, feePips: s.feePips + 1 })),
    ),
  curveStable: (count, isControl) =>
    curveStable.compare(
      count,
      seed,
      altered(isControl, (s) => ({ ...s, fee: s.fee + 1n })),
    ),
  balancerWeighted: (count, isControl) =>
    balancerWeighted.compare(count, seed, altered(isControl, dearer)),
  balancerStable: (count, isControl) =>
    balancerStable.compare(count, seed, altered(isControl, dearer)),
  balancerV3Weighted: (count, isControl) =>
    balancerV3Weighted.compare(count, seed, altered(isControl, dearer)),
  balancerV3Stable: (count, isControl) =>
    balancerV3Stable.compare(count, seed, altered(isControl, dearer)),
  solidly: (count, isControl) =>
    solidly.compare(
      count,
      seed,
      altered(isControl, (s) => ({ ...s, feePips: s.feePips + 1 })),
    ),
  erc4626: (count, isControl) =>
    erc4626.compare(
      count,
      seed,
      altered(isControl, (s) => ({ ...s, totalAssets: s.totalAssets + 1n })),
    ),
}
/** Bytecode that no package has: out of the recorded blocks. */
const recorded: Readonly<Record<string, Compare>> = {
  curveCrypto: (count, isControl) =>
    curveCrypto.compare(
      count,
      seed,
      altered(isControl, (s) => ({ ...s, midFee: s.midFee + 1n })),
    ),
}

const check: AcceptCheck = {
  id: 'pools.bytecode',
  threshold:
    '0 differences in 5,000 swaps of each kind, exact-in and exact-out; one unit more of fee is noticed',
  async run(say) {
    const rows = []
    for (const [kind, compare] of Object.entries({
      ...comparisons,
      ...(hasSharedData ? recorded : {}),
    }))
      rows.push(await judge(kind, compare, say))
    const skipped = hasSharedData ? '' : '; curveCrypto not run without ../shared/data'
    return {
      ok: rows.every(({ ok }) => ok),
      figure: `differences: ${rows.map(({ figure }) => figure).join(', ')}${skipped}`,
    }
  },
}

export default check

async function judge(kind: string, compare: Compare, say: (line: string) => void) {
  const seen = await compare(swapsPerKind, false)
  const control = await compare(controlSwaps, true)
  const { swaps, exactIn, exactOut, differences } = seen
  for (const difference of differences.slice(0, shown)) say(difference)
  say(`${kind}: ${swaps} swaps, ${exactIn} exact-in, ${exactOut} exact-out`)
  const isWhole = swaps >= swapsPerKind && exactIn > 0 && exactOut > 0
  return {
    ok: differences.length === 0 && isWhole && control.differences.length > 0,
    figure: `${kind} ${differences.length}/${swaps} (control ${control.differences.length})`,
  }
}

async function onLocalnet(
  kind: 'uniswapV2' | 'uniswapV3' | 'uniswapV4',
  count: number,
  isControl: boolean,
): Promise<Seen> {
  const chain = await createProbedChain()
  try {
    return await compareWithBytecode(
      chain,
      kind,
      count,
      seed,
      isControl ? withDearerFee : undefined,
    )
  } finally {
    await chain.close()
  }
}

function altered<state>(
  isControl: boolean,
  alter: (state: state) => state,
): (state: state) => state {
  return isControl ? alter : (state) => state
}

/** A swap fee of 10^-18 more. */
function dearer<state extends PoolStateBase & { readonly swapFee: bigint }>(state: state): state {
  return { ...state, swapFee: state.swapFee + 1n }
}
