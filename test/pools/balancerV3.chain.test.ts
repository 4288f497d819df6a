/** Balancer V3 pools on a chain with the real vault: what logs say is what is read. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { encodeFunctionData } from 'viem/utils'
import { balancerV3Vault } from '../../solver/pools/balancerV3Deployments.ts'
import {
  type BalancerV3StableState,
  balancerV3Stable,
} from '../../solver/pools/balancerV3Stable.ts'
import type { BalancerV3State } from '../../solver/pools/balancerV3State.ts'
import {
  type BalancerV3WeightedState,
  balancerV3Weighted,
} from '../../solver/pools/balancerV3Weighted.ts'
import type { PoolModule } from '../../solver/pools/pool.ts'
import { type BenchChain, type BenchPool, createBenchChain } from '../helpers/balancerV3/chain.ts'
import {
  readFrom,
  refOfPool,
  sendBench,
  sendData,
  type Sent,
} from '../helpers/balancerV3/transactions.ts'

const wad = 10n ** 18n
const noLimit = 2n ** 255n

let chain: BenchChain

before(async function () {
  // The first run compiles the vault.
  this.timeout(600_000)
  chain = await createBenchChain([
    {
      tokens: [0, 1, 2],
      tokenKinds: ['plain', 'plain', 'plain'],
      weights: [wad / 2n, wad / 4n, wad / 4n],
    },
    { tokens: [0, 1, 3], tokenKinds: ['plain', 'plain', 'rate'], amp: 200n },
    { tokens: [0, 3], tokenKinds: ['yield', 'plain'], weights: [wad / 5n, (4n * wad) / 5n] },
  ])
})

after(() => chain.close())

function poolAt(index: number): BenchPool {
  const pool = chain.pools[index]
  assert.ok(pool)
  return pool
}

/** A million of each token. */
function aMillion({ decimals }: BenchPool): readonly bigint[] {
  return decimals.map((each) => 10n ** BigInt(6 + each))
}

function read<state extends BalancerV3State>(
  module: PoolModule<state>,
  { address, tokens }: BenchPool,
): Promise<state | undefined> {
  return readFrom(chain, module.snapshot(refOfPool(module.kind, address, tokens)))
}

/** Adds, swaps both ways, changes the fee, removes; each with its logs. */
async function* actions(pool: BenchPool): AsyncGenerator<Sent> {
  const { address, tokens } = pool
  const [first = 0n, second = 0n] = aMillion(pool)
  yield sendBench(chain, 'initialize', [address, aMillion(pool)])
  yield sendBench(chain, 'setFees', [address, 10n ** 15n, wad / 2n, wad / 10n])
  const swap = { pool: address, userData: '0x' }
  const forward = { tokenIn: tokens[0], tokenOut: tokens[1] }
  yield sendBench(chain, 'swap', [
    { ...swap, ...forward, kind: 0, amountGivenRaw: first / 7n, limitRaw: 0n },
  ])
  yield sendBench(chain, 'swap', [
    {
      ...swap,
      tokenIn: tokens[1],
      tokenOut: tokens[0],
      kind: 1,
      amountGivenRaw: first / 9n,
      limitRaw: noLimit,
    },
  ])
  const to = chain.bench
  const amounts = tokens.map((_, at) => (at === 1 ? second / 10n : 0n))
  // Unbalanced: the fee of the swap that it stands for is charged too.
  yield sendBench(chain, 'add', [
    { pool: address, to, maxAmountsIn: amounts, minBptAmountOut: 0n, kind: 1, userData: '0x' },
  ])
  const least = tokens.map((_, at) => (at === 0 ? 1n : 0n))
  // One token for an exact amount of shares, then all tokens in proportion.
  yield sendBench(chain, 'remove', [
    { pool: address, from: to, maxBptAmountIn: wad, minAmountsOut: least, kind: 1, userData: '0x' },
  ])
  yield sendBench(chain, 'remove', [
    {
      pool: address,
      from: to,
      maxBptAmountIn: wad,
      minAmountsOut: tokens.map(() => 0n),
      kind: 0,
      userData: '0x',
    },
  ])
}

async function follow<state extends BalancerV3State>(
  module: PoolModule<state>,
  pool: BenchPool,
): Promise<{ applied: number; reread: number }> {
  let [applied, reread] = [0, 0]
  let state = await read(module, pool)
  for await (const { logs } of actions(pool)) {
    let next = state
    for (const log of logs) next = next && module.apply(next, log)
    state = await read(module, pool)
    if (next === undefined) reread += 1
    else assert.deepEqual(next, state)
    applied += logs.length
  }
  return { applied, reread }
}

describe('balancerV3.apply', () => {
  it('makes of a weighted pool what the vault made of it', async () => {
    // Only the shared fees, which change with the swap fee, are read again.
    const { applied, reread } = await follow(balancerV3Weighted, poolAt(0))
    assert.ok(applied >= 9)
    assert.equal(reread, 1)
  })

  it('makes of a stable pool what the vault made of it', async () => {
    assert.equal((await follow(balancerV3Stable, poolAt(1))).reread, 1)
  })

  it('asks to read a pool again whose tokens pay yield fees', async () => {
    assert.equal((await follow(balancerV3Weighted, poolAt(2))).reread, 7)
  })

  it('takes a paused pool for one that trades no more', async () => {
    const { abi } = chain.artifacts.VaultAdmin
    const pool = poolAt(0)
    const state = await read<BalancerV3WeightedState>(balancerV3Weighted, pool)
    assert.ok(state)
    // The bench is every pool's pause manager, and the authorizer lets everybody.
    const data = encodeFunctionData({ abi, functionName: 'pausePool', args: [pool.address] })
    const { logs } = await sendData({ ...chain, from: chain.from }, balancerV3Vault, data)
    const [log] = logs
    assert.ok(log)
    assert.equal(balancerV3Weighted.apply(state, log), undefined)
    const paused = await read<BalancerV3WeightedState>(balancerV3Weighted, pool)
    assert.equal(paused?.paused, true)
    assert.equal(paused && balancerV3Weighted.drifts(paused), true)
  })
})

describe('balancerV3Stable.snapshot', () => {
  it('reads the limit that the third version has', async () => {
    const state = await read<BalancerV3StableState>(balancerV3Stable, poolAt(1))
    assert.deepEqual([state?.amp, state?.imbalanceMax], [200_000n, 10_000n])
  })
})
