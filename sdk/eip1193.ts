/** The SDK over a raw EIP-1193 provider, for pages that do not use viem themselves. */
import { createClient, custom } from 'viem'
import { type IntentActions, type IntentOptions, intentActions } from './client.ts'

/** What EIP-1193 asks of a provider, for example `window.ethereum`. */
export type Eip1193Provider = {
  request(args: {
    readonly method: string
    readonly params?: readonly unknown[] | undefined
  }): Promise<unknown>
}

/**
 * The same actions as `intentActions`, on a provider: it signs, sends approvals and answers reads.
 *
 * @throws {BadRequestError} `sdk.bad-request`, when `url` or `settlement` is malformed.
 */
export function createIntentClient(
  provider: Eip1193Provider,
  options: IntentOptions,
): IntentActions {
  // viem asks again only for reads: a signature, an account and a transaction are asked for once.
  const transport = custom({ request: (args) => provider.request(args) })
  return intentActions(options)(createClient({ transport }))
}
