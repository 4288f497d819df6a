/** Storage of CryptoSwap pools, for states of them that no recorded block has. */
import { keccak256 } from 'viem'
import type { Rng } from '../../solver/core/rng.ts'
import {
  type CurveCryptoState,
  scaledOf,
  solveD,
  unscaleOf,
  xcpOf,
} from '../../solver/pools/curveCryptoState.ts'
import { toWord } from '../../solver/pools/logWords.ts'
import type { CryptoChain, RecordedPool } from './cryptoChain.ts'

const one = 10n ** 18n
/** Vyper before 0.3 keeps a list behind the hash of its slot. */
const triBalances = BigInt(keccak256(`0x${toWord(22n)}`))

type Slots = Readonly<Record<string, bigint>>

/** Writes `state`, and prices of the last exchange, where the pool's contract keeps them. */
export async function writeState(
  chain: CryptoChain,
  pool: RecordedPool,
  state: CurveCryptoState,
): Promise<void> {
  await chain.write(pool, pool.variant === 'tri' ? triSlots(state) : ngSlots(state))
}

function pack(values: readonly bigint[], bits: bigint): bigint {
  return values.reduceRight((packed, value) => (packed << bits) | value, 0n)
}

function triSlots(state: CurveCryptoState): Slots {
  const { rebalance, balances } = state
  const ag = (state.A << 128n) | state.gamma
  return {
    0: pack(state.priceScale, 128n),
    1: pack(rebalance?.priceOracle ?? [], 128n),
    2: pack(rebalance?.priceOracle ?? [], 128n),
    4: ag,
    5: ag,
    8: rebalance?.allowedExtraProfit ?? 0n,
    10: rebalance?.adjustmentStep ?? 0n,
    12: state.feeGamma,
    16: state.midFee,
    17: state.outFee,
    23: state.D,
    26: rebalance?.xcpProfit ?? 0n,
    28: rebalance?.virtualPrice ?? 0n,
    29: rebalance?.notAdjusted === true ? 1n : 0n,
    ...Object.fromEntries(balances.map((value, at) => [String(triBalances + BigInt(at)), value])),
  }
}

function ngSlots(state: CurveCryptoState): Slots {
  const { rebalance } = state
  const ag = (state.A << 128n) | state.gamma
  const [balance0 = 0n, balance1 = 0n, balance2 = 0n] = state.balances
  const rebalancing = [865n, rebalance?.adjustmentStep ?? 0n, rebalance?.allowedExtraProfit ?? 0n]
  return {
    3: pack(state.priceScale, 128n),
    4: pack(rebalance?.priceOracle ?? [], 128n),
    5: pack(rebalance?.priceOracle ?? [], 128n),
    7: ag,
    9: ag,
    11: balance0,
    12: balance1,
    13: balance2,
    14: state.D,
    15: rebalance?.xcpProfit ?? 0n,
    17: rebalance?.virtualPrice ?? 0n,
    18: pack(rebalancing, 64n),
    20: pack([state.feeGamma, state.outFee, state.midFee], 64n),
    25: rebalance?.totalSupply ?? 0n,
  }
}

/**
 * Another state of the same contract: A, gamma, fees, prices, imbalance, oracle and profit drawn anew, the
 * invariant and the profit as they belong to them. `undefined` where the contract would not solve it.
 */
export function varyState(state: CurveCryptoState, rng: Rng): CurveCryptoState | undefined {
  const around = (value: bigint, spread: number) =>
    (value * BigInt(Math.round(1e9 * Math.exp(spread * (2 * rng.next() - 1))))) / 10n ** 9n
  const isOdd = rng.next() < 0.3
  const drawn: CurveCryptoState = {
    ...state,
    A: isOdd ? rng.logUniform(2_700n, 270_000_000n) : around(state.A, 0.7),
    gamma: isOdd ? rng.logUniform(10n ** 10n, 5n * 10n ** 16n) : around(state.gamma, 0.7),
    midFee: rng.logUniform(500_000n, 30_000_000n),
    outFee: rng.logUniform(30_000_000n, 500_000_000n),
    feeGamma: rng.logUniform(10n ** 13n, 10n ** 17n),
    priceScale: state.priceScale.map((price) => around(price, 0.2)),
  }
  const worth = scaledOf(drawn, state.balances)[0] ?? one
  const uneven = state.balances.map((_, at) =>
    unscaleOf(drawn, at, around(worth, isOdd ? 1.5 : 0.7)),
  )
  const supply = state.rebalance?.totalSupply ?? one
  const first = solveD(drawn, scaledOf(drawn, uneven))
  const xcp = first === undefined ? undefined : xcpOf(drawn, first, drawn.priceScale)
  if (xcp === undefined || xcp === 0n) return undefined
  // Shares are worth a little more than one, so the pool's size follows from their number.
  const balances = uneven.map((balance) => (((balance * supply) / xcp) * 105n) / 100n)
  const D = solveD(drawn, scaledOf(drawn, balances))
  const value = D === undefined ? undefined : xcpOf(drawn, D, drawn.priceScale)
  if (D === undefined || value === undefined) return undefined
  const virtualPrice = (one * value) / supply
  const xcpProfit = one + around((virtualPrice - one) * 2n, 0.01)
  const priceOracle = drawn.priceScale.map((price) => around(price, 0.03))
  return {
    ...drawn,
    balances,
    D,
    rebalance: {
      priceOracle,
      xcpProfit,
      virtualPrice,
      totalSupply: supply,
      allowedExtraProfit: rng.logUniform(10n ** 9n, 10n ** 13n),
      adjustmentStep: rng.logUniform(10n ** 13n, 10n ** 16n),
      ...(state.variant === 'tri' ? { notAdjusted: rng.next() < 0.5 } : {}),
    },
  }
}
