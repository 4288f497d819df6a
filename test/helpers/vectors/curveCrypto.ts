/** Recorded `get_dy` answers of tricrypto at mainnet block 24407242 (../shared/data/degenbot-golden). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { curveCrypto } from '../../../solver/pools/curveCrypto.ts'
import type { CurveCryptoState } from '../../../solver/pools/curveCryptoState.ts'
import { toAddress } from '../../../solver/core/hex.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import type { VectorResult } from './result.ts'

const folder = join(sharedData, 'degenbot-golden/tests')
const golden = 'golden/data/tests/curve/test_curve_onchain_parity/test_curve_tricrypto_get_dy.json'
const fixture = 'fixtures/chain_data/1/curve_tricrypto_block_24407242.json'

type Fixture = {
  readonly address: string
  readonly tokens: readonly { address: string; symbol: string; decimals: number }[]
  readonly balances: readonly (string | number)[]
  readonly a_coefficient: number
  readonly d: string
  readonly gamma: string | number
  readonly price_scale: readonly (string | number)[]
  readonly fee_gamma: string | number
  readonly mid_fee: number
  readonly out_fee: number
}

/** The files hold integers of any size as bare numbers; those that a float cannot hold are quoted first. */
function readJson(path: string): unknown {
  const text = readFileSync(join(folder, path), 'utf8')
  return JSON.parse(text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"'))
}

/** The recorded state. Its `A` is the view's, 100 times less than the contract calculates with. */
function stateOf(file: Fixture): CurveCryptoState {
  return {
    kind: 'curveCrypto',
    id: toPoolId(file.address),
    tokens: file.tokens.map(({ address }) => toAddress(address)),
    variant: 'tri',
    A: BigInt(file.a_coefficient) * 100n,
    aMultiplier: 100n,
    gamma: BigInt(file.gamma),
    D: BigInt(file.d),
    balances: file.balances.map(BigInt),
    precisions: file.tokens.map(({ decimals }) => 10n ** BigInt(18 - decimals)),
    priceScale: file.price_scale.map(BigInt),
    midFee: BigInt(file.mid_fee),
    outFee: BigInt(file.out_fee),
    feeGamma: BigInt(file.fee_gamma),
  }
}

/** Quotes every entry. Needs the recorded data. */
export function runVectors(): VectorResult {
  const file = readJson(fixture) as Fixture
  const { entries } = readJson(golden) as { entries: Record<string, { value: string | number }> }
  const state = stateOf(file)
  const indexOf = (symbol: string | undefined) =>
    file.tokens.findIndex((token) => token.symbol === symbol)
  const misses: { name: string; cause: string }[] = []
  for (const [name, { value }] of Object.entries(entries)) {
    const [, , pair = '', amount = '0'] = name.split('|')
    const [sold, bought] = pair.split('->')
    const swap = { indexIn: indexOf(sold), indexOut: indexOf(bought), amountIn: BigInt(amount) }
    const { amountOut } = curveCrypto.swapExactIn(state, swap)
    if (amountOut !== BigInt(value))
      misses.push({ name, cause: `${amountOut} instead of ${value}` })
  }
  const count = Object.keys(entries).length
  return {
    kind: 'curveCrypto',
    entries: count,
    exact: count - misses.length,
    infeasible: 0,
    misses,
  }
}
