/** tricrypto2 at one block, for tests of its parts. */
import type { CryptoRebalance, CurveCryptoState } from '../../solver/pools/curveCryptoState.ts'
import { toPoolId } from '../../solver/pools/pool.ts'

/** Stand-ins for its coins. */
export const usdt = '0x00000000000000000000000000000000000000a0'
export const wbtc = '0x00000000000000000000000000000000000000b0'
export const weth = '0x00000000000000000000000000000000000000c0'
/** Its address. */
export const poolId = toPoolId('0xd51a44d3fae010294c616388b506acda1bfaae46')

/** tricrypto2 as mainnet block 14029313 found it. */
export const tricrypto: CurveCryptoState = {
  kind: 'curveCrypto',
  id: poolId,
  tokens: [usdt, wbtc, weth],
  variant: 'tri',
  A: 1707629n,
  gamma: 11809167828997n,
  D: 910592901255439411285978528n,
  balances: [299001874677259n, 718836365939n, 95194323289818113877616n],
  precisions: [10n ** 12n, 10n ** 10n, 1n],
  priceScale: [42352854230818071458495n, 3226815243047757749956n],
  midFee: 5_000_000n,
  outFee: 30_000_000n,
  feeGamma: 2_000_000_000_000_000n,
}

/** What moves its price scale. */
export const rebalance: CryptoRebalance = {
  priceOracle: [41952985913651663327876n, 3167887692312876971379n],
  xcpProfit: 1014823157099549449n,
  virtualPrice: 1007413513834706537n,
  totalSupply: 10n ** 24n,
  allowedExtraProfit: 2_000_000_000_000n,
  adjustmentStep: 500_000_000_000_000n,
}
