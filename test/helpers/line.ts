/** A whole line on a local chain for tests: funded owners, signed orders, and what was settled. */
import { createWalletClient, encodeFunctionData, http, maxUint256, parseAbi } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { mainnet as viemMainnet } from 'viem/chains'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import { type Line, type LineOptions, connectLine } from '../../solver/engine/connect.ts'
import { permit2Address } from '../../solver/intents/eip712.ts'
import type { Funding, Order, SignedOrder } from '../../solver/intents/order.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { type Localnet, startLocalnet } from '../../solver/localnet/localnet.ts'
import type { SettledIntent } from '../../solver/measure/report.ts'

/** A running line; `close` ends it. */
export type TestLine = Line & {
  readonly net: Localnet
  readonly settled: readonly SettledIntent[]
  readonly options: LineOptions
  /** Starts the loop; it runs until `close`. */
  run(): void
  owner(index: number): PrivateKeyAccount
  /** Gives owner `index` base units of a token and approves the settlement (or Permit2) for all of it. */
  fund(index: number, token: Address, amount: bigint, funding?: Funding): Promise<void>
  /** Owner `index` signs an order; fields that `over` does not give are a plain valid order's. */
  sign(index: number, over?: Partial<Order>, funding?: Funding): Promise<SignedOrder>
  close(): Promise<void>
}

const erc20 = parseAbi(['function approve(address spender, uint256 amount)'])

/** Starts a local chain with `slotSeconds` between blocks and connects an engine to it. */
export async function startLine(
  slotSeconds: number | 'manual',
  over: Partial<LineOptions> = {},
): Promise<TestLine> {
  const net = await startLocalnet({ slotSeconds })
  const { chain, served, settlement } = net
  const settled: SettledIntent[] = []
  const options: LineOptions = {
    rpcUrls: [served.url],
    relayUrls: served.relayUrls,
    settlement,
    solver: privateKeyToAccount(chain.accounts.solver.privateKey),
    relaySigner: privateKeyToAccount(chain.accounts.auctioneer.privateKey),
    pools: chain.pools,
    pollMs: 20,
    onSettled: (intent) => settled.push(intent),
    ...over,
  }
  const line = await connectLine(options)
  const stop = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const owner = (index: number) => privateKeyToAccount(chain.accounts.owner(index).privateKey)
  return {
    ...line,
    net,
    settled,
    options,
    owner,
    run() {
      loop = line.engine.run(stop.signal)
    },
    async fund(index, token, amount, funding = 'allowance') {
      const account = owner(index)
      await net.fund(toAddress(account.address), token, amount)
      const spender = funding === 'permit2' ? permit2Address : settlement
      const data = encodeFunctionData({
        abi: erc20,
        functionName: 'approve',
        args: [spender, maxUint256],
      })
      const wallet = createWalletClient({
        account,
        chain: viemMainnet,
        transport: http(served.url),
      })
      const hash = await wallet.sendTransaction({ to: token, data, gas: 100_000n })
      if (slotSeconds === 'manual') await served.seal()
      await line.client.viem.waitForTransactionReceipt({ hash, pollingInterval: 50 })
    },
    async sign(index, change = {}, funding = 'allowance') {
      const account = owner(index)
      const address = toAddress(account.address)
      const now = Number((await line.client.viem.getBlock()).timestamp)
      const order: Order = {
        owner: address,
        receiver: address,
        auctioneer: zeroAddress,
        sellToken: mainnetTokens.WETH.address,
        buyToken: mainnetTokens.USDC.address,
        amount: 10n ** 18n,
        limitStart: 1n,
        limitEnd: 1n,
        decayStart: now,
        decayEnd: now,
        validTo: now + 3_600,
        nonce: 0n,
        flags: 0,
        ...change,
      }
      return signOrder(order, { chainId: chain.chainId, settlement }, funding, signerOf(account))
    },
    async close() {
      stop.abort()
      await loop
      await line.close()
      await net.close()
    },
  }
}

/** Waits until `isDone`, and rejects after `seconds`: a hang must be a failure. */
export async function until(isDone: () => boolean, seconds: number, what: string): Promise<void> {
  // What takes a second alone may take several beside everything else: this is not a test of speed.
  const deadline = performance.now() + 4 * seconds * 1_000
  while (!isDone()) {
    if (performance.now() > deadline) throw new RangeError(`waited ${seconds} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
