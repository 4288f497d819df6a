/** @balancer-labs/sor: V2 pairs as weighted pools of two equal halves, whose curve is the same. */
import { type Address, toAddress } from '../../../solver/core/hex.ts'
import { legGas } from '../../../solver/route/gas.ts'
import { load } from '../packages.ts'
import { type Ask, type OpenRouter, type Plan, type Router, hopOf } from '../plan.ts'
import type { Swaps } from './balancerTypes.ts'
import { type BenchPool, type BenchUniverse, weth } from '../universes.ts'

/** It knows no pools with ticks, so it is asked about V2 markets only. */
export const balancer: Router = {
  canOpen: ({ pools }) => pools.every(({ kind }) => kind === 'uniswapV2'),
  open,
}

async function open(universe: BenchUniverse): Promise<OpenRouter> {
  const { SOR, SwapTypes } = load('@balancer-labs/sor')
  const { BigNumber } = load('@ethersproject/bignumber')
  const { view } = universe
  const theirs = universe.pools.map((pool) => build(universe, pool))
  const poolOf = new Map<string, BenchPool>(universe.pools.map((pool) => [pool.id, pool]))
  const sor = new SOR(
    {},
    { chainId: 1, vault: weth, weth },
    // Its pools are changed by it, so it gets its own copy.
    { getPools: async () => structuredClone(theirs) },
    {
      getNativeAssetPriceInToken: async (address) => {
        const token = view.tokens.get(toAddress(address))
        if (token?.priceWei === undefined) return '0'
        return String(1 / ((Number(token.priceWei) / 1e18) * 10 ** (token.decimals - 18)))
      },
    },
  )
  await sor.fetchPools()
  const ask: Ask = async ({ tokenIn, tokenOut, amountIn }, gasPrice) => {
    const found = await sor.getSwaps(tokenIn, tokenOut, SwapTypes.SwapExactIn, String(amountIn), {
      gasPrice: BigNumber.from(String(gasPrice)),
      swapGas: BigNumber.from(String(legGas('uniswapV2'))),
    })
    return found.swaps.length === 0
      ? undefined
      : { plan: planOf(found, poolOf), claim: String(found.returnAmount) }
  }
  return { pools: theirs.length, ask }
}

/** A swap with an amount begins a path; one without goes on with what the last one paid. */
function planOf({ swaps, tokenAddresses }: Swaps, poolOf: ReadonlyMap<string, BenchPool>): Plan {
  const paths: { amountIn: string; hops: ReturnType<typeof hopOf>[] }[] = []
  for (const { poolId, assetInIndex, amount } of swaps) {
    const pool = poolOf.get(poolId)
    if (pool === undefined) continue
    const hop = hopOf(pool, tokenAddresses[assetInIndex] ?? '')
    if (amount === '0') paths.at(-1)?.hops.push(hop)
    else paths.push({ amountIn: amount, hops: [hop] })
  }
  return { form: 'paths', paths }
}

function build({ view }: BenchUniverse, pool: BenchPool) {
  const [reserve0, reserve1] = pool.kind === 'uniswapV2' ? pool.reserves : [0n, 0n]
  const token = (address: Address, reserve: bigint) => {
    const decimals = view.tokens.get(address)?.decimals ?? 18
    const balance = decimalOf(reserve, decimals)
    return { address, balance, decimals, priceRate: '1', weight: '0.5' }
  }
  const [address0 = weth, address1 = weth] = pool.tokens
  return {
    id: pool.id,
    address: pool.id,
    poolType: 'Weighted',
    swapFee: String(pool.feePips / 1e6),
    swapEnabled: true,
    totalShares: '1',
    totalWeight: '1',
    tokens: [token(address0, reserve0), token(address1, reserve1)],
    tokensList: [address0, address1],
  }
}

/** Base units as whole tokens, every digit kept. */
function decimalOf(units: bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0')
  return `${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`
}
