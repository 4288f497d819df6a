/** Loads the Uniswap SDKs, whose native ESM import fails, and makes their pools of ours: the second oracle. */
import { createRequire } from 'node:module'
import type { Token } from '@uniswap/sdk-core'
import type { Pool, Tick } from '@uniswap/v3-sdk'
import type { UniswapV3State } from '../../solver/pools/states.ts'

const load = createRequire(import.meta.url)
// The packages' types name what their CommonJS builds export; `require` itself is untyped.
const core = load('@uniswap/sdk-core') as typeof import('@uniswap/sdk-core')
const v3 = load('@uniswap/v3-sdk') as typeof import('@uniswap/v3-sdk')
const jsbi = load('jsbi') as typeof import('jsbi').default

/** The SDKs' own square-root price at a tick, as a bigint. */
export function sdkSqrtRatioAtTick(tick: number): bigint {
  return BigInt(v3.TickMath.getSqrtRatioAtTick(tick).toString())
}

/** The SDKs' own tick at a square-root price. */
export function sdkTickAtSqrtRatio(sqrtPriceX96: bigint): number {
  return v3.TickMath.getTickAtSqrtRatio(toJsbi(sqrtPriceX96))
}

/** The SDKs' own step of a swap; `remaining` below 0 is an output wanted. */
export function sdkSwapStep(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): { next: bigint; taken: bigint; paid: bigint } {
  const [next, input, paid, fee] = v3.SwapMath.computeSwapStep(
    toJsbi(price),
    toJsbi(target),
    toJsbi(liquidity),
    toJsbi(remaining),
    toJsbi(feePips),
  ).map((each) => BigInt(each.toString()))
  return { next: next ?? 0n, taken: (input ?? 0n) + (fee ?? 0n), paid: paid ?? 0n }
}

function toJsbi(value: bigint) {
  return jsbi.BigInt(value.toString())
}

/** `state` as a pool of `@uniswap/v3-sdk`, with its two tokens in order. */
export function toSdkPool(state: UniswapV3State): {
  readonly pool: Pool
  readonly tokens: readonly [Token, Token]
} {
  const [address0 = '', address1 = ''] = state.tokens
  const tokens = [
    new core.Token(1, address0, 18, 'T0'),
    new core.Token(1, address1, 18, 'T1'),
  ] as const
  const ticks: Tick[] = state.ticks.map(
    ({ index, liquidityNet, liquidityGross }) =>
      new v3.Tick({
        index,
        liquidityGross: (liquidityGross ?? liquidityNet).toString(),
        liquidityNet: liquidityNet.toString(),
      }),
  )
  const pool = new v3.Pool(
    tokens[0],
    tokens[1],
    state.feePips,
    state.sqrtPriceX96.toString(),
    state.liquidity.toString(),
    state.tick,
    ticks,
  )
  return { pool, tokens }
}

/** What the SDK's pool pays for `amountIn`, and its price after; rejects where its liquidity ends. */
export async function sdkExactIn(
  { pool, tokens }: ReturnType<typeof toSdkPool>,
  zeroForOne: boolean,
  amountIn: bigint,
): Promise<{ amountOut: bigint; next: Pool }> {
  const token = zeroForOne ? tokens[0] : tokens[1]
  const offered = core.CurrencyAmount.fromRawAmount(token, amountIn.toString())
  const [paid, next] = await pool.getOutputAmount(offered)
  return { amountOut: BigInt(paid.quotient.toString()), next }
}

/** What the SDK's pool asks for `amountOut`, and its price after. */
export async function sdkExactOut(
  { pool, tokens }: ReturnType<typeof toSdkPool>,
  zeroForOne: boolean,
  amountOut: bigint,
): Promise<{ amountIn: bigint; next: Pool }> {
  const token = zeroForOne ? tokens[1] : tokens[0]
  const wanted = core.CurrencyAmount.fromRawAmount(token, amountOut.toString())
  const [asked, next] = await pool.getInputAmount(wanted)
  return { amountIn: BigInt(asked.quotient.toString()), next }
}
