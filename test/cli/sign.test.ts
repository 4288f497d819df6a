/** `isoprice sign`: what it signs is what the settlement checks, and the key stays where it is. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type TypedDataDefinition, recoverAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { hashOrder } from '../../solver/intents/eip712.ts'
import { parseSignedOrder } from '../../solver/intents/orderJson.ts'
import { recoverSigner } from '../../solver/intents/verify.ts'
import { errorOf, runCli } from '../helpers/cli.ts'

const settlement = '0x5e771e0000000000000000000000000000000001'
const key = generatePrivateKey()
const owner = privateKeyToAccount(key).address
const terms = ['--sell', 'WETH', '--buy', 'USDC', '--amount', '5', '--limit', '4']
const plain = [...terms, '--settlement', settlement, '--nonce', '9', '--valid-to', '1900000000']

beforeEach(() => {
  process.env['ISOPRICE_OWNER_KEY'] = key
})
afterEach(() => {
  delete process.env['ISOPRICE_OWNER_KEY']
})

async function sign(...more: string[]) {
  const run = await runCli('sign', ...plain, ...more)
  return { ...run, text: run.out.join('\n') }
}

describe('cli.sign', () => {
  for (const funding of ['allowance', 'permit2'] as const)
    it(`signs with the owner's key for ${funding}, and reads back as the same order`, async () => {
      const { code, out } = await sign('--json', '--funding', funding)
      assert.deepEqual([code, out.length], [0, 1])
      const signed = parseSignedOrder(JSON.parse(out[0] ?? ''))
      assert.equal(signed.digest, hashOrder(signed.order, signed))
      assert.equal(signed.order.sellToken, mainnetTokens.WETH.address)
      const { amount, limitStart, limitEnd, nonce, validTo } = signed.order
      assert.deepEqual(
        [amount, limitStart, limitEnd, nonce, validTo],
        [5n, 4n, 4n, 9n, 1_900_000_000],
      )
      assert.equal(await recoverSigner(signed), owner.toLowerCase())
    })

  it('prints typed data that a wallet signs to the same digest', async () => {
    delete process.env['ISOPRICE_OWNER_KEY']
    const { code, text } = await sign('--typed-data', '--owner', owner, '--decay-start', '7')
    assert.equal(code, 0)
    const { digest, typedData } = JSON.parse(text) as {
      digest: Hex
      typedData: TypedDataDefinition
    }
    const signature = await privateKeyToAccount(key).signTypedData(typedData)
    assert.equal(await recoverAddress({ hash: digest, signature }), owner)
    process.env['ISOPRICE_OWNER_KEY'] = key
    const signed = await sign('--json', '--decay-start', '7')
    assert.equal((JSON.parse(signed.text) as { digest: Hex }).digest, digest)
  })

  it('never shows the key, not even when it is wrong', async () => {
    const runs = [await sign(), await sign('--json', '--limit', '0')]
    process.env['ISOPRICE_OWNER_KEY'] = `0x${'f'.repeat(64)}`
    runs.push(await sign('--json'), await sign())
    for (const { out, progress } of runs) {
      const all = [...out, ...progress].join('\n')
      assert.equal(all.includes(key.slice(2)) || all.includes('f'.repeat(64)), false)
    }
    assert.equal(errorOf(await runCli('sign', ...plain, '--json'))?.code, 'cli.key-missing')
  })

  it('lists the known symbols for one that it does not know', async () => {
    const run = await sign('--json', '--sell', 'WETHH')
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.usage'])
    for (const symbol of Object.keys(mainnetTokens))
      assert.ok(errorOf(run)?.hint?.includes(symbol), symbol)
  })

  it('refuses an intent that nobody could fill any more', async () => {
    const now = Math.floor(Date.now() / 1_000)
    for (const late of [
      ['--valid-to', String(now - 1)],
      ['--valid-to', '0'],
    ]) {
      const run = await sign('--json', ...late)
      assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.usage'])
      assert.match(errorOf(run)?.hint ?? '', /It is \d+ now/)
    }
    const at = [...terms, '--settlement', settlement, '--json']
    const none = await runCli('sign', ...at, '--valid-for', '0')
    assert.deepEqual([none.code, errorOf(none)?.code], [2, 'cli.usage'])
    assert.equal((await runCli('sign', ...at, '--valid-for', '60')).code, 0)
  })

  it('takes numbers in digits only, and says for each what it is', async () => {
    const wrong = [
      ['--nonce', 'x', /below 2\^256/],
      ['--chain-id', '-1', /chain id/],
      ['--valid-to', '1e9', /Unix seconds/],
      ['--valid-to', String(2n ** 40n), /Unix seconds/],
      ['--decay-start', '1.5', /Unix seconds/],
      ['--decay-end', 'soon', /Unix seconds/],
    ] as const
    for (const [option, text, hint] of wrong) {
      const error = errorOf(await sign('--json', option, text))
      assert.equal(error?.code, 'cli.usage', option)
      assert.match(error?.hint ?? '', hint)
    }
  })

  it("refuses an owner that is not the key's", async () => {
    const run = await sign('--json', '--owner', settlement)
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.usage'])
  })
})
