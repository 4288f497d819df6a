/** Thousands of pools on a local chain at once: the real code of its own pools, with storage written directly. */
import { encodeAbiParameters, keccak256 } from 'viem/utils'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import type { LocalChain } from '../../solver/localnet/chain.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import type { TickState, UniswapV2State } from '../../solver/pools/states.ts'
import { isRouted, type RoutedState } from '../../solver/route/routed.ts'
import type { MarketView } from '../../solver/market/view.ts'

/** Slots of UniswapV2Pair, UniswapV3Pool and of one pool in the V4 PoolManager. */
const v2Reserves = 8n
const v3Slots = { slot0: 0n, liquidity: 4n, ticks: 5n, bitmap: 6n } as const
const v4Pools = 6n
/** `unlocked`, without which a V3 pool refuses everything. */
const unlocked = 1n << 240n

/** Puts every pool of `view` on `chain`, at its id, with exactly its state. Tick pools take the code of their tier. */
export async function placePools(chain: LocalChain, view: MarketView): Promise<PoolRef[]> {
  const codes = await codesOf(chain)
  const states = [...view.pools.values()].filter(isRouted)
  for (const state of states) {
    if (state.kind !== 'uniswapV4') {
      const name = state.kind === 'uniswapV2' ? 'v2' : `v3 ${state.feePips}`
      const code = codes.get(name)
      if (code === undefined) throw new TypeError(`no pool of ${name} on the local chain`)
      await chain.provider.request({ method: 'hardhat_setCode', params: [state.id, code] })
    }
    for (const [address, slot, value] of storageOf(state))
      await chain.provider.request({
        method: 'hardhat_setStorageAt',
        params: [address, `0x${slot.toString(16)}`, toWord(value)],
      })
  }
  return states.map((state) => moduleOf(state).refOf(state))
}

async function codesOf({ provider, pools }: LocalChain): Promise<ReadonlyMap<string, Hex>> {
  const codes = new Map<string, Hex>()
  for (const { kind, id, feePips } of pools) {
    if (kind === 'uniswapV4') continue
    const code = await provider.request({ method: 'eth_getCode', params: [id, 'latest'] })
    codes.set(kind === 'uniswapV2' ? 'v2' : `v3 ${feePips}`, code as Hex) // hex by the method
  }
  return codes
}

type Write = readonly [address: Address, slot: bigint, value: bigint]

function storageOf(state: RoutedState): Write[] {
  if (state.kind === 'uniswapV2') return [[state.id, v2Reserves, packReserves(state)]]
  if (state.kind === 'uniswapV3') return ticksOf(state, state.id, v3Slots)
  const base = BigInt(hashOf(BigInt(state.id), v4Pools))
  const slots = { slot0: base, liquidity: base + 3n, ticks: base + 4n, bitmap: base + 5n }
  const fees = (BigInt(state.protocolFee) << 184n) | (BigInt(state.feePips) << 208n)
  return ticksOf(state, mainnet.uniswapV4PoolManager, slots, fees)
}

function packReserves({ reserves: [reserve0, reserve1] }: UniswapV2State): bigint {
  return reserve0 | (reserve1 << 112n)
}

function ticksOf(
  { sqrtPriceX96, tick, liquidity, ticks, tickSpacing }: TickState,
  address: Address,
  slots: Readonly<Record<'slot0' | 'liquidity' | 'ticks' | 'bitmap', bigint>>,
  flags = unlocked,
): Write[] {
  const words = new Map<number, bigint>()
  for (const { index } of ticks) {
    const place = index / tickSpacing
    const word = Math.floor(place / 256)
    words.set(word, (words.get(word) ?? 0n) | (1n << BigInt(place - word * 256)))
  }
  const packed = sqrtPriceX96 | (BigInt.asUintN(24, BigInt(tick)) << 160n) | flags
  return [
    [address, slots.slot0, packed],
    [address, slots.liquidity, liquidity],
    ...[...words].map(([word, map]): Write => [
      address,
      BigInt(hashOf(BigInt(word), slots.bitmap)),
      map,
    ]),
    ...ticks.map(({ index, liquidityNet, liquidityGross = 0n }): Write => [
      address,
      BigInt(hashOf(BigInt(index), slots.ticks)),
      liquidityGross | (BigInt.asUintN(128, liquidityNet) << 128n),
    ]),
  ]
}

/** The slot of `key` in the mapping at `slot`. */
function hashOf(key: bigint, slot: bigint): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'uint256' }],
      [BigInt.asUintN(256, key), slot],
    ),
  )
}
