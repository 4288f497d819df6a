/** The contract's libraries and their TypeScript twins, held equal case by case in one EVM. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { after, before, describe, it } from 'mocha'
import type { Abi } from 'viem'
import {
  concatHex,
  decodeFunctionResult,
  encodeFunctionData,
  domainSeparator,
  keccak256,
  pad,
  size,
} from 'viem'
import { uniswapV2Deployments, uniswapV3Deployments } from '../../solver/pools/deployments.ts'
import { type Address, type Hex, toAddress } from '../../solver/core/hex.ts'
import {
  hashOrder,
  hashOrderStruct,
  hashWinCert,
  orderTypedData,
  permit2TypedData,
  signedDigest,
  signedTypes,
} from '../../solver/intents/eip712.ts'
import { limitAt, proRata } from '../../solver/intents/limit.ts'
import type { Order } from '../../solver/intents/order.ts'
import { buildContracts, ownArtifact } from '../../solver/localnet/artifacts.ts'
import { createAccounts } from '../../solver/localnet/accounts.ts'
import { deployAt } from '../../solver/localnet/deploy.ts'
import type { Artifact, HiddenNode } from '../../solver/localnet/node.ts'
import { type RunningNode, startNode } from '../../solver/localnet/runtime.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'
import { packOrder } from '../../solver/settle/program.ts'
import { ask } from '../helpers/localnet.ts'
import { anOrder, anyAddress, anyOrder, domain, ownerAddress } from '../helpers/orders.ts'

const harness: Address = '0x00000000000000000000000000000000000a0001'
const caller: Address = '0x00000000000000000000000000000000000a0002'

describe('the contracts and their twins', () => {
  let running: RunningNode
  let node: HiddenNode
  let artifact: Artifact
  const inContract = (name: string, args: readonly unknown[]) =>
    ask(node, harness, artifact.abi, name, args)

  before(async function () {
    this.timeout(120_000)
    await buildContracts(['test/TwinHarness.sol', 'Settlement.sol'])
    const accounts = createAccounts()
    const deployer = accounts.deployer
    running = await startNode({
      accounts: [{ privateKey: deployer.privateKey, balance: 10n ** 22n }],
    })
    node = running.node
    artifact = ownArtifact('test/TwinHarness.sol', 'TwinHarness')
    await deployAt(node, deployer.address, harness, artifact)
    const settlement = ownArtifact('Settlement.sol', 'Settlement')
    await deployAt(node, deployer.address, domain.settlement, settlement)
  })
  after(() => running.close())

  /** The digest that the settlement computes, from its own domain and the library's struct hash. */
  async function digests(orders: readonly Order[]): Promise<Hex[]> {
    const abi = ownArtifact('Settlement.sol', 'Settlement').abi
    const separator = (await ask(node, domain.settlement, abi, 'DOMAIN_SEPARATOR')) as Hex
    const hashes = (await inContract('hashes', [orders])) as Hex[]
    return hashes.map((hash) => keccak256(concatHex(['0x1901', separator, hash])))
  }

  it('give equal digests for 1,000 random orders', async () => {
    const orders = fc.sample(anyOrder, 1_000)
    for (let start = 0; start < orders.length; start += 250) {
      const some = orders.slice(start, start + 250)
      const computed = some.map((order) => hashOrder(order, domain))
      assert.deepEqual(await digests(some), computed)
    }
  })

  it('give another digest when any field of an order changes, and the same other one', async () => {
    const order = anOrder({ flags: 3, auctioneer: caller })
    const changed = signedTypes.Order.map(({ name, type }): Order => {
      const value = order[name]
      if (type === 'address') return { ...order, [name]: `0x${'1'.repeat(40)}` }
      return { ...order, [name]: typeof value === 'bigint' ? value + 1n : Number(value) + 1 }
    })
    assert.equal(changed.length, Object.keys(order).length)
    const all = [order, ...changed]
    const inTypeScript = all.map((each) => hashOrder(each, domain))
    assert.deepEqual(await digests(all), inTypeScript)
    assert.equal(new Set(inTypeScript).size, all.length)
    const permit2 = all.map((each) => signedDigest(each, domain, 'permit2'))
    assert.equal(new Set(permit2).size, all.length)
  })

  it('bind a digest to its chain and contract', async () => {
    const order = anOrder()
    const here = hashOrder(order, domain)
    assert.notEqual(hashOrder(order, { ...domain, chainId: 2 }), here)
    assert.notEqual(hashOrder(order, { ...domain, settlement: ownerAddress }), here)
    const typed = orderTypedData(order, domain)
    const abi = ownArtifact('Settlement.sol', 'Settlement').abi
    assert.equal(
      await ask(node, domain.settlement, abi, 'DOMAIN_SEPARATOR'),
      domainSeparator({ domain: typed.domain }),
    )
  })

  it('give equal digests of win certificates, and another one when any field changes', async () => {
    const cert = {
      order: hashOrder(anOrder(), domain),
      part: 0,
      solver: caller,
      sellAmount: 10n ** 18n,
      minOut: 2_900_000_000n,
      lastBlock: 21_000_000,
    }
    const all = [
      cert,
      { ...cert, order: hashOrder(anOrder({ nonce: 8n }), domain) },
      { ...cert, solver: ownerAddress },
      { ...cert, sellAmount: 1n },
      { ...cert, minOut: 1n },
      { ...cert, lastBlock: 1 },
    ]
    const abi = ownArtifact('Settlement.sol', 'Settlement').abi
    const separator = (await ask(node, domain.settlement, abi, 'DOMAIN_SEPARATOR')) as Hex
    for (const each of all) {
      const hash = await askAs(each.solver, 'certHash', [each, each.order, each.sellAmount])
      const digest = keccak256(concatHex(['0x1901', separator, hash]))
      assert.equal(digest, hashWinCert(each, domain))
    }
    const digestsOfAll = [...all, { ...cert, part: 1 }].map((each) => hashWinCert(each, domain))
    assert.equal(new Set(digestsOfAll).size, all.length + 1)
  })

  it('name the same Permit2 witness type', async () => {
    const { types } = permit2TypedData(anOrder(), domain)
    const text = (name: keyof typeof types) =>
      `${name}(${types[name].map((member) => `${member.type} ${member.name}`).join(',')})`
    // EIP-712: the struct itself, then the ones it names in the order of the alphabet.
    const full = text('PermitWitnessTransferFrom') + text('Order') + text('TokenPermissions')
    const typeHash = keccak256(`0x${Buffer.from(full).toString('hex')}`)
    assert.equal(await inContract('permit2TypeHash', []), typeHash)
  })

  it('give equal limits for 1,000 random orders and times', async () => {
    const anyTime = fc.integer({ min: 0, max: 2 ** 40 - 1 })
    const cases = fc.sample(fc.tuple(anyOrder, anyTime), 1_000).map(([order, time], at) =>
      // Every other time lies within the decay.
      at % 2 === 0 ? { order, time } : { order, time: middle(order) },
    )
    for (let start = 0; start < cases.length; start += 250) {
      const some = cases.slice(start, start + 250)
      const orders = some.map(({ order }) => order)
      const times = some.map(({ time }) => BigInt(time))
      assert.deepEqual(
        await inContract('limits', [orders, times]),
        some.map(({ order, time }) => limitAt(order, time)),
      )
    }
  })

  it('give equal parts of limits for 1,000 random fills', async () => {
    const anyAmount = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n })
    const triples = fc
      .sample(fc.tuple(anyAmount, anyAmount, anyAmount), 1_000)
      .map(([limit, x, y]) => [limit, x < y ? x : y, x < y ? y : x] as const)
    assert.deepEqual(
      await inContract('proRatas', [triples]),
      triples.map(([limit, sold, amount]) => proRata(limit, sold, amount)),
    )
  })

  it('derive equal pool addresses from the same table', async () => {
    const cases = fc.sample(
      fc.tuple(anyAddress, anyAddress, fc.integer({ min: 0, max: 2 ** 24 - 1 })),
      100,
    )
    for (const deploymentV2 of uniswapV2Deployments)
      for (const deploymentV3 of uniswapV3Deployments)
        for (const [tokenA, tokenB, fee] of cases) {
          const args = [BigInt(deploymentV2.row), BigInt(deploymentV3.row), tokenA, tokenB, fee]
          const [pair, pool] = (await inContract('pools', args)) as [Hex, Hex]
          assert.equal(toAddress(pair), uniswapV2Address(deploymentV2, tokenA, tokenB))
          assert.equal(toAddress(pool), uniswapV3Address(deploymentV3, tokenA, tokenB, fee))
        }
  })

  it('read from packed bytes the order that was written', async () => {
    for (const order of fc.sample(anyOrder, 100)) {
      const packed: Hex = `0x${packOrder(order)}`
      // Selector 4, two words of head, one of length: the bytes begin there.
      const args = [100n, packed]
      const [read, end] = (await inContract('readOrder', args)) as [Order, bigint]
      assert.equal(hashOrderStruct(read), hashOrderStruct(order))
      assert.equal(end, 100n + BigInt(size(packed)))
    }
  })

  async function askAs(
    from: Address,
    functionName: string,
    args: readonly unknown[],
  ): Promise<Hex> {
    const abi: Abi = artifact.abi
    const data = encodeFunctionData({ abi, functionName, args })
    const answer = (await node.request({
      method: 'eth_call',
      params: [{ from, to: harness, data }, 'latest'],
    })) as Hex
    return pad(decodeFunctionResult({ abi, functionName, data: answer }) as Hex)
  }
})

function middle(order: Order): number {
  return Math.floor((order.decayStart + order.decayEnd) / 2)
}
