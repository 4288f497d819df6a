/** A served local chain for tests: an in-process node, its public side, its relays, funded accounts. */
import { network } from 'hardhat'
import { createPublicClient, http, type LocalAccount } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { Hex } from '../../solver/core/hex.ts'
import { serveNode, type ServeOptions, type ServedNode } from '../../solver/localnet/serve/serve.ts'
import { signFlashbotsHeader } from '../../solver/submit/flashbotsHeader.ts'

/** Account `index` of the mnemonic that local chains fund; never use it elsewhere. */
export function localAccount(index: number): LocalAccount {
  const mnemonic = 'test test test test test test test test test test test junk'
  return mnemonicToAccount(mnemonic, { addressIndex: index })
}

/** A key for relay requests: it holds nothing. */
export const relayKey = localAccount(19)

/** Starts a chain that seals only when told to, on free ports, over a node that mines in `order`. */
export async function startServed(options: ServeOptions = {}, order: 'fifo' | 'priority' = 'fifo') {
  const override = { mining: { auto: false, mempool: { order } } } as const
  const connection = await network.connect({ network: 'localnet', override })
  const served = await serveNode(connection.provider, { port: 0, ...options })
  const client = createPublicClient({ transport: http(served.url), cacheTime: 0 })
  const close = async () => {
    await served.close()
    await connection.close()
  }
  return { served, client, close }
}

/** Fields of a test transaction; the rest is a transfer of 1 wei. */
export type TransactionFields = {
  readonly nonce: number
  readonly to?: Hex
  readonly data?: Hex
  readonly value?: bigint
  readonly gas?: bigint
  readonly tip?: bigint
  readonly maxFee?: bigint
}

/** Signs a transaction of `account` for chain 1. */
export function signed(account: LocalAccount, fields: TransactionFields): Promise<Hex> {
  const { tip = 10n ** 9n, maxFee = 10n ** 11n, ...rest } = fields
  return account.signTransaction({
    type: 'eip1559',
    chainId: 1,
    to: localAccount(9).address,
    value: 1n,
    gas: 100_000n,
    maxFeePerGas: maxFee,
    maxPriorityFeePerGas: tip,
    ...rest,
  })
}

/** What a server answered: HTTP status, and the parsed JSON-RPC answer. */
export type Answered = {
  readonly status: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** Posts `body` as it is. */
export async function post(url: string, body: string, headers = {}): Promise<Answered> {
  const response = await fetch(url, { method: 'POST', body, headers })
  const answer = (await response.json()) as Omit<Answered, 'status'>
  return { ...answer, status: response.status }
}

/** One request to the public side. */
export function ask(served: ServedNode, method: string, ...params: unknown[]): Promise<Answered> {
  return post(served.url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
}

/** One signed request to the relay. */
export async function askRelay(
  served: ServedNode,
  method: string,
  params: readonly unknown[],
  key: LocalAccount = relayKey,
): Promise<Answered> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const header = await signFlashbotsHeader(body, key)
  return post(served.relayUrl, body, { 'X-Flashbots-Signature': header })
}

/** Waits until `done`, polling; gives up after ten seconds. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await done()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('waited for ten seconds in vain')
}
