/** ERC-4626 vaults: rounding, limits, logs, reader and codec; and the rates of recorded buffers. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { toEventSelector, toFunctionSelector } from 'viem/utils'
import { hasSharedData } from '../../bench/accept/check.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import { shareHolders } from '../../solver/pools/deployments.ts'
import { erc4626, type Erc4626State } from '../../solver/pools/erc4626.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { aVault } from '../helpers/arbitraries/erc4626.ts'
import { type Answer, readAll } from '../helpers/fakePoolNode.ts'
import { poolA, tokenA, tokenB } from '../helpers/pools.ts'
import { withPool } from '../helpers/snapshots.ts'
import { rateVectors } from '../helpers/vectors/erc4626.ts'

const wrap = { indexIn: 0, indexOut: 1 }
const unwrap = { indexIn: 1, indexOut: 0 }
const word = (value: bigint) => value.toString(16).padStart(64, '0')
const none = { amountIn: 0n, amountOut: 0n, gas: 0n }
/** 10 shares of 25 assets: 2.5 assets a share. */
const vault = (over: Partial<Erc4626State> = {}) =>
  aVault({ totalAssets: 25n, totalSupply: 10n, ...over })

describe('erc4626.swapExactIn', () => {
  it('rounds shares and assets down', () => {
    assert.equal(erc4626.swapExactIn(vault(), { ...wrap, amountIn: 7n }).amountOut, 2n)
    assert.equal(erc4626.swapExactIn(vault(), { ...unwrap, amountIn: 3n }).amountOut, 7n)
  })

  it('counts virtual shares and the virtual asset', () => {
    const virtual = vault({ decimalsOffset: 2 })
    // (10 + 100) shares for (25 + 1) assets
    assert.equal(erc4626.swapExactIn(virtual, { ...wrap, amountIn: 7n }).amountOut, 29n)
    const empty = aVault({ decimalsOffset: 0 })
    assert.equal(erc4626.swapExactIn(empty, { ...wrap, amountIn: 7n }).amountOut, 7n)
  })

  it('stops at the limits of deposits and redemptions', () => {
    const limited = vault({ depositMax: 5n, redeemMax: 4n })
    const deposited = erc4626.swapExactIn(limited, { ...wrap, amountIn: 100n })
    assert.deepEqual([deposited.amountIn, deposited.amountOut], [5n, 2n])
    assert.deepEqual([deposited.next.depositMax, deposited.next.redeemMax], [0n, 6n])
    const redeemed = erc4626.swapExactIn(limited, { ...unwrap, amountIn: 100n })
    assert.deepEqual([redeemed.amountIn, redeemed.amountOut], [4n, 10n])
    assert.deepEqual([redeemed.next.depositMax, redeemed.next.redeemMax], [15n, 0n])
  })

  it('takes nothing for nothing, nor where there is no price', () => {
    for (const [state, swap] of [
      [vault(), { ...wrap, amountIn: 2n }],
      [aVault(), { ...wrap, amountIn: 9n }],
      [vault({ depositMax: 0n }), { ...wrap, amountIn: 9n }],
      [vault({ redeemMax: 0n }), { ...unwrap, amountIn: 9n }],
    ] as const)
      assert.deepEqual(erc4626.swapExactIn(state, swap), { ...none, next: state })
  })
})

describe('erc4626.swapExactOut', () => {
  it('rounds what it takes up', () => {
    assert.equal(erc4626.swapExactOut(vault(), { ...wrap, amountOut: 3n }).amountIn, 8n)
    assert.equal(erc4626.swapExactOut(vault(), { ...unwrap, amountOut: 6n }).amountIn, 3n)
  })
})

describe('erc4626.curve', () => {
  it('is absent where there is no price or nothing may move', () => {
    assert.equal(erc4626.curve(aVault()), undefined)
    assert.equal(erc4626.curve(vault({ depositMax: 0n, redeemMax: 0n })), undefined)
    assert.equal(erc4626.price(aVault(), 0), 0)
  })
})

describe('erc4626.apply', () => {
  const log = (address: Hex, topic: Hex) => ({ address, topics: [topic], data: '0x' as const })

  it('asks for a new reading after a deposit or withdrawal', () => {
    const events = [
      'Deposit(address,address,uint256,uint256)',
      'Withdraw(address,address,address,uint256,uint256)',
    ]
    assert.deepEqual(
      erc4626.topics,
      events.map((event) => toEventSelector(event)),
    )
    for (const topic of erc4626.topics)
      assert.equal(erc4626.apply(vault(), log(poolA, topic)), undefined)
  })

  it('returns the same state for any other log, and drifts all the same', () => {
    const state = vault()
    assert.equal(erc4626.apply(state, log(poolA, '0x00')), state)
    assert.equal(erc4626.apply(state, log(tokenB, erc4626.topics[0])), state)
    assert.equal(erc4626.drifts(), true)
    assert.equal(erc4626.discover(), undefined)
  })
})

describe('erc4626.snapshot', () => {
  const ref = { kind: 'erc4626', id: poolA, tokens: [tokenA, poolA] } as const
  const holder = word(BigInt(shareHolders[0] ?? 0))

  /** A vault of OpenZeppelin's formula, 2 digits more than its asset; `over` changes single answers. */
  function answers(over: Readonly<Record<string, bigint | undefined>> = {}, plain = false): Answer {
    const [assets, shares] = plain ? [7_000n, 5_000n] : [7_001n, 5_100n]
    const usual: Record<string, (argument: bigint) => bigint> = {
      'asset()': () => BigInt(tokenA),
      'totalAssets()': () => 7_000n,
      'totalSupply()': () => 5_000n,
      'decimals()': () => 8n,
      'maxDeposit(address)': () => 2n ** 256n - 1n,
      'maxRedeem(address)': (argument) => (argument === BigInt(`0x${holder}`) ? 900n : 0n),
      'previewDeposit(uint256)': (size) => (size * shares) / assets,
      'previewMint(uint256)': (size) => (size * assets + shares - 1n) / shares,
      'previewWithdraw(uint256)': (size) => (size * shares + assets - 1n) / assets,
      'previewRedeem(uint256)': (size) => (size * assets) / shares,
    }
    const named = Object.keys(usual).map((name) => [toFunctionSelector(name), name] as const)
    const names = new Map<string, string>(named)
    const balanceOf = toFunctionSelector('balanceOf(address)')
    return ({ target, data }) => {
      const selector = data.slice(0, 10)
      if (target === tokenA) {
        const name = selector === balanceOf ? 'idle' : 'assetDecimals'
        return `0x${word((name in over ? over[name] : { idle: 70n, assetDecimals: 6n }[name]) ?? 0n)}`
      }
      const name = names.get(selector) ?? ''
      const value = name in over ? over[name] : usual[name]?.(BigInt(`0x${data.slice(10) || '0'}`))
      return value === undefined ? undefined : `0x${word(value)}`
    }
  }
  const read = (over?: Readonly<Record<string, bigint | undefined>>, plain?: boolean) =>
    readAll(erc4626.snapshot(ref), answers(over, plain))

  it('reads totals, offset and limits in two rounds', () => {
    const { state, rounds, calls } = read()
    const totals = { totalAssets: 7_000n, totalSupply: 5_000n, decimalsOffset: 2, redeemMax: 900n }
    assert.deepEqual(state, aVault(totals))
    assert.deepEqual([rounds, calls], [2, 5 + shareHolders.length + 2 + 4 * 5])
    assert.deepEqual(erc4626.refOf(state), ref)
  })

  it('finds that a vault divides without virtual shares', () => {
    assert.equal('decimalsOffset' in (read({}, true).state ?? {}), false)
    assert.notEqual(read({}, true).state, undefined)
    assert.equal(read({ 'decimals()': 3n }).state, undefined)
  })

  it('takes what lies idle as redeemable where no holder is granted more', () => {
    // 700 assets are 700 * 5100 / 7001 shares.
    assert.equal(read({ 'maxRedeem(address)': 0n, idle: 700n }).state?.redeemMax, 509n)
    assert.equal(read({ 'maxRedeem(address)': undefined, idle: 9_999n }).state?.redeemMax, 5_000n)
    assert.equal(read({ 'maxRedeem(address)': 9_999n }).state?.redeemMax, 5_000n)
  })

  it('keeps the limit of deposits, and takes no deposits where it is not said', () => {
    assert.equal(read({ 'maxDeposit(address)': 11n }).state?.depositMax, 11n)
    assert.equal(read({ 'maxDeposit(address)': undefined }).state?.depositMax, 0n)
  })

  it('refuses what is no vault, and one whose previews are not those of its totals', () => {
    const wrong = [
      { 'asset()': undefined },
      { 'totalAssets()': undefined },
      { 'totalSupply()': undefined },
      { 'totalAssets()': 2n ** 200n },
      { 'previewRedeem(uint256)': undefined },
      { 'previewDeposit(uint256)': 0n },
      { 'previewMint(uint256)': 1n },
      { 'previewWithdraw(uint256)': 1n },
      { 'previewRedeem(uint256)': 1n },
    ]
    for (const over of wrong) assert.equal(read(over).state, undefined, Object.keys(over)[0])
  })
})

describe('erc4626.codec', () => {
  const pool = {
    kind: 'erc4626',
    id: poolA,
    tokens: [tokenA, poolA],
    totalAssets: '7',
    totalSupply: '5',
    depositMax: '0',
    redeemMax: '5',
  }
  const tokens = [tokenA, tokenB, poolA].map((address) => ({
    address,
    symbol: 'T',
    decimals: '18',
  }))
  const parse = (over: object = {}) =>
    parseSnapshot(JSON.stringify({ ...withPool(pool, { ...over }), tokens }))

  it('reads a vault without virtual shares', () => {
    const state = aVault({ totalAssets: 7n, totalSupply: 5n, depositMax: 0n })
    assert.deepEqual(parse().view.pools.get(toPoolId(poolA)), state)
  })

  it('refuses what breaks a rule', () => {
    const wrong = [
      { totalAssets: '-1' },
      { totalAssets: String(2n ** 128n) },
      { totalSupply: undefined },
      { totalSupply: String(2n ** 128n) },
      { redeemMax: '6' },
      { depositMax: String(2n ** 128n) },
      { decimalsOffset: '19' },
      { tokens: [tokenA, tokenB] },
      { tokens: [tokenA, tokenB, poolA] },
      { tokens: [poolA, tokenA] },
    ]
    for (const over of wrong)
      assert.throws(() => parse(over), { code: 'market.snapshot-invalid' }, JSON.stringify(over))
  })
})

describe('erc4626 on recorded buffers', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('gives their rates, within the two units that a buffer keeps', () => {
    const vectors = rateVectors()
    assert.equal(vectors.length, 10)
    for (const { name, ours, recorded, coarseUnit, isExactIn } of vectors) {
      const kept = isExactIn ? ours - recorded : recorded - ours
      assert.ok(kept >= 0n && kept <= 2n * coarseUnit, `${name}: ${ours}, recorded ${recorded}`)
    }
    assert.equal(vectors.filter(({ ours, recorded }) => ours === recorded).length, 4)
  })
})
