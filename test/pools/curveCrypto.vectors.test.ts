/**
 * CryptoSwap quotes of real pools. Those of the two-coin pools, whose bytecode is in no package and no recorded
 * block, are from the tests of KyberNetwork/kyberswap-dex-lib, pkg/source/curve/two/pool_simulator_test.go and
 * pkg/liquidity-source/curve/twocrypto-ng/pool_simulator_test.go (0eadf56a), with the pool states that stand there.
 */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { curveCrypto } from '../../solver/pools/curveCrypto.ts'
import type { CurveCryptoState } from '../../solver/pools/curveCryptoState.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { runVectors } from '../helpers/vectors/curveCrypto.ts'
import { runRecorded } from '../helpers/vectors/curveCryptoBlocks.ts'

const tokens = [
  '0x00000000000000000000000000000000000000a0',
  '0x00000000000000000000000000000000000000b0',
] as const

/** 0x95f3672a418230c5664b7154dfce0acfa7eed68d of mainnet, June 2023. */
const two: CurveCryptoState = {
  kind: 'curveCrypto',
  id: toPoolId('0x95f3672a418230c5664b7154dfce0acfa7eed68d'),
  tokens,
  variant: 'two',
  A: 200_000_000n,
  gamma: 100_000_000_000_000n,
  D: 4344269418800893049364n,
  balances: [2575977394749099472751n, 1447320191806527553931n],
  precisions: [1n, 1n],
  priceScale: [1250033866036595049n],
  midFee: 10_000_000n,
  outFee: 90_000_000n,
  feeGamma: 5_000_000_000_000_000n,
}

/** ETH+/WETH, 0x1fb84fa6d252762e8367ea607a6586e09dcebe3d of Arbitrum, September 2024. */
const ethPlus: CurveCryptoState = {
  kind: 'curveCrypto',
  id: toPoolId('0x1fb84fa6d252762e8367ea607a6586e09dcebe3d'),
  tokens,
  variant: 'twoNg',
  A: 20_000_000n,
  gamma: 20_000_000_000_000_000n,
  D: 1996236386986675947911n,
  balances: [968569777414549410834n, 1045106588251996643768n],
  precisions: [1n, 1n],
  priceScale: [983313638977093334n],
  midFee: 500_000n,
  outFee: 8_000_000n,
  feeGamma: 30_000_000_000_000_000n,
}

/** crvUSD/EURS, 0xe34b3a4cedb077b53cc813df6fe34a85749fcecc of Arbitrum, September 2024. */
const eurs: CurveCryptoState = {
  kind: 'curveCrypto',
  id: toPoolId('0xe34b3a4cedb077b53cc813df6fe34a85749fcecc'),
  tokens,
  variant: 'twoNg',
  A: 1_880_000n,
  gamma: 199_000_000_000_000_000n,
  D: 8383386641969295080730n,
  balances: [4048585006552861060153n, 399_999n],
  precisions: [1n, 10n ** 16n],
  priceScale: [1083716143157454024n],
  midFee: 4_000_000n,
  outFee: 30_000_000n,
  feeGamma: 12_300_000_000_000_000n,
}

type Quote = readonly [indexIn: number, amountIn: bigint, amountOut: bigint]

const quotes: readonly { name: string; state: CurveCryptoState; quotes: readonly Quote[] }[] = [
  {
    name: 'a v2 pool, with dust that its solver overpays',
    state: two,
    quotes: [
      [0, 10n, 304n],
      [1, 1_000n, 172n],
    ],
  },
  {
    name: 'a Twocrypto-NG pool',
    state: ethPlus,
    quotes: [
      [1, 50000000000000000n, 49158730955589571n],
      [1, 500000000000000001n, 491586661400038591n],
      [1, 5000000000000000012n, 4915798138812167060n],
      [1, 50000000000000000123n, 49147140999173741771n],
      [1, 500000000000000001234n, 453553432480766034585n],
      [1, 5000000000000000012345n, 923692799321975179979n],
      [1, 10918181n, 10734905n],
      [1, 2480561515956081681n, 2438807364673706750n],
      [1, 1017116218018521399n, 1000000000000000000n],
      [0, 1000000000000000000n, 1016967986681031868n],
    ],
  },
  {
    name: 'a Twocrypto-NG pool of a large gamma, with two decimals',
    state: eurs,
    quotes: [
      [0, 47322677960241n, 0n],
      [0, 4732267796024191790852n, 327494n],
      [1, 1n, 10822405757804743n],
      [1, 279108n, 2680342795273391100498n],
      [1, 327494n, 2949081412746367458511n],
    ],
  },
]

describe('curveCrypto on quotes of real two-coin pools', () => {
  for (const { name, state, quotes: rows } of quotes)
    it(`pays to the wei what was paid by ${name}`, () => {
      for (const [indexIn, amountIn, amountOut] of rows) {
        const paid = curveCrypto.swapExactIn(state, { indexIn, indexOut: 1 - indexIn, amountIn })
        assert.equal(paid.amountOut, amountOut)
      }
    })
})

describe('curveCrypto on recorded chain data', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('answers every recorded quote of tricrypto as it did', () => {
    const { entries, exact, misses } = runVectors()
    assert.deepEqual(misses, [])
    assert.deepEqual([entries, exact], [18, 18])
  })

  it('makes every recorded exchange again, price scales included', async () => {
    const { entries, exact, misses } = await runRecorded()
    assert.deepEqual(misses, [])
    assert.deepEqual([entries, exact], [7, 7])
  })
})
