/**
 * Recorded swaps of Balancer V3 pools: ../shared/data/balancer-maths, one file a pool, answers of the chain.
 *
 * The files give scaled balances; the raw ones that they come from are rebuilt, for the vault scales down.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { type Address, toAddress } from '../../../solver/core/hex.ts'
import type { BalancerV3State } from '../../../solver/pools/balancerV3State.ts'
import { type PoolModule, toPoolId } from '../../../solver/pools/pool.ts'
import type { VectorResult } from '../vectors/result.ts'

/** The part of a file that swaps need. */
export type RecordedPool = {
  readonly poolType: string
  readonly poolAddress: string
  readonly tokens: readonly string[]
  readonly scalingFactors: readonly string[]
  readonly swapFee: string
  readonly balancesLiveScaled18: readonly string[]
  readonly tokenRates: readonly string[]
  readonly aggregateSwapFee: string
  readonly weights?: readonly string[]
  readonly amp?: string
  readonly hook?: {
    readonly address: string
    readonly type: string
    readonly dynamicData: {
      readonly surgeThresholdPercentage: string
      readonly maxSurgeFeePercentage: string
    }
  }
}

type RecordedSwap = {
  readonly swapKind: 0 | 1
  readonly amountRaw: string
  readonly tokenIn: string
  readonly tokenOut: string
  readonly outputRaw: string
}

type RecordedFile = { readonly swaps: readonly RecordedSwap[]; readonly pool?: RecordedPool }

const folder = join(sharedData, 'balancer-maths')
const wad = 10n ** 18n

/**
 * Swaps every recorded case of pools of `poolType` by `module`.
 *
 * @param stateOf - The pool's whole state from the part that the vault keeps.
 */
export function runRecorded<state extends BalancerV3State>(
  module: PoolModule<state>,
  poolType: string,
  stateOf: (vaultPart: BalancerV3State<state['kind']>, pool: RecordedPool) => state,
): VectorResult {
  let [entries, exact] = [0, 0]
  const misses: { name: string; cause: string }[] = []
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    // The form that the folder's README tells.
    const { swaps, pool } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as RecordedFile
    if (pool?.poolType !== poolType) continue
    const state = stateOf(vaultPartOf(module.kind, pool), pool)
    for (const [at, swap] of swaps.entries()) {
      const name = `${file} swap ${at}`
      entries += 1
      const ours = swapAs(module, state, swap)
      if (ours === BigInt(swap.outputRaw)) exact += 1
      else misses.push({ name, cause: `ours ${ours}, recorded ${swap.outputRaw}` })
    }
  }
  return { kind: module.kind, entries, exact, infeasible: 0, misses }
}

function swapAs<state extends BalancerV3State>(
  module: PoolModule<state>,
  state: state,
  { swapKind, amountRaw, tokenIn, tokenOut }: RecordedSwap,
): bigint {
  const indexIn = state.tokens.indexOf(toAddress(tokenIn))
  const indexOut = state.tokens.indexOf(toAddress(tokenOut))
  const amount = BigInt(amountRaw)
  return swapKind === 0
    ? module.swapExactIn(state, { indexIn, indexOut, amountIn: amount }).amountOut
    : module.swapExactOut(state, { indexIn, indexOut, amountOut: amount }).amountIn
}

function vaultPartOf<kind extends string>(
  kind: kind,
  { hook, ...pool }: RecordedPool,
): BalancerV3State<kind> {
  const scalingFactors = pool.scalingFactors.map(BigInt)
  const rates = pool.tokenRates.map(BigInt)
  const balances = pool.balancesLiveScaled18.map((live, at) => {
    const unit = (scalingFactors[at] ?? 1n) * (rates[at] ?? wad)
    return (BigInt(live) * wad + unit - 1n) / unit
  })
  return {
    kind,
    id: toPoolId(pool.poolAddress),
    tokens: pool.tokens.map((token): Address => toAddress(token)),
    balances,
    scalingFactors,
    tokenKinds: rates.map((rate) => (rate === wad ? 'plain' : 'rate')),
    rates,
    lastLive: rates.map(() => 0n),
    swapFee: BigInt(pool.swapFee),
    aggregateSwapFee: BigInt(pool.aggregateSwapFee),
    aggregateYieldFee: 0n,
    paused: false,
    ...(hook === undefined ? {} : { hooks: toAddress(hook.address) }),
  }
}
