import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { parseAbi } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { zeroAddress } from '../../solver/core/hex.ts'
import { startBalance } from '../../solver/localnet/accounts.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import { sendInBlock } from '../helpers/localnet.ts'

const { WETH, stETH } = mainnetTokens

describe('fund.fund', () => {
  let chain: LocalChain
  before(async () => {
    chain = await createLocalChain()
  })
  after(() => chain.close())

  it('adds exactly what was asked, twice, for every token but the rebasing one', async () => {
    const { address: holder } = chain.accounts.owner(0)
    for (const { address } of chain.tokens) {
      if (address === stETH.address) continue
      const start = address === zeroAddress ? startBalance : 0n
      for (const total of [123n, 246n]) {
        await chain.fund(holder, address, 123n)
        assert.equal(await balanceOf(chain.provider, address, holder), start + total)
      }
    }
  })

  it('adds at most a share more of a rebasing token', async () => {
    const { address: holder } = chain.accounts.owner(0)
    for (const amount of [1_001n, 10n ** 24n + 1n]) {
      const before = await balanceOf(chain.provider, stETH.address, holder)
      await chain.fund(holder, stETH.address, amount)
      const added = (await balanceOf(chain.provider, stETH.address, holder)) - before
      assert.ok(added >= amount && added <= amount + 2n, `${added}`)
    }
  })

  it('backs WETH with ether', async () => {
    const { address: holder } = chain.accounts.owner(1)
    const amount = 10n ** 30n
    await chain.fund(holder, WETH.address, amount)
    const abi = parseAbi(['function withdraw(uint256)'])
    const data = encodeFunctionData({ abi, functionName: 'withdraw', args: [amount] })
    assert.ok(await sendInBlock(chain.provider, holder, { to: WETH.address, data }))
    assert.ok((await balanceOf(chain.provider, zeroAddress, holder)) > amount)
  })

  it('lets no block pass', async () => {
    const head = () => chain.provider.request({ method: 'eth_blockNumber' })
    const before = await head()
    await chain.fund(chain.accounts.owner(2).address, WETH.address, 1n)
    assert.equal(await head(), before)
  })

  it('refuses what is no token', async () => {
    const holder = chain.accounts.owner(0).address
    await assert.rejects(chain.fund(holder, mainnet.permit2, 1n), { code: 'localnet.fund-failed' })
    await assert.rejects(chain.fund(holder, holder, 1n), { code: 'localnet.fund-failed' })
  })
})
