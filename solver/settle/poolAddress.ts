/** Pool addresses from factory and init-code hash: the twin of `contracts/libraries/PoolAddress.sol`. */
import { encodeAbiParameters, encodePacked, getCreate2Address, keccak256 } from 'viem/utils'
import { type Address, toAddress } from '../core/hex.ts'
import type { UniswapV2Deployment, UniswapV3Deployment } from './layout.ts'

/** The pair of two tokens, in either order. */
export function uniswapV2Address(
  deployment: UniswapV2Deployment,
  tokenA: Address,
  tokenB: Address,
): Address {
  const salt = keccak256(encodePacked(['address', 'address'], sortTokens(tokenA, tokenB)))
  return create2(deployment, salt)
}

/** The V3 pool of two tokens, in either order, with a fee in millionths. */
export function uniswapV3Address(
  deployment: UniswapV3Deployment,
  tokenA: Address,
  tokenB: Address,
  feePips: number,
): Address {
  const [token0, token1] = sortTokens(tokenA, tokenB)
  const types = [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }] as const
  return create2(deployment, keccak256(encodeAbiParameters(types, [token0, token1, feePips])))
}

/** The order in which every factory keeps two tokens; addresses lower-case. */
export function sortTokens(tokenA: Address, tokenB: Address): readonly [Address, Address] {
  return tokenA < tokenB ? [tokenA, tokenB] : [tokenB, tokenA]
}

function create2({ factory, initCodeHash }: UniswapV3Deployment, salt: Address): Address {
  return toAddress(getCreate2Address({ from: factory, salt, bytecodeHash: initCodeHash }))
}
