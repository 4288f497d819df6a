/** A line whose market holds a token with a fee: it is found at the start, not quoted to sign, not accepted. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { encodeFunctionData, parseAbi } from 'viem/utils'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { reasonsOf } from '../../solver/api/quoteAnswer.ts'
import { BaseError } from '../../solver/core/errors.ts'
import { connectLine, type Line } from '../../solver/engine/connect.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'
import { sendInBlock } from '../helpers/localnet.ts'

const weth = mainnetTokens.WETH.address
const usdc = mainnetTokens.USDC.address
const usdt = mainnetTokens.USDT.address
const amountIn = 10n ** 18n

describe('connect.connectLine with a token that keeps a part', function () {
  this.timeout(60_000)
  let plain: TestLine
  let line: Line
  const said: string[] = []
  before(async () => {
    plain = await startLine('manual')
    const { provider, accounts } = plain.net.chain
    const abi = parseAbi(['function setParams(uint256 rate, uint256 maximum)'])
    const data = encodeFunctionData({ abi, functionName: 'setParams', args: [10n, 10n] })
    const isSet = await sendInBlock(provider, accounts.deployer.address, { to: usdt, data })
    assert.ok(isSet)
    line = await connectLine({ ...plain.options, say: (text) => said.push(text) })
    const isScreened = () => said.some((text) => text.startsWith('screened'))
    await until(isScreened, 30, 'the screening')
  })
  after(async () => {
    await line.close()
    await plain.close()
  })

  it('finds the fee, and names the token alone', () => {
    const { tokens } = line.engine.view()
    assert.ok((tokens.get(usdt)?.transferFeePips ?? 0) >= 1_000)
    assert.equal(tokens.get(usdc)?.transferFeePips, 0)
    assert.equal(tokens.get(usdc)?.isSellable, true)
    assert.deepEqual(
      said.filter((text) => text.includes('left out:')).map((text) => text.slice(0, 42)),
      [usdt],
    )
  })

  it('quotes no plan to sign through it, and shows one to whoever only reads', () => {
    const request = { tokenIn: weth, tokenOut: usdt, amountIn }
    assert.equal(line.engine.quote(request), undefined)
    assert.ok(line.engine.quote(request, { executable: false }))
    // The control is the same market, screened before the fee was switched on.
    assert.ok(plain.engine.quote(request))
  })

  it('says in an answer without a plan that the token is why', () => {
    const input = { sellToken: weth, buyToken: usdt, sellAmount: amountIn }
    assert.deepEqual(reasonsOf(input, line.engine), ['token-takes-fee'])
    const reasons = reasonsOf({ ...input, buyToken: usdc }, line.engine)
    assert.deepEqual(reasons, ['no-depth'])
  })

  it('crosses no pool of it on the way between two other tokens', () => {
    const request = { tokenIn: weth, tokenOut: usdc, amountIn: 5_000n * amountIn }
    const crosses = (engine: Line['engine']) => {
      const { pools } = engine.view()
      const legs = engine.quote(request)?.quote.route.legs ?? []
      assert.ok(legs.length > 0)
      return legs.some(({ pool }) => pools.get(pool)?.tokens.includes(usdt))
    }
    assert.equal(crosses(line.engine), false)
    assert.equal(crosses(plain.engine), true)
  })

  it('accepts no order of it, whichever side it is on', async () => {
    for (const over of [{ buyToken: usdt }, { sellToken: usdt, buyToken: weth }])
      await assert.rejects(
        async () => line.engine.accept(await plain.sign(0, over)),
        (error) =>
          error instanceof BaseError &&
          (error as BaseError & { code: string }).code === 'engine.unfit-token',
      )
  })
})
