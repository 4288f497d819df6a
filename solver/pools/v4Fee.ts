/**
 * How Uniswap V4 puts the protocol's fee on top of the liquidity providers' fee.
 *
 * Source: https://github.com/Uniswap/v4-core/blob/v4.0.0/src/libraries/ProtocolFeeLibrary.sol
 */
import type { PoolKey, UniswapV4State } from './states.ts'

const pips = 1_000_000
/** The key's fee field of a pool whose fee its hook may set. */
const dynamicFee = 8_388_608

/** True where the pool's hook may set the liquidity providers' fee. */
export function hasDynamicFee({ fee }: Pick<PoolKey, 'fee'>): boolean {
  return fee === dynamicFee
}

/** Fee that a swap pays on its input, in millionths; `indexIn` 0 means token 0 comes in. */
export function swapFeePips(
  { protocolFee, feePips }: Pick<UniswapV4State, 'protocolFee' | 'feePips'>,
  indexIn: number,
): number {
  return combine(protocolShare(protocolFee, indexIn), feePips)
}

/**
 * The liquidity providers' fee after a swap that paid `paidPips` in all, in millionths.
 *
 * Only a dynamic fee can have changed. Several fees may round to the same total: the lowest is given, and
 * any of them charges this direction alike.
 */
export function lpFeeOf(state: UniswapV4State, indexIn: number, paidPips: number): number {
  if (!hasDynamicFee(state.poolKey)) return state.feePips
  const protocol = protocolShare(state.protocolFee, indexIn)
  if (combine(protocol, state.feePips) === paidPips) return state.feePips
  let low = 0
  let high = pips
  while (low < high) {
    const middle = (low + high) >>> 1
    if (combine(protocol, middle) < paidPips) low = middle + 1
    else high = middle
  }
  return low
}

function protocolShare(protocolFee: number, indexIn: number): number {
  return indexIn === 0 ? protocolFee & 4_095 : protocolFee >> 12
}

function combine(protocol: number, lp: number): number {
  return protocol + lp - Math.floor((protocol * lp) / pips)
}
