/**
 * An intent from quote to settlement on a local mainnet: approve, quote, sign, hand in, filled unseen.
 *
 * `node examples/signAndSubmit.ts`
 */
import { createWalletClient, http, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { mainnet } from 'viem/chains'
import { mainnetTokens } from '../solver/chain/chains/mainnet.ts'
import { toAddress, zeroAddress } from '../solver/core/hex.ts'
import { connectLine } from '../solver/engine/connect.ts'
import { signerOf, signOrder } from '../solver/intents/sign.ts'
import { startLocalnet } from '../solver/localnet/localnet.ts'

const net = await startLocalnet({ slotSeconds: 0.5 })
const { chain, served, settlement } = net
const { accounts, chainId, pools } = chain
const stop = new AbortController()
const { engine, client } = await connectLine({
  rpcUrls: [served.url],
  relayUrls: served.relayUrls,
  settlement,
  solver: privateKeyToAccount(accounts.solver.privateKey),
  relaySigner: privateKeyToAccount(accounts.auctioneer.privateKey),
  pools,
  pollMs: 50,
  onSettled({ received, quoted, block, channel }) {
    console.log(`block ${block}, by ${channel}: received ${received}, quoted ${quoted}`)
    stop.abort()
  },
})

// The owner: 10 WETH, and an approval of the settlement for exactly that.
const account = privateKeyToAccount(accounts.owner(0).privateKey)
const owner = toAddress(account.address)
const [sellToken, buyToken] = [mainnetTokens.WETH.address, mainnetTokens.USDC.address]
const amount = 10n ** 19n
await net.fund(owner, sellToken, amount)
const wallet = createWalletClient({ account, chain: mainnet, transport: http(served.url) })
const abi = parseAbi(['function approve(address spender, uint256 amount)'])
const approval = { address: sellToken, abi, functionName: 'approve', gas: 100_000n } as const
const hash = await wallet.writeContract({ ...approval, args: [settlement, amount] })
await client.viem.waitForTransactionReceipt({ hash, pollingInterval: 100 })

const firm = engine.quote({ tokenIn: sellToken, tokenOut: buyToken, amountIn: amount })
if (firm === undefined) throw new TypeError('no route')
const limit = (firm.quote.amountOut * 9_995n) / 10_000n
const time = Number((await client.viem.getBlock()).timestamp)
const parties = { owner, receiver: owner, auctioneer: zeroAddress, flags: 0, nonce: 0n }
const times = { decayStart: time, decayEnd: time, validTo: time + 300 }
const limits = { limitStart: limit, limitEnd: limit }
const order = { ...parties, ...times, ...limits, sellToken, buyToken, amount }
const signed = await signOrder(order, { chainId, settlement }, 'allowance', signerOf(account))
await engine.accept(signed, firm)
await engine.run(AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]))
console.log(`intent ${signed.digest}: ${engine.book.get(signed.digest)?.status}`)
await net.close()
process.exit(stop.signal.aborted ? 0 : 4)
