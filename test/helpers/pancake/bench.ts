/** A chain with real Pancake V3 pools: the published factory and pool code, and a shim for the deployer between. */
import type { Abi } from 'viem'
import { parseAbi } from 'viem'
import type { Address } from '../../../solver/core/hex.ts'
import { packageArtifact } from '../../../solver/localnet/artifacts.ts'
import { createRng } from '../../../solver/core/rng.ts'
import { getSqrtRatioAtTick, maxTick } from '../../../solver/pools/math/tickMath.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import type { UniswapV3State } from '../../../solver/pools/states.ts'
import { uniswapV3 } from '../../../solver/pools/uniswapV3.ts'
import { type BenchChain, createBenchChain, lowerCase } from '../benchChain.ts'
import { compileCached } from '../compile.ts'
import type { Position } from '../pools.ts'

const core = '@pancakeswap/v3-core/artifacts/contracts'
const getPool = parseAbi(['function getPool(address,address,uint24) view returns (address)'])

/** A pool to make: its fee fixes the spacing, `aside` is how far from the positions the price stands, in ticks. */
type Plan = {
  readonly feePips: number
  readonly tickSpacing: number
  readonly tick: number
  readonly positions: number
  readonly decimals: readonly [number, number]
  readonly liquidity: readonly [least: bigint, most: bigint]
}

const plans: readonly Plan[] = [
  {
    feePips: 100,
    tickSpacing: 1,
    tick: -3,
    positions: 30,
    decimals: [6, 6],
    liquidity: [10n ** 9n, 10n ** 15n],
  },
  {
    feePips: 100,
    tickSpacing: 1,
    tick: 276_324,
    positions: 16,
    decimals: [6, 18],
    liquidity: [10n ** 12n, 10n ** 20n],
  },
  {
    feePips: 500,
    tickSpacing: 10,
    tick: 200_745,
    positions: 32,
    decimals: [6, 18],
    liquidity: [10n ** 12n, 10n ** 18n],
  },
  {
    feePips: 500,
    tickSpacing: 10,
    tick: -74_000,
    positions: 20,
    decimals: [18, 18],
    liquidity: [10n ** 15n, 10n ** 23n],
  },
  {
    feePips: 2_500,
    tickSpacing: 50,
    tick: 257_100,
    positions: 24,
    decimals: [8, 18],
    liquidity: [10n ** 10n, 10n ** 17n],
  },
  {
    feePips: 2_500,
    tickSpacing: 50,
    tick: -870_000,
    positions: 12,
    decimals: [18, 2],
    liquidity: [10n ** 18n, 10n ** 26n],
  },
  {
    feePips: 10_000,
    tickSpacing: 200,
    tick: -190_000,
    positions: 20,
    decimals: [18, 18],
    liquidity: [10n ** 9n, 10n ** 24n],
  },
  {
    feePips: 10_000,
    tickSpacing: 200,
    tick: 700_000,
    positions: 8,
    decimals: [0, 18],
    liquidity: [10n ** 3n, 10n ** 12n],
  },
]

/** The chain, the contract that asks on it, and the pools as the module reads them. */
export type PancakeBench = {
  readonly chain: BenchChain
  readonly shim: Address
  readonly abi: Abi
  readonly states: readonly UniswapV3State[]
}

/** Starts the chain and makes the pools. */
export async function createPancakeBench(): Promise<PancakeBench> {
  const { PancakeShim, BenchToken } = compileCached('pancake', {
    PancakeShim: 'test/helpers/pancake/PancakeShim.sol',
    BenchToken: 'test/helpers/solidly/Bench.sol',
  })
  const poolCode = packageArtifact(`${core}/PancakeV3Pool.sol/PancakeV3Pool.json`)
  const factoryCode = packageArtifact(`${core}/PancakeV3Factory.sol/PancakeV3Factory.json`)
  const chain = await createBenchChain()
  const shim = await chain.deploy(PancakeShim, [poolCode.bytecode])
  const factory = await chain.deploy(factoryCode, [shim])
  const states: UniswapV3State[] = []
  for (const [at, plan] of plans.entries()) {
    const tokens: Address[] = []
    for (const decimals of plan.decimals) {
      const token = await chain.deploy(BenchToken, [decimals])
      await chain.send(token, BenchToken.abi, 'mint', [shim, 2n ** 200n])
      tokens.push(token)
    }
    tokens.sort()
    await chain.send(factory, factoryCode.abi, 'createPool', [...tokens, plan.feePips])
    const args = [...tokens, plan.feePips]
    const answer = await chain.ask({ to: factory, abi: getPool, name: 'getPool', args })
    const pool = lowerCase(answer as Address) // as the ABI above says
    const price = getSqrtRatioAtTick(plan.tick) + 12_345n
    await chain.send(pool, poolCode.abi, 'initialize', [price])
    await chain.send(shim, PancakeShim.abi, 'provide', [pool, planPositions(plan, at)])
    const ref = { kind: 'uniswapV3', id: toPoolId(pool), tokens, variant: 'pancake' }
    const state = await chain.read(uniswapV3.snapshot(ref))
    if (state === undefined) throw new TypeError(`no pool at ${pool}`)
    states.push(state)
  }
  return { chain, shim, abi: PancakeShim.abi, states }
}

/** Wide and narrow ranges around the price and, in every other pool, beside it with gaps between. */
function planPositions({ tickSpacing, tick, positions, liquidity }: Plan, at: number): Position[] {
  const rng = createRng(20_260_101 + at)
  const top = Math.floor(maxTick / tickSpacing)
  const here = Math.floor(tick / tickSpacing)
  const clamp = (compressed: number) => Math.max(-top, Math.min(top, compressed))
  return Array.from({ length: positions }, (_, nth) => {
    const width = rng.next() < 0.2 ? rng.int(100, 2_000) : rng.int(1, 30)
    const shift = at % 2 === 1 && nth % 3 === 0 ? rng.int(100, 400) : rng.int(-20, 20)
    const lower = clamp(here + shift - width)
    const upper = Math.max(lower + 1, clamp(here + shift + rng.int(1, width)))
    return {
      lower: Math.min(lower, top - 1) * tickSpacing,
      upper: upper * tickSpacing,
      liquidity: rng.logUniform(...liquidity),
    }
  })
}
