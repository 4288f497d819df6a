import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { type Abi, parseAbi, parseSignature } from 'viem'
import { encodeFunctionData, hashTypedData } from 'viem/utils'
import { privateKeyToAccount } from 'viem/accounts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import { requestHex } from '../../solver/localnet/node.ts'
import { ask, sendInBlock } from '../helpers/localnet.ts'

const erc20 = parseAbi([
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function allowance(address, address) view returns (uint256)',
  'function approve(address, uint256) returns (bool)',
  'function transfer(address, uint256) returns (bool)',
  'function mint(address, uint256)',
])
const { USDC, USDT, WETH, stETH, DAI } = mainnetTokens

describe('tokens.deployTokens', () => {
  let chain: LocalChain
  let [alice, bob]: [Address, Address] = [zeroAddress, zeroAddress]
  before(async () => {
    chain = await createLocalChain()
    ;[alice, bob] = [chain.accounts.owner(0).address, chain.accounts.owner(1).address]
  })
  after(() => chain.close())

  const send = (from: Address, to: Address, abi: Abi, name: string, args: readonly unknown[]) =>
    sendInBlock(chain.provider, from, {
      to,
      data: encodeFunctionData({ abi, functionName: name, args }),
    })

  it('gives each token its mainnet symbol, decimals and a supply', async () => {
    for (const [symbol, { address, decimals }] of Object.entries(mainnetTokens)) {
      const read = (name: string) => ask(chain.provider, address, erc20, name)
      assert.equal(await read('symbol'), symbol)
      assert.equal(await read('decimals'), decimals)
      assert.ok((await read('totalSupply')) !== 0n)
    }
  })

  it('lets anyone mint, but for WETH, which takes ether', async () => {
    assert.ok(await send(bob, DAI.address, erc20, 'mint', [bob, 5n]))
    assert.equal(await balanceOf(chain.provider, DAI.address, bob), 5n)
    assert.ok(await sendInBlock(chain.provider, bob, { to: WETH.address, value: '0x7' }))
    assert.equal(await balanceOf(chain.provider, WETH.address, bob), 7n)
  })

  it('has a USDT that returns nothing', async () => {
    await chain.fund(alice, USDT.address, 10n)
    for (const functionName of ['transfer', 'approve'] as const) {
      const data = encodeFunctionData({ abi: erc20, functionName, args: [bob, 1n] })
      const call = { from: alice, to: USDT.address, data }
      assert.equal(await requestHex(chain.provider, 'eth_call', [call, 'latest']), '0x')
    }
  })

  it('has a USDT that refuses to change an approval but through zero', async () => {
    const approve = (amount: bigint) => send(alice, USDT.address, erc20, 'approve', [bob, amount])
    assert.ok(await approve(5n))
    assert.ok(!(await approve(6n)))
    assert.ok(await approve(0n))
    assert.ok(await approve(6n))
  })

  it('has a USDT whose fee switch takes a part of transfers', async () => {
    const switches = parseAbi(['function setParams(uint256, uint256)'])
    await chain.fund(alice, USDT.address, 1_000_000n)
    assert.ok(await send(alice, USDT.address, switches, 'setParams', [10n, 1n]))
    const before = await balanceOf(chain.provider, USDT.address, bob)
    assert.ok(await send(alice, USDT.address, erc20, 'transfer', [bob, 1_000_000n]))
    assert.equal(await balanceOf(chain.provider, USDT.address, bob), before + 999_000n)
    assert.ok(await send(alice, USDT.address, switches, 'setParams', [0n, 0n]))
  })

  it('has a USDC behind an EIP-1967 proxy', async () => {
    const slot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'
    const params = [USDC.address, slot, 'latest']
    const logic = await requestHex(chain.provider, 'eth_getStorageAt', params)
    assert.equal(logic, `0x${'0'.repeat(24)}43506849d7c04f9138d1a2050bbf3a0c054402dd`)
    assert.equal(await balanceOf(chain.provider, `0x${logic.slice(26)}`, alice), 0n)
  })

  it('has a USDC with mainnet’s permit domain, which takes a permit of its owner once', async () => {
    const permits = parseAbi([
      'function DOMAIN_SEPARATOR() view returns (bytes32)',
      'function permit(address, address, uint256, uint256, uint8, bytes32, bytes32)',
    ])
    const separator = await ask(chain.provider, USDC.address, permits, 'DOMAIN_SEPARATOR')
    assert.equal(separator, '0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335')
    const permit = await signPermit(bob)
    assert.ok(await send(bob, USDC.address, permits, 'permit', permit))
    assert.equal(await ask(chain.provider, USDC.address, erc20, 'allowance', [alice, bob]), 9n)
    assert.ok(!(await send(bob, USDC.address, permits, 'permit', permit)))
  })

  it('has a USDC that blacklists', async () => {
    const lists = parseAbi(['function setBlacklisted(address, bool)'])
    await chain.fund(alice, USDC.address, 10n)
    assert.ok(await send(alice, USDC.address, lists, 'setBlacklisted', [bob, true]))
    assert.ok(!(await send(alice, USDC.address, erc20, 'transfer', [bob, 1n])))
    assert.ok(await send(alice, USDC.address, lists, 'setBlacklisted', [bob, false]))
    assert.ok(await send(alice, USDC.address, erc20, 'transfer', [bob, 1n]))
  })

  it('has a stETH that loses up to a wei on the way and grows without transfers', async () => {
    const lido = parseAbi([
      'function rebase(uint256)',
      'function getTotalPooledEther() view returns (uint256)',
    ])
    await chain.fund(alice, stETH.address, 10n ** 18n)
    let lost = 0n
    for (const amount of [10n, 11n, 12n, 13n]) {
      const before = await balanceOf(chain.provider, stETH.address, bob)
      assert.ok(await send(alice, stETH.address, erc20, 'transfer', [bob, amount]))
      const received = (await balanceOf(chain.provider, stETH.address, bob)) - before
      assert.ok(received === amount || received === amount - 1n)
      lost += amount - received
    }
    assert.ok(lost > 0n)
    const start = await balanceOf(chain.provider, stETH.address, alice)
    const pooled = await ask(chain.provider, stETH.address, lido, 'getTotalPooledEther')
    assert.ok(
      await send(bob, stETH.address, lido, 'rebase', [(BigInt(String(pooled)) * 11n) / 10n]),
    )
    assert.ok((await balanceOf(chain.provider, stETH.address, alice)) > start)
  })

  async function signPermit(spender: Address) {
    const [value, nonce, deadline] = [9n, 0n, 2n ** 48n]
    const uint = (name: string) => ({ name, type: 'uint256' })
    const address = (name: string) => ({ name, type: 'address' })
    const hash = hashTypedData({
      domain: { name: 'USD Coin', version: '2', chainId: 1, verifyingContract: USDC.address },
      types: {
        Permit: [address('owner'), address('spender'), ...['value', 'nonce', 'deadline'].map(uint)],
      },
      primaryType: 'Permit',
      message: { owner: alice, spender, value, nonce, deadline },
    })
    const { sign } = privateKeyToAccount(chain.accounts.owner(0).privateKey)
    const { r, s, v } = parseSignature(await sign({ hash }))
    return [alice, spender, value, deadline, Number(v), r, s]
  }
})
