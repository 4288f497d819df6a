/** Signed intents settled on a fork: fund an owner, quote, sign, run our contract, and read what really arrived. */
import { concatHex, encodeFunctionData, numberToHex, parseAbi } from 'viem/utils'
import { privateKeyToAccount } from 'viem/accounts'
import type { ChainNode } from '../../solver/chain/client.ts'
import { BaseError } from '../../solver/core/errors.ts'
import { type Address, type Hex, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import { venues } from '../../solver/engine/settleSolution.ts'
import type { Order } from '../../solver/intents/order.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { createAccounts } from '../../solver/localnet/accounts.ts'
import { deployAt } from '../../solver/localnet/deploy.ts'
import { balanceOf, fund } from '../../solver/localnet/fund.ts'
import { settlementDeployment } from '../../solver/localnet/localnet.ts'
import { readMarket } from '../../solver/market/reader.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { prepareSettlement } from '../../solver/settle/prepare.ts'

/** One trade to try on a fork, in base units of the sell token. */
export type ForkTrade = {
  readonly sellToken: Address
  readonly buyToken: Address
  readonly amount: bigint
}

/** What became of it: settled with both amounts, or not tried to the end and why. */
export type ForkResult =
  | {
      readonly quoted: bigint
      readonly received: bigint
      readonly sold: bigint
      readonly legs: number
    }
  | { readonly skipped: string }

const erc20 = parseAbi(['function approve(address spender, uint256 amount)'])
const rich = numberToHex(10n ** 24n)

/** A fork with the settlement on it, ready for intents. */
export type ForkBench = {
  settle(trade: ForkTrade, index: number): Promise<ForkResult>
  readonly settlement: Address
}

/**
 * Deploys the settlement on `fork` and returns a bench over `pools`. The head must be a block of the fork's own,
 * so that the newest rules apply whatever the age of the pinned block.
 *
 * @param wordsEachSide - Bitmap words read around each pool's price: recorded blocks hold only what was touched.
 */
export async function createForkBench(
  fork: ChainNode,
  pools: readonly PoolRef[],
  wordsEachSide?: number,
): Promise<ForkBench> {
  const accounts = createAccounts()
  const deployer = accounts.deployer.address
  const solver = accounts.solver.address
  for (const address of [deployer, solver]) await unlock(fork, address)
  const { address: settlement, artifact } = await settlementDeployment()
  await deployAt(fork, deployer, settlement, artifact)
  return {
    settlement,
    async settle(trade, index) {
      try {
        return await settleOne(index, trade)
      } catch (error) {
        // Tokens that cannot be funded, pools without a verb: named, and judged by the caller.
        if (error instanceof BaseError)
          return { skipped: (error as BaseError & { code: string }).code }
        throw error
      }
    },
  }

  async function settleOne(index: number, trade: ForkTrade): Promise<ForkResult> {
    const owner = accounts.owner(index % 16)
    const account = privateKeyToAccount(owner.privateKey)
    await unlock(fork, owner.address)
    await fund(fork, owner.address, trade.sellToken, trade.amount)
    await approve(owner.address, trade.sellToken, trade.amount)
    const { view } = await readMarket(fork, pools, { wordsEachSide })
    const request = { tokenIn: trade.sellToken, tokenOut: trade.buyToken, amountIn: trade.amount }
    const quote = findQuote(view, request, { executable: true, gasPrice: 0n })
    if (quote === undefined) return { skipped: 'no route over the touched pools' }
    const now = Number(view.block.timestamp)
    const order: Order = {
      owner: owner.address,
      receiver: owner.address,
      auctioneer: zeroAddress,
      sellToken: trade.sellToken,
      buyToken: trade.buyToken,
      amount: trade.amount,
      limitStart: quote.amountOut,
      limitEnd: quote.amountOut,
      decayStart: now,
      decayEnd: now,
      validTo: now + 3_600,
      nonce: BigInt(index),
      flags: 0,
    }
    const signed = await signOrder(
      order,
      { chainId: 1, settlement },
      'allowance',
      signerOf(account),
    )
    const before = await balanceOf(fork, trade.buyToken, owner.address)
    const sellBefore = await balanceOf(fork, trade.sellToken, owner.address)
    const { to, data, gasLimit } = await prepareSettlement(fork, {
      signed,
      route: quote,
      view,
      solver,
      venues,
    })
    await send({ from: solver, to, data, gas: numberToHex(gasLimit) })
    const received = (await balanceOf(fork, trade.buyToken, owner.address)) - before
    const sold = sellBefore - (await balanceOf(fork, trade.sellToken, owner.address))
    return { quoted: quote.amountOut, received, sold, legs: quote.route.legs.length }
  }

  async function approve(owner: Address, token: Address, amount: bigint): Promise<void> {
    const data = encodeFunctionData({
      abi: erc20,
      functionName: 'approve',
      args: [settlement, amount],
    })
    await send({ from: owner, to: token, data, gas: numberToHex(1_000_000) })
  }

  /** Sends from an unlocked account; the node mines at once, and a revert throws. */
  async function send(transaction: object): Promise<void> {
    await fork.request({ method: 'eth_sendTransaction', params: [transaction] })
  }
}

/** The two tokens of a pool, from the pool itself. */
export async function tokensOf(node: ChainNode, pool: Address): Promise<[Address, Address]> {
  const read = async (selector: Hex) => {
    const params = [{ to: pool, data: concatHex([selector]) }, 'latest']
    const word = String(await node.request({ method: 'eth_call', params }))
    return toAddress(`0x${word.slice(-40)}`)
  }
  return [await read('0x0dfe1681'), await read('0xd21220a7')] // token0(), token1()
}

async function unlock(node: ChainNode, address: Address): Promise<void> {
  await node.request({ method: 'hardhat_setBalance', params: [address, rich] })
  await node.request({ method: 'hardhat_impersonateAccount', params: [address] })
}
