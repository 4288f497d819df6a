/** One leg as the verb of its venue. A pool has a verb only where the contract can derive its address. */
import { BaseError } from '../core/errors.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import type { MarketView } from '../market/view.ts'
import type { PoolState } from '../pools/index.ts'
import type { UniswapV2State, UniswapV3State, UniswapV4State } from '../pools/states.ts'
import type { Leg } from '../route/route.ts'
import { type Venues, packNumber, verbs } from './layout.ts'
import { uniswapV2Address, uniswapV3Address } from './poolAddress.ts'

/**
 * The verb that swaps `amountIn` in the leg's pool, without 0x.
 *
 * @param amountIn - Base units of the token in, or `allOfIt`.
 * @throws {PoolMissingError} `settle.pool-missing`: the view does not have the pool.
 * @throws {NoVerbError} `settle.no-verb`: another kind, or a V4 pool with hooks.
 * @throws {PoolNotDerivedError} `settle.pool-not-derived`: no deployment of the table made this pool.
 */
export function packSwap(leg: Leg, amountIn: bigint, view: MarketView, venues: Venues): string {
  const state: PoolState | undefined = view.pools.get(leg.pool)
  if (state === undefined) throw new PoolMissingError(leg)
  const amount = packNumber(amountIn, 16)
  switch (state.kind) {
    case 'uniswapV2':
      return packNumber(verbs.uniswapV2 | rowOfV2(state, venues), 1) + amount
    case 'uniswapV3': {
      const verb = packNumber(verbs.uniswapV3 | rowOfV3(state, venues), 1)
      return verb + amount + packNumber(state.feePips, 3)
    }
    case 'uniswapV4':
      return packUniswapV4(state, amount)
    default:
      throw new NoVerbError(state)
  }
}

/** True when the settlement has a verb for this pool, so that a route through it can run. */
export function hasVerb(state: PoolState, venues: Venues): boolean {
  switch (state.kind) {
    case 'uniswapV2':
      return findV2(state, venues) !== undefined
    case 'uniswapV3':
      return findV3(state, venues) !== undefined
    case 'uniswapV4':
      return state.hooks === zeroAddress
    default:
      return false
  }
}

/** @throws {NoVerbError} */
function packUniswapV4(state: UniswapV4State, amount: string): string {
  const { currency0, fee, tickSpacing, hooks } = state.poolKey
  if (hooks !== zeroAddress) throw new NoVerbError(state)
  const verb = currency0 === zeroAddress ? verbs.uniswapV4Native : verbs.uniswapV4
  return packNumber(verb, 1) + amount + packNumber(fee, 3) + packNumber(tickSpacing, 3)
}

/** @throws {PoolNotDerivedError} */
function rowOfV2(state: UniswapV2State, venues: Venues): number {
  const found = findV2(state, venues)
  if (found === undefined) throw new PoolNotDerivedError(state)
  return found.row
}

/** @throws {PoolNotDerivedError} */
function rowOfV3(state: UniswapV3State, venues: Venues): number {
  const found = findV3(state, venues)
  if (found === undefined) throw new PoolNotDerivedError(state)
  return found.row
}

function findV2({ id, feePips, tokens }: UniswapV2State, { uniswapV2 }: Venues) {
  const [token0, token1] = tokens
  if (token0 === undefined || token1 === undefined) return undefined
  return uniswapV2.find(
    (deployment) =>
      // The contract computes what the pair pays from the table's fee, so another fee is another pool.
      deployment.feePips === feePips && isPool(uniswapV2Address(deployment, token0, token1), id),
  )
}

function findV3({ id, feePips, tokens }: UniswapV3State, { uniswapV3 }: Venues) {
  const [token0, token1] = tokens
  if (token0 === undefined || token1 === undefined) return undefined
  return uniswapV3.find((deployment) =>
    isPool(uniswapV3Address(deployment, token0, token1, feePips), id),
  )
}

function isPool(derived: Address, id: string): boolean {
  return derived === id
}

/** The view does not have a pool that the route crosses. */
export class PoolMissingError extends BaseError {
  override readonly code = 'settle.pool-missing'

  constructor({ pool, kind }: Leg) {
    super('The market view has no such pool.', {
      facts: { pool, kind },
      hint: 'Encode with the view that the quote was made on.',
    })
  }
}

/** The settlement cannot call a pool of this kind. */
export class NoVerbError extends BaseError {
  override readonly code = 'settle.no-verb'

  constructor({ id, kind }: PoolState) {
    super('The settlement has no verb for this pool.', {
      facts: { pool: id, kind },
      hint: 'Quote with `executable: true`; Uniswap V4 pools with hooks are not called yet.',
    })
  }
}

/** A pool whose address does not follow from the settlement's table of factories. */
export class PoolNotDerivedError extends BaseError {
  override readonly code = 'settle.pool-not-derived'

  constructor({ id, kind, exchange }: PoolState) {
    super("This pool's address does not follow from a factory that the settlement knows.", {
      facts: { pool: id, kind, exchange },
      hint: 'Leave pools of other factories, or of another fee, out of executable quotes.',
    })
  }
}
