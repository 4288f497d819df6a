/** The intents of `npm start`, and the steps that bring them to the engine. */
import { createWalletClient, encodeFunctionData, http, maxUint256, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { mainnet as viemMainnet } from 'viem/chains'
import { mainnetTokens } from '../solver/chain/chains/mainnet.ts'
import { type Address, toAddress, zeroAddress } from '../solver/core/hex.ts'
import { mulDivDown } from '../solver/core/rounding.ts'
import type { Engine } from '../solver/engine/engine.ts'
import { permit2Address } from '../solver/intents/eip712.ts'
import type { Funding, Order, SignedOrder } from '../solver/intents/order.ts'
import { signerOf, signOrder } from '../solver/intents/sign.ts'
import type { Localnet } from '../solver/localnet/localnet.ts'
import type { Bundle } from '../solver/route/bundle.ts'
import type { Quote } from '../solver/route/route.ts'

type Symbol = keyof typeof mainnetTokens

/** One trade of the story: whole tokens to sell, and how they are funded. */
export type Trade = {
  readonly sell: Symbol
  readonly buy: Symbol
  readonly whole: bigint
  readonly funding: Funding
}

/** What `npm start` trades: large and small, one to five hops, both ways of funding. */
export const trades: readonly Trade[] = [
  { sell: 'WETH', buy: 'USDC', whole: 1_000n, funding: 'allowance' },
  { sell: 'USDC', buy: 'WBTC', whole: 2_000_000n, funding: 'allowance' },
  { sell: 'DAI', buy: 'UNI', whole: 150_000n, funding: 'permit2' },
  { sell: 'LINK', buy: 'USDT', whole: 40_000n, funding: 'allowance' },
  { sell: 'USDT', buy: 'PEPE', whole: 250_000n, funding: 'permit2' },
]

/** An intent on its way. */
export type Placed = {
  readonly signed: SignedOrder
  readonly quote: Quote
  readonly bundle: Bundle
}

const erc20 = parseAbi([
  'function approve(address spender, uint256 amount)',
  'function balanceOf(address owner) view returns (uint256)',
])
/** Tolerance of the signed limit, in 1/100 %: with private submission a tight one costs nothing. */
const limitBps = 5n

/** Funds owner `index` with what trade sells and sends the approval that its funding needs. */
export async function fundOwner(net: Localnet, trade: Trade, index: number): Promise<void> {
  const { address: token, decimals } = mainnetTokens[trade.sell]
  const account = privateKeyToAccount(net.chain.accounts.owner(index).privateKey)
  await net.fund(toAddress(account.address), token, trade.whole * 10n ** BigInt(decimals))
  const wallet = createWalletClient({
    account,
    chain: viemMainnet,
    transport: http(net.served.url),
  })
  const spender = trade.funding === 'permit2' ? permit2Address : net.settlement
  const data = encodeFunctionData({
    abi: erc20,
    functionName: 'approve',
    args: [spender, maxUint256],
  })
  // An approval is the owner's own public transaction; only settlements are private.
  await wallet.sendTransaction({ to: token, data, gas: 100_000n })
}

/** Quotes one trade, signs it with owner `index`'s key and hands it to the engine. */
export async function placeIntent(
  engine: Engine,
  net: Localnet,
  trade: Trade,
  index: number,
): Promise<Placed> {
  const account = privateKeyToAccount(net.chain.accounts.owner(index).privateKey)
  const sell = mainnetTokens[trade.sell]
  const amount = trade.whole * 10n ** BigInt(sell.decimals)
  const request = {
    tokenIn: sell.address,
    tokenOut: mainnetTokens[trade.buy].address,
    amountIn: amount,
  }
  const found = engine.quote(request)
  if (found === undefined) throw new TypeError(`no route from ${trade.sell} to ${trade.buy}`)
  const owner = toAddress(account.address)
  const now = Number(engine.view().block?.timestamp ?? 0n)
  const limit = mulDivDown(found.quote.amountOut, 10_000n - limitBps, 10_000n)
  const order: Order = {
    owner,
    receiver: owner,
    auctioneer: zeroAddress,
    sellToken: request.tokenIn,
    buyToken: request.tokenOut,
    amount,
    limitStart: limit,
    limitEnd: limit,
    decayStart: now,
    decayEnd: now,
    validTo: now + 3_600,
    nonce: BigInt(index),
    flags: 0,
  }
  const domain = { chainId: net.chain.chainId, settlement: net.settlement }
  const signed = await signOrder(order, domain, trade.funding, signerOf(account))
  await engine.accept(signed, found)
  return { signed, ...found }
}

/** Base units of `token` that `holder` had at the end of a block. */
export async function balanceAt(
  client: { readContract(call: object): Promise<unknown> },
  token: Address,
  holder: Address,
  blockNumber: bigint,
): Promise<bigint> {
  const call = {
    address: token,
    abi: erc20,
    functionName: 'balanceOf',
    args: [holder],
    blockNumber,
  }
  return (await client.readContract(call)) as bigint
}
