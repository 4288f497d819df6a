/** A wallet as pages see it: an EIP-1193 provider with one key, which counts what it is asked for. */
import { createWalletClient, http, type TypedDataDefinition } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { mainnet } from 'viem/chains'
import type { Hex } from '../../solver/core/hex.ts'
import type { Eip1193Provider } from '../../sdk/eip1193.ts'

/** The provider, and the methods that it was asked for in order. */
export type FakeWallet = Eip1193Provider & { readonly asked: readonly string[] }

/** How the wallet behaves. */
export type FakeWalletOptions = {
  /** The node that it reads from and sends to. */
  readonly url: string
  readonly privateKey: Hex
  /** Methods that the person says no to. */
  readonly rejects?: readonly string[] | undefined
  /** Signs with another key than that of the account it shows. */
  readonly signsWith?: Hex | undefined
  /** Ends signatures with the parity 0 or 1, as some hardware does. */
  readonly hasBareParity?: boolean | undefined
}

/** Makes the wallet. What it does not do itself its node does. */
export function createFakeWallet(options: FakeWalletOptions): FakeWallet {
  const { url, privateKey, rejects = [], signsWith = privateKey, hasBareParity } = options
  const account = privateKeyToAccount(privateKey)
  const signer = privateKeyToAccount(signsWith)
  const node = createWalletClient({ account, chain: mainnet, transport: http(url) })
  const asked: string[] = []
  const accounts = () => [account.address]
  const own: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    eth_accounts: accounts,
    eth_requestAccounts: accounts,
    async eth_signTypedData_v4([, json]) {
      // What the SDK sends is a whole EIP-712 definition.
      const typed = JSON.parse(String(json)) as TypedDataDefinition
      const signature = await signer.signTypedData(typed)
      if (hasBareParity !== true) return signature
      return `${signature.slice(0, -2)}${signature.endsWith('1b') ? '00' : '01'}`
    },
    eth_sendTransaction([transaction]) {
      const { to, data } = transaction as { to: Hex; data: Hex }
      // With gas given, what would revert is mined and does.
      return node.sendTransaction({ to, data, gas: 100_000n })
    },
  }
  return {
    asked,
    async request({ method, params = [] }) {
      asked.push(method)
      if (rejects.includes(method)) throw Object.assign(new Error('no'), { code: 4001 })
      const mine = own[method]
      if (mine !== undefined) return mine(params)
      return node.request({ method, params } as never)
    },
  }
}
