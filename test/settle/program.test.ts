/** What the writer writes the reader reads, and what cannot run is refused before it is sent. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, type Hex, zeroAddress } from '../../solver/core/hex.ts'
import { venues } from '../../solver/engine/settleSolution.ts'
import { signerOf, signOrder, signWinCert } from '../../solver/intents/sign.ts'
import type { Order, SignedOrder } from '../../solver/intents/order.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { Leg, Route } from '../../solver/route/route.ts'
import { decodeSettlement } from '../../solver/settle/decode.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'
import { encodeSettlement } from '../../solver/settle/program.ts'
import { hasVerb } from '../../solver/settle/swapVerb.ts'
import { anOrder, codeOfError, domain, ownerAccount } from '../helpers/orders.ts'

const weth = mainnetTokens.WETH.address
const usdc = mainnetTokens.USDC.address
const dai = mainnetTokens.DAI.address
const [uniswapV2] = venues.uniswapV2
const [uniswapV3] = venues.uniswapV3
assert.ok(uniswapV2 !== undefined && uniswapV3 !== undefined)
const ticks = {
  feePips: 500,
  tickSpacing: 10,
  sqrtPriceX96: 2n ** 96n,
  tick: 0,
  liquidity: 1n,
  ticks: [],
}

function pairOf(tokens: readonly [Address, Address], feePips = 3_000): PoolState {
  const id = toPoolId(uniswapV2Address(uniswapV2 as NonNullable<typeof uniswapV2>, ...tokens))
  return { kind: 'uniswapV2', id, tokens, reserves: [1n, 1n], feePips }
}

function poolOf(tokens: readonly [Address, Address]): PoolState {
  const id = toPoolId(uniswapV3Address(uniswapV3 as NonNullable<typeof uniswapV3>, ...tokens, 500))
  return { kind: 'uniswapV3', id, tokens, ...ticks }
}

function v4Of(name: string, tokens: readonly [Address, Address], hooks = zeroAddress): PoolState {
  const [currency0, currency1] = tokens
  const poolKey = { currency0, currency1, fee: 500, tickSpacing: 10, hooks }
  const id = toPoolId(`0x${name.padStart(64, '0')}`)
  return { kind: 'uniswapV4', id, tokens, ...ticks, poolKey, hooks, protocolFee: 0 }
}

const wethUsdc = poolOf([usdc, weth])
const wethUsdcV2 = pairOf([usdc, weth])
const wethDai = pairOf([dai, weth])
const daiUsdc = v4Of('a1', [dai, usdc])
const ethUsdc = v4Of('a2', [zeroAddress, usdc])
const hooked = v4Of('a3', [usdc, weth], '0x00000000000000000000000000000000000000c0')
const states = [wethUsdc, wethUsdcV2, wethDai, daiUsdc, ethUsdc, hooked]
const view: MarketView = {
  chainId: 1,
  tokens: new Map(),
  pools: new Map(states.map((state) => [state.id, state])),
}

function leg(state: PoolState, tokenIn: Address, tokenOut: Address, amountIn: bigint): Leg {
  const [indexIn, indexOut] = [tokenIn, tokenOut].map((token) => state.tokens.indexOf(token))
  assert.ok(indexIn !== undefined && indexOut !== undefined)
  const { id: pool, kind } = state
  return { pool, kind, indexIn, indexOut, tokenIn, tokenOut, amountIn, amountOut: 1n }
}

const route = (...legs: readonly Leg[]): Route => ({ legs, credit: false })
const signed = (changes: Partial<Order> = {}, funding: SignedOrder['funding'] = 'allowance') =>
  signOrder(anOrder(changes), domain, funding, signerOf(ownerAccount))
const amount = anOrder().amount
const direct = route(leg(wethUsdc, weth, usdc, amount))
const overDai = route(
  leg(wethDai, weth, dai, amount / 2n),
  leg(wethUsdcV2, weth, usdc, amount / 2n),
  leg(daiUsdc, dai, usdc, 1_500n),
)

describe('program.encodeSettlement', () => {
  it('is read back as the same order, signature and route', async () => {
    const order = await signed()
    const read = decodeSettlement(encodeSettlement(order, overDai, view, { venues }))
    assert.deepEqual(read.order, order.order)
    assert.equal(read.signatureKind, 0)
    assert.equal(read.fundingKind, 0)
    assert.equal(read.certificate, undefined)
    assert.deepEqual(
      read.verbs.map(({ verb, tokenIn, tokenOut, amountIn }) => [
        verb,
        tokenIn,
        tokenOut,
        amountIn,
      ]),
      [
        [0x1f, weth, dai, amount / 2n],
        [0x1f, weth, usdc, amount / 2n],
        [0x50, dai, usdc, 'all'],
      ],
    )
    assert.deepEqual([read.verbs[2]?.feePips, read.verbs[2]?.tickSpacing], [500, 10])
  })

  it('gives exact amounts of a token between to all legs but its last', async () => {
    const legs = [
      leg(wethDai, weth, dai, amount),
      leg(daiUsdc, dai, usdc, 700n),
      leg(daiUsdc, dai, usdc, 800n),
    ]
    const { verbs } = decodeSettlement(
      encodeSettlement(await signed(), route(...legs), view, { venues }),
    )
    assert.deepEqual(
      verbs.map(({ amountIn }) => amountIn),
      [amount, 700n, 'all'],
    )
  })

  it('takes 223 bytes for one V3 hop of a plain order', async () => {
    // Operation 1, order 133, signature 65, funding 1, certificate 1, tokens 1, verbs 1, verb 20.
    const data = encodeSettlement(await signed(), direct, view, { venues })
    assert.equal((data.length - 2) / 2, 223)
  })

  it('carries receiver, auctioneer and certificate when they are given', async () => {
    const other = mainnetTokens.UNI.address
    const order = await signed({ receiver: other, auctioneer: other, flags: 3 })
    const cert = {
      order: order.digest,
      part: 0,
      solver: other,
      sellAmount: amount,
      minOut: 9n,
      lastBlock: 77,
    }
    const { signature } = await signWinCert(cert, domain, signerOf(ownerAccount))
    const certificate = { minOut: 9n, lastBlock: 77, signature }
    const data = encodeSettlement(order, direct, view, { venues, certificate })
    const read = decodeSettlement(data)
    assert.deepEqual(read.order, order.order)
    assert.deepEqual([read.certificate?.minOut, read.certificate?.lastBlock], [9n, 77])
    assert.equal((data.length - 2) / 2, 223 + 40 + 85)
  })

  it('pulls once through Permit2 for a split, and pays in the callback for one leg', async () => {
    const order = await signed({}, 'permit2')
    const one = decodeSettlement(encodeSettlement(order, direct, view, { venues }))
    assert.deepEqual([one.signatureKind, one.fundingKind, one.pulled], [3, 1, undefined])
    assert.equal(one.signature, order.signature)
    const two = decodeSettlement(encodeSettlement(order, overDai, view, { venues }))
    assert.deepEqual([two.fundingKind, two.pulled], [2, amount])
  })

  it('names native ether by its own verb and wrapped ether by its address', async () => {
    const native = route(leg(ethUsdc, zeroAddress, usdc, amount))
    const { verbs } = decodeSettlement(encodeSettlement(await signed(), native, view, { venues }))
    assert.deepEqual([verbs[0]?.verb, verbs[0]?.tokenIn], [0x52, mainnet.wrappedNative])
  })

  it("sends bytes that no key makes as the owner's contract's", async () => {
    const order = { ...(await signed()), signature: '0xabcdef' as Hex }
    const read = decodeSettlement(encodeSettlement(order, direct, view, { venues }))
    assert.deepEqual([read.signatureKind, read.signature], [1, '0xabcdef'])
    const asked = encodeSettlement(await signed(), direct, view, { venues, signedBy: 'contract' })
    assert.equal(decodeSettlement(asked).signatureKind, 1)
    const refused = () => encodeSettlement(order, direct, view, { venues, signedBy: 'key' })
    assert.equal(await codeOfError(refused), 'settle.signature-form')
  })

  const unknownPool = { ...leg(wethUsdc, weth, usdc, amount), pool: toPoolId('0x01') }
  const refusals: readonly (readonly [string, Route, string])[] = [
    ['a plan on credit', { ...direct, credit: true }, 'settle.credit-route'],
    ['no legs', route(), 'settle.route-shape'],
    [
      'more than the order sells',
      route(leg(wethUsdc, weth, usdc, amount + 1n)),
      'settle.sells-too-much',
    ],
    ['a pool that the view lacks', route(unknownPool), 'settle.pool-missing'],
    ['a pool with hooks', route(leg(hooked, weth, usdc, amount)), 'settle.no-verb'],
    [
      'a token taken before it comes',
      route(leg(daiUsdc, dai, usdc, 1n), leg(wethDai, weth, dai, amount)),
      'settle.route-shape',
    ],
    ['a token left over', route(leg(wethDai, weth, dai, amount)), 'settle.route-shape'],
    [
      'the buy token taken',
      route(leg(wethUsdc, weth, usdc, amount), leg(daiUsdc, usdc, dai, 1n)),
      'settle.route-shape',
    ],
    [
      'the sell token given',
      route(leg(wethDai, weth, dai, amount), leg(wethDai, dai, weth, 1n)),
      'settle.route-shape',
    ],
    ['an amount of zero', route(leg(wethUsdc, weth, usdc, 0n)), 'settle.route-shape'],
  ]
  for (const [what, plan, code] of refusals)
    it(`refuses ${what}`, async () => {
      const order = await signed()
      assert.equal(await codeOfError(() => encodeSettlement(order, plan, view, { venues })), code)
    })

  it('refuses a pool that no factory of the table made, or that has another fee', async () => {
    const order = await signed()
    const foreign = { ...wethUsdcV2, id: toPoolId(`0x${'77'.repeat(20)}`) }
    for (const state of [foreign, pairOf([usdc, weth], 2_500)]) {
      const other = { ...view, pools: new Map([[state.id, state]]) }
      const plan = route(leg(state, weth, usdc, amount))
      const encode = () => encodeSettlement(order, plan, other, { venues })
      assert.equal(await codeOfError(encode), 'settle.pool-not-derived')
      assert.equal(hasVerb(state, venues), false)
    }
  })
})

describe('swapVerb.hasVerb', () => {
  it('is true for derived pools and V4 without hooks only', () => {
    assert.deepEqual(
      states.map((state) => hasVerb(state, venues)),
      [true, true, true, true, true, false],
    )
  })
})

describe('decode.decodeSettlement', () => {
  it('refuses every call that is cut short or too long', async () => {
    const data = encodeSettlement(await signed(), overDai, view, { venues })
    for (let length = 2; length < data.length; length += 2)
      assert.equal(
        await codeOfError(() => decodeSettlement(data.slice(0, length) as Hex)),
        'settle.malformed-program',
      )
    const long = () => decodeSettlement(`${data}00`)
    assert.equal(await codeOfError(long), 'settle.malformed-program')
  })

  it('answers any bytes with a call or with its one error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const data: Hex = `0x02${Buffer.from(bytes).toString('hex')}`
        try {
          decodeSettlement(data)
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'settle.malformed-program')
        }
      }),
    )
  })
})
