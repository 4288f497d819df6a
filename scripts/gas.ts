/**
 * `node scripts/gas.ts`: measures what legs cost in our own settlement, for the table in `solver/pools/gas.ts`.
 *
 * Random plans on the local chain's real bytecode are estimated by the node exactly as they would be sent; least
 * squares over them gives a base per settlement, a cost per leg of each kind, and one per tick crossed.
 */
import { mainnetTokens } from '../solver/chain/chains/mainnet.ts'
import { createRng } from '../solver/core/rng.ts'
import { moduleOf } from '../solver/pools/index.ts'
import { swapGas } from '../solver/pools/gas.ts'
import { findQuote } from '../solver/route/quote.ts'
import type { Leg } from '../solver/route/route.ts'
import { prepareSettlement } from '../solver/settle/prepare.ts'
import { venues } from '../solver/engine/settleSolution.ts'
import { toAddress } from '../solver/core/hex.ts'
import { startLine } from '../test/helpers/line.ts'

const wanted = 120
const kinds = ['uniswapV2', 'uniswapV3', 'uniswapV4'] as const
const names = ['settlement', ...kinds, 'tick']
const whole: Readonly<Record<string, bigint>> = {
  WETH: 10n ** 18n,
  USDC: 10n ** 6n,
  USDT: 10n ** 6n,
  DAI: 10n ** 18n,
  LINK: 10n ** 18n,
  UNI: 10n ** 18n,
}
const usd: Readonly<Record<string, bigint>> = {
  WETH: 3_000n,
  USDC: 1n,
  USDT: 1n,
  DAI: 1n,
  LINK: 14n,
  UNI: 8n,
}

const line = await startLine('manual')
const rows: number[][] = []
const gas: number[] = []
try {
  const symbols = Object.keys(whole)
  for (const symbol of symbols) await line.fund(0, addressOf(symbol), 10n ** 26n)
  const rng = createRng(7)
  for (let attempt = 0; rows.length < wanted && attempt < 10 * wanted; attempt += 1) {
    const sell = symbols[rng.int(0, symbols.length - 1)] ?? 'WETH'
    const buy = symbols[rng.int(0, symbols.length - 1)] ?? 'USDC'
    if (sell === buy) continue
    const value = rng.logUniform(1_000n, 3_000_000n)
    const amount = (value * (whole[sell] ?? 1n)) / (usd[sell] ?? 1n)
    const view = line.engine.view()
    const request = { tokenIn: addressOf(sell), tokenOut: addressOf(buy), amountIn: amount }
    const gasPrice = BigInt(rng.int(0, 3)) * 20n * 10n ** 9n
    const quote = findQuote(view, request, { executable: true, gasPrice })
    if (quote === undefined) continue
    const { sellToken, buyToken } = { sellToken: request.tokenIn, buyToken: request.tokenOut }
    const signed = await line.sign(0, { sellToken, buyToken, amount, nonce: BigInt(attempt) })
    const solver = toAddress(line.options.solver.address)
    const { gasLimit } = await prepareSettlement(line.client, {
      signed,
      route: quote,
      view,
      solver,
      venues,
    })
    rows.push(features(quote.route.legs))
    gas.push((Number(gasLimit) * 10) / 11)
  }
} finally {
  await line.close()
}

const fit = leastSquares(rows, gas)
const errors = rows
  .map((row, index) => Math.abs(dot(row, fit) / (gas[index] ?? 1) - 1))
  .sort((a, b) => a - b)
console.log(
  `${rows.length} plans, ${Math.min(...rows.map(legsOf))} to ${Math.max(...rows.map(legsOf))} legs`,
)
for (const [index, name] of names.entries())
  console.log(`${name.padEnd(12)} ${Math.round(fit[index] ?? 0)}`)
console.log(`error of the fit: median ${percent(errors, 0.5)}, p90 ${percent(errors, 0.9)}`)
process.exit(0)

function addressOf(symbol: string) {
  return mainnetTokens[symbol as keyof typeof mainnetTokens].address
}

/** One for the settlement, the legs of each kind, and the ticks that they cross. */
function features(legs: readonly Leg[]): number[] {
  const view = line.engine.view()
  const count = (kind: string) => legs.filter((leg) => leg.kind === kind).length
  let ticks = 0
  for (const { pool, indexIn, indexOut, amountIn } of legs) {
    const state = view.pools.get(pool)
    if (state === undefined) continue
    const { gas: estimated } = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
    const { base, perTick } = swapGas[state.kind] ?? { base: 0n, perTick: 0n }
    if (perTick > 0n) ticks += Number((estimated - base) / perTick)
  }
  return [1, ...kinds.map(count), ticks]
}

function legsOf(row: readonly number[]): number {
  return (row[1] ?? 0) + (row[2] ?? 0) + (row[3] ?? 0)
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
}

/** Solves the normal equations by elimination: five unknowns. */
function leastSquares(points: readonly number[][], values: readonly number[]): number[] {
  const size = points[0]?.length ?? 0
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_unused, j) =>
      points.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0),
    ),
    points.reduce((sum, row, index) => sum + (row[i] ?? 0) * (values[index] ?? 0), 0),
  ])
  for (let i = 0; i < size; i += 1) {
    const pivot = matrix[i] ?? []
    for (const [k, other] of matrix.entries()) {
      if (k === i) continue
      const factor = (other[i] ?? 0) / (pivot[i] ?? 1)
      for (let j = 0; j <= size; j += 1) other[j] = (other[j] ?? 0) - factor * (pivot[j] ?? 0)
    }
  }
  return matrix.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1))
}

function percent(sorted: readonly number[], share: number): string {
  return `${(100 * (sorted[Math.floor(share * (sorted.length - 1))] ?? 0)).toFixed(1)} %`
}
