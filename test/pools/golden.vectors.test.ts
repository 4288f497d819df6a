/** Golden numbers: on-chain quotes collected by BowTiedDevil/degenbot @ 1fb8d74 (MIT), with all ticks of the pools. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { toAddress, zeroAddress } from '../../solver/core/hex.ts'
import { type PoolModule, toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV3State, UniswapV4State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const folder = join(sharedData, 'degenbot-golden/tests')
const states = 'fixtures/chain_data/1'
const quotes = 'golden/data/tests/uniswap'

/** A file whose big integers are bare numbers: those of 16 digits and more become texts. */
function read(path: string): Record<string, unknown> {
  const text = readFileSync(join(folder, path), 'utf8')
  const safe = text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"')
  return JSON.parse(safe) as Record<string, unknown>
}

type PoolFile = {
  readonly pool?: string
  readonly pool_id?: string
  readonly scalars: Readonly<Record<string, string | number>>
  readonly tick_data: Readonly<Record<string, readonly [string | number, string | number]>>
}

function tickState({ scalars, tick_data: ticks }: PoolFile) {
  return {
    feePips: Number(scalars['fee']),
    tickSpacing: Number(scalars['tick_spacing']),
    sqrtPriceX96: BigInt(scalars['sqrt_price_x96'] ?? 0),
    tick: Number(scalars['tick']),
    liquidity: BigInt(scalars['liquidity'] ?? 0),
    ticks: Object.entries(ticks)
      .map(([index, [gross, net]]) => ({
        index: Number(index),
        liquidityNet: BigInt(net),
        liquidityGross: BigInt(gross),
      }))
      .sort((left, right) => left.index - right.index),
  }
}

type Entry = { readonly value?: string | number | null; readonly reverted?: boolean }
type Tally = { exact: number; refused: number; wrong: string[] }

/**
 * Compares every quote of `file` with ours. A quote that reverted on chain is right where ours cannot fill it all;
 * V3's quoter also answers for an input that it took only in part, and so does ours.
 */
function compare<state extends UniswapV3State | UniswapV4State>(
  module: PoolModule<state>,
  state: state,
  symbol0: string,
  file: string,
): Tally {
  const entries = read(file)['entries'] as Record<string, Entry>
  const tally: Tally = { exact: 0, refused: 0, wrong: [] }
  for (const [key, { value, reverted }] of Object.entries(entries)) {
    const [, verb = '', way = '', amountText = ''] = key.split('|')
    const indexIn = way.startsWith(`${symbol0}->`) ? 0 : 1
    const indices = { indexIn, indexOut: 1 - indexIn }
    const amount = BigInt(amountText)
    const isIn = verb.startsWith('quoteExactInput')
    const done = isIn
      ? module.swapExactIn(state, { ...indices, amountIn: amount })
      : module.swapExactOut(state, { ...indices, amountOut: amount })
    const [filled, answer] = isIn
      ? [done.amountIn, done.amountOut]
      : [done.amountOut, done.amountIn]
    if (reverted === true && filled < amount) tally.refused += 1
    else if (reverted !== true && answer === BigInt(value ?? -1)) tally.exact += 1
    else tally.wrong.push(`${key}: ${answer} for ${filled}, not ${value}`)
  }
  return tally
}

describe('degenbot golden quotes', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('of V3 WBTC/WETH at block 24407242 are ours, all 80', () => {
    const file = read(`${states}/uniswap_v3_wbtc_weth_block_24407242.json`) as PoolFile
    const state: UniswapV3State = {
      kind: 'uniswapV3',
      id: toPoolId(file.pool ?? ''),
      tokens: [tokenA, tokenB],
      ...tickState(file),
    }
    const golden = `${quotes}/v3/test_uniswap_v3_onchain_parity/test_cached_calculations_v3_wbtc_weth.json`
    assert.deepEqual(compare(uniswapV3, state, 'WBTC', golden), {
      exact: 80,
      refused: 0,
      wrong: [],
    })
  })

  it('of V4 ETH/USDC at block 24407242 are ours, and the 16 that it refused cannot be filled', () => {
    const file = read(`${states}/uniswap_v4_eth_usdc_block_24407242.json`) as PoolFile
    const common = tickState(file)
    const poolKey = {
      currency0: zeroAddress,
      currency1: toAddress('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'),
      fee: common.feePips,
      tickSpacing: common.tickSpacing,
      hooks: zeroAddress,
    }
    const state: UniswapV4State = {
      kind: 'uniswapV4',
      id: toPoolId(file.pool_id ?? ''),
      tokens: [poolKey.currency0, poolKey.currency1],
      ...common,
      poolKey,
      hooks: zeroAddress,
      protocolFee: 0,
    }
    const golden = `${quotes}/v4/test_uniswap_v4_onchain_parity/test_cached_calculations_v4_eth_usdc.json`
    assert.deepEqual(compare(uniswapV4, state, 'ETH', golden), {
      exact: 72,
      refused: 16,
      wrong: [],
    })
  })
})
