/** The whole line on real bytecode: quote, sign, encode, simulate, settle, and received equals quoted. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { createPublicClient, custom } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { encodeFunctionData, numberToHex, parseAbi } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { venues } from '../../solver/engine/settleSolution.ts'
import { createChecks } from '../../solver/engine/checks.ts'
import { requireFillable } from '../../solver/intents/verify.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import type { Funding, Order, SignedOrder } from '../../solver/intents/order.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import { settlementDeployment } from '../../solver/localnet/localnet.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { readFills } from '../../solver/measure/fill.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Quote } from '../../solver/route/route.ts'
import { settlementAbi } from '../../solver/settle/abi.ts'
import { decodeSettlement } from '../../solver/settle/decode.ts'
import { type Preparation, prepareSettlement } from '../../solver/settle/prepare.ts'
import { sendInBlock } from '../helpers/localnet.ts'
import { codeOfError } from '../helpers/orders.ts'

const { WETH, USDC, USDT, DAI, WBTC } = mainnetTokens
const approval = parseAbi(['function approve(address, uint256)'])
const ether = 10n ** 18n

describe('Settlement on the local mainnet', function () {
  this.timeout(120_000)
  let chain: LocalChain
  let settlement: Address
  let view: Preparation['view']
  let now: number
  let snapshot: unknown

  before(async () => {
    const { address, artifact } = await settlementDeployment()
    settlement = address
    chain = await createLocalChain({ contracts: [{ address, artifact }] })
    const reading = await readMarket(chain.provider, chain.pools)
    view = reading.view
    now = Number(reading.view.block.timestamp)
    const owner = chain.accounts.owner(0).address
    for (const [token, amount] of [
      [WETH.address, 1_000n * ether],
      [USDT.address, 10n ** 13n],
    ] as const) {
      await chain.fund(owner, token, amount)
      for (const spender of [settlement, mainnet.permit2])
        await approve(token, spender, 2n ** 256n - 1n)
    }
  })
  beforeEach(async () => {
    snapshot = await chain.provider.request({ method: 'evm_snapshot' })
  })
  afterEach(() => chain.provider.request({ method: 'evm_revert', params: [snapshot] }))
  after(() => chain.close())

  async function approve(token: Address, spender: Address, amount: bigint): Promise<void> {
    const owner = chain.accounts.owner(0).address
    const data = encodeFunctionData({
      abi: approval,
      functionName: 'approve',
      args: [spender, amount],
    })
    assert.ok(await sendInBlock(chain.provider, owner, { to: token, data }))
  }

  const viemClient = () => createPublicClient({ transport: custom(chain.provider) })

  function quoteFor(sellToken: Address, buyToken: Address, amountIn: bigint): Quote {
    const request = { tokenIn: sellToken, tokenOut: buyToken, amountIn }
    const quote = findQuote(view, request, { executable: true })
    assert.ok(quote !== undefined)
    return quote
  }

  async function signFor(
    sellToken: Address,
    buyToken: Address,
    quote: Quote,
    funding: Funding,
    changes: Partial<Order> = {},
  ): Promise<SignedOrder> {
    const { address: owner, privateKey } = chain.accounts.owner(0)
    const order: Order = {
      owner,
      sellToken,
      buyToken,
      receiver: owner,
      auctioneer: zeroAddress,
      amount: quote.amountIn,
      limitStart: quote.amountOut,
      limitEnd: quote.amountOut,
      decayStart: now,
      decayEnd: now,
      validTo: now + 3_600,
      nonce: 77n,
      flags: 0,
      ...changes,
    }
    const domain = { chainId: 1, settlement }
    return signOrder(order, domain, funding, signerOf(privateKeyToAccount(privateKey)))
  }

  const prepare = (signed: SignedOrder, route: Quote) =>
    prepareSettlement(chain.provider, {
      signed,
      route,
      view,
      venues,
      solver: chain.accounts.solver.address,
    })

  async function settleAndCompare(signed: SignedOrder, quote: Quote): Promise<number> {
    const { owner, buyToken, sellToken } = signed.order
    const { to, data, gasLimit, expected } = await prepare(signed, quote)
    assert.deepEqual(expected, [
      { digest: signed.digest, sold: quote.amountIn, bought: quote.amountOut },
    ])
    const held = async () => [
      await balanceOf(chain.provider, sellToken, owner),
      await balanceOf(chain.provider, buyToken, owner),
    ]
    const [soldBefore = 0n, boughtBefore = 0n] = await held()
    const from = chain.accounts.solver.address
    const params = [{ from, to, data, gas: numberToHex(gasLimit) }]
    const hash = await chain.provider.request({ method: 'eth_sendTransaction', params })
    await chain.provider.request({ method: 'evm_mine' })
    const receipt = (await chain.provider.request({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    })) as { status: string; logs: Parameters<typeof readFills>[0] }
    assert.equal(receipt.status, '0x1')
    const [soldAfter = 0n, boughtAfter = 0n] = await held()
    assert.equal(soldBefore - soldAfter, quote.amountIn)
    assert.equal(boughtAfter - boughtBefore, quote.amountOut)
    assert.deepEqual(readFills(receipt.logs, settlement), [
      { digest: signed.digest, owner, sold: quote.amountIn, bought: quote.amountOut },
    ])
    return decodeSettlement(data).verbs.length
  }

  const trades = [
    ['one WETH for USDC', WETH.address, USDC.address, ether],
    ['four hundred WETH for USDC', WETH.address, USDC.address, 400n * ether],
    ['WETH for WBTC', WETH.address, WBTC.address, 100n * ether],
    ['USDT, which answers nothing, for DAI', USDT.address, DAI.address, 10n ** 11n],
  ] as const

  for (const funding of ['allowance', 'permit2'] as const)
    for (const [what, sellToken, buyToken, amount] of trades)
      it(`settles ${what} by ${funding}, and received equals quoted to the wei`, async () => {
        const quote = quoteFor(sellToken, buyToken, amount)
        const signed = await signFor(sellToken, buyToken, quote, funding)
        await requireFillable(signed, { chainId: 1, settlement, now })
        const verbs = await settleAndCompare(signed, quote)
        assert.equal(verbs, quote.route.legs.length)
      })

  it('refuses in simulation what the chain would refuse, each by its own code', async () => {
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const sign = (changes: Partial<Order> = {}, funding: Funding = 'allowance') =>
      signFor(WETH.address, USDC.address, quote, funding, changes)
    const code = async (signed: SignedOrder) => codeOfError(() => prepare(signed, quote))

    const tooMuch = { limitStart: quote.amountOut + 1n, limitEnd: quote.amountOut + 1n }
    assert.equal(await code(await sign(tooMuch)), 'settle.paid-too-little')
    assert.equal(await code(await sign({ validTo: now - 1 })), 'settle.order-expired')
    assert.equal(await code(await sign({ validTo: now - 1 }, 'permit2')), 'settle.order-expired')
    const stranger = { ...(await sign()), order: { ...(await sign()).order, nonce: 78n } }
    assert.equal(await code(stranger), 'settle.bad-signature')
    const witness = {
      ...(await sign({ nonce: 78n }, 'permit2')),
      ...pick(await sign({}, 'permit2')),
    }
    assert.equal(await code(witness), 'settle.permit2-signature-invalid')
    const auctioned = {
      auctioneer: settlement,
      flags: 2,
      decayStart: now + 3_600,
      decayEnd: now + 3_600,
    }
    assert.equal(await code(await sign(auctioned)), 'settle.certificate-missing')
  })

  it('fills an order that was signed both ways once, and a replay never', async () => {
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const sign = (funding: Funding) => signFor(WETH.address, USDC.address, quote, funding)
    const signed = [await sign('allowance'), await sign('permit2')] as const
    const checks = createChecks({
      client: { ...chain.provider, chainId: 1, viem: viemClient() },
      settlement,
      clock: { now: () => BigInt(now) },
    })
    for (const first of signed) {
      await checks.requireFillable(first)
      await settleAndCompare(first, quote)
      for (const again of signed) {
        assert.equal(await codeOfError(() => prepare(again, quote)), 'settle.nonce-used')
        const check = () => checks.requireFillable(again)
        assert.equal(await codeOfError(check), 'intents.nonce-used')
      }
      await chain.provider.request({ method: 'evm_revert', params: [snapshot] })
      snapshot = await chain.provider.request({ method: 'evm_snapshot' })
    }
  })

  it('sees a nonce that was used up at Permit2, for orders that Permit2 funds', async () => {
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const sign = (funding: Funding) => signFor(WETH.address, USDC.address, quote, funding)
    const [byAllowance, byPermit2] = [await sign('allowance'), await sign('permit2')]
    const data = encodeFunctionData({
      abi: parseAbi(['function invalidateUnorderedNonces(uint256 word, uint256 mask)']),
      args: [0n, 1n << byPermit2.order.nonce],
    })
    const owner = chain.accounts.owner(0).address
    assert.ok(await sendInBlock(chain.provider, owner, { to: mainnet.permit2, data }))
    const checks = createChecks({
      client: { ...chain.provider, chainId: 1, viem: viemClient() },
      settlement,
      clock: { now: () => BigInt(now) },
    })
    const check = () => checks.requireFillable(byPermit2)
    assert.equal(await codeOfError(check), 'intents.nonce-used')
    assert.equal(await codeOfError(() => prepare(byPermit2, quote)), 'settle.permit2-nonce-used')
    await checks.requireFillable(byAllowance)
    await settleAndCompare(byAllowance, quote)
  })

  it('refuses a cancelled order, whatever funds it', async () => {
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const data = encodeFunctionData({
      abi: settlementAbi,
      functionName: 'cancel',
      args: [0n, 1n << 77n],
    })
    const owner = chain.accounts.owner(0).address
    assert.ok(await sendInBlock(chain.provider, owner, { to: settlement, data }))
    for (const funding of ['allowance', 'permit2'] as const) {
      const signed = await signFor(WETH.address, USDC.address, quote, funding)
      assert.equal(await codeOfError(() => prepare(signed, quote)), 'settle.nonce-used')
    }
  })

  it('names a missing allowance and a missing balance, by either funding', async () => {
    for (const [token, buyToken] of [
      [WETH.address, USDC.address],
      [USDT.address, DAI.address],
    ] as const)
      for (const [funding, spender] of [
        ['allowance', settlement],
        ['permit2', mainnet.permit2],
      ] as const) {
        const held = await balanceOf(chain.provider, token, chain.accounts.owner(0).address)
        const rich = quoteFor(token, buyToken, held + 1n)
        const poor = await signFor(token, buyToken, rich, funding)
        assert.equal(await codeOfError(() => prepare(poor, rich)), 'settle.balance-too-small')
        const quote = quoteFor(token, buyToken, 10n ** 9n)
        const signed = await signFor(token, buyToken, quote, funding)
        await approve(token, spender, 0n)
        assert.equal(await codeOfError(() => prepare(signed, quote)), 'settle.allowance-too-small')
      }
  })

  it('reads fills and reverts through a viem client too', async () => {
    const viem = viemClient()
    // viem's own type lists every method; the port takes any.
    const client = { request: (args: unknown) => viem.request(args as never) }
    const solver = chain.accounts.solver.address
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const signed = await signFor(WETH.address, USDC.address, quote, 'allowance')
    const good = await prepareSettlement(client, { signed, route: quote, view, venues, solver })
    assert.equal(good.expected[0]?.bought, quote.amountOut)
    const dear = { limitStart: quote.amountOut + 1n, limitEnd: quote.amountOut + 1n }
    const over = await signFor(WETH.address, USDC.address, quote, 'allowance', dear)
    const attempt = () =>
      prepareSettlement(client, { signed: over, route: quote, view, venues, solver })
    assert.equal(await codeOfError(attempt), 'settle.paid-too-little')
  })

  it('says that the node failed when it did', async () => {
    const quote = quoteFor(WETH.address, USDC.address, ether)
    const signed = await signFor(WETH.address, USDC.address, quote, 'allowance')
    const down = { request: () => Promise.reject(new Error('connection refused')) }
    const solver = chain.accounts.solver.address
    const attempt = () => prepareSettlement(down, { signed, route: quote, view, venues, solver })
    assert.equal(await codeOfError(attempt), 'settle.node-failed')
    const nowhere = { ...signed, settlement: chain.accounts.owner(3).address }
    assert.equal(await codeOfError(() => prepare(nowhere, quote)), 'settle.node-failed')
  })
})

function pick({ order, digest }: SignedOrder): Pick<SignedOrder, 'order' | 'digest'> {
  return { order, digest }
}
