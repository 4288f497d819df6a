/** The screen against nodes that are not what it hopes for, and what tokens answer of themselves. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { encodeFunctionResult, parseAbi } from 'viem/utils'
import { readFileSync } from 'node:fs'
import { ChainUnreachableError } from '../../solver/chain/client.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV2State } from '../../solver/pools/states.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import { probeAddress } from '../../solver/market/probe.ts'
import { isRebasing, rebasingCalls } from '../../solver/market/rebasing.ts'
import { screenTokens } from '../../solver/market/screen.ts'

const { view } = parseSnapshot(
  readFileSync(new URL('../../examples/market.json', import.meta.url), 'utf8'),
)
const wanted = [...view.tokens.keys()].filter((token) => token !== view.wrappedNative)
const abi = parseAbi([
  'struct Finding { uint256 refused; uint256 bought; uint256 boughtArrived; uint256 moved; uint256 movedArrived; uint256 onward; uint256 onwardArrived; uint256 sold; uint256 soldArrived; uint256 proceeds; bytes reason; }',
  'function probe() returns (Finding[] findings)',
])
const fine = {
  refused: 0n,
  bought: 9n,
  boughtArrived: 9n,
  moved: 4n,
  movedArrived: 4n,
  onward: 4n,
  onwardArrived: 4n,
  sold: 9n,
  soldArrived: 9n,
  proceeds: 1n,
  reason: '0x' as Hex,
}

/** A node that answers trials by `answer`, and to all other reads that nobody is there. */
function nodeOf(answer: (gas: bigint, data: Hex) => Hex) {
  let requests = 0
  return {
    requests: () => requests,
    async request({ params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
      const [call] = (params ?? []) as [{ to?: Address; gas: Hex; data: Hex }] // this test's own calls
      // Twenty bytes of target, two of length, 36 of data a call; each is told to have reverted.
      if (call.to !== probeAddress)
        return Promise.resolve(`0x${'000000'.repeat((call.data.length - 2) / 2 / 58)}`)
      requests += 1
      return Promise.resolve(answer(BigInt(call.gas), call.data))
    },
  }
}

function findings(count: number): Hex {
  const result = Array.from({ length: count }, () => fine)
  return encodeFunctionResult({ abi, functionName: 'probe', result })
}

/** Trials in call data: each has its place in a list of as many, whose length is the second word. */
function trialsIn(data: Hex): number {
  return Number(BigInt(`0x${data.slice(10 + 64, 10 + 128)}`))
}

describe('screen.screenTokens, of nodes', () => {
  it('says that nothing was tried where the node knows no overrides', async () => {
    const node = nodeOf(() => '0x')
    const found = await screenTokens(node, view)
    assert.deepEqual([...found.keys()], wanted)
    for (const { unchecked, sellable } of found.values())
      assert.deepEqual([unchecked, sellable], ['no-overrides', true])
    assert.equal(node.requests(), 1)
  })

  it('asks with less gas, then for fewer, then gives single trials up', async () => {
    const asked: [bigint, number][] = []
    const node = nodeOf((gas, data) => {
      asked.push([gas, trialsIn(data)])
      throw new TypeError('execution reverted')
    })
    const found = await screenTokens(node, view)
    assert.deepEqual(
      [...found.values()].map(({ unchecked }) => unchecked),
      wanted.map(() => 'node-refused'),
    )
    assert.deepEqual(asked, [
      [48_000_000n, 2],
      [16_000_000n, 2],
      [16_000_000n, 1],
      [16_000_000n, 1],
    ])
  })

  it('leaves a node alone that refuses three trials in a row', async () => {
    const weth = view.wrappedNative
    assert.ok(weth)
    const address = (index: number): Address => `0x${index.toString(16).padStart(40, '0')}`
    const many = Array.from({ length: 40 }, (_, index) => address(index + 1))
    const pools = many.map((token, index): UniswapV2State => {
      const id = toPoolId(address(1_000 + index))
      const reserves = [10n ** 24n, 10n ** 20n] as const
      return { kind: 'uniswapV2', id, tokens: [token, weth], reserves, feePips: 3_000 }
    })
    const node = nodeOf(() => {
      throw new TypeError('execution reverted')
    })
    const market = { ...view, pools: new Map(pools.map((state) => [state.id, state])) }
    const found = await screenTokens(node, market, { tokens: many })
    assert.equal(found.size, 40)
    assert.ok(node.requests() < 16, String(node.requests()))
  })

  it('goes on where the gas of a request ended', async () => {
    const node = nodeOf(() => findings(1))
    const progress: number[] = []
    const found = await screenTokens(node, view, { onProgress: (done) => progress.push(done) })
    assert.ok([...found.values()].every(({ sellable, unchecked }) => sellable && !unchecked))
    assert.deepEqual(progress, [1, 2])
  })

  it('takes an answer that is not the probe for a refusal, and no findings for none', async () => {
    for (const answer of ['0x01', findings(0)] as const) {
      const found = await screenTokens(
        nodeOf(() => answer),
        view,
      )
      for (const { unchecked } of found.values()) assert.equal(unchecked, 'node-refused')
    }
  })

  it('rejects when the node cannot be reached: that says nothing of a token', async () => {
    const node = nodeOf(() => {
      throw new ChainUnreachableError({ urls: [] })
    })
    await assert.rejects(screenTokens(node, view), ChainUnreachableError)
  })

  it('names tokens to which no pool leads', async () => {
    const found = await screenTokens(
      nodeOf(() => findings(1)),
      { ...view, pools: new Map() },
    )
    for (const { unchecked } of found.values()) assert.equal(unchecked, 'no-pool')
  })
})

describe('rebasing.isRebasing', () => {
  const token: Address = `0x${'5'.repeat(40)}`
  const word: Hex = `0x${'0'.repeat(64)}`
  const calls = rebasingCalls(token)
  const answered = (...indices: readonly number[]) =>
    isRebasing(calls.map((_, index) => (indices.includes(index) ? word : undefined)))

  it('wants all functions of a family', () => {
    assert.equal(answered(), false)
    assert.equal(answered(0), false)
    assert.equal(answered(1), false)
    assert.equal(answered(0, 1), true)
  })

  it('knows each family of one function', () => {
    for (let index = 2; index < calls.length - 1; index++) assert.equal(answered(index), true)
  })

  it('does not believe a token that answers whatever it is asked', () => {
    assert.equal(answered(...calls.keys()), false)
  })

  it('asks by the selectors that the families published', () => {
    // stETH's sharesOf, Aave's scaledBalanceOf: https://www.4byte.directory
    const selectors = calls.map(({ data }) => data.slice(0, 10))
    assert.equal(selectors[0], '0xf5eb42dc')
    assert.equal(selectors[2], '0x1da24f3e')
  })
})
