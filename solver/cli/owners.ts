/** People to try a local chain with: test accounts whose keys everybody knows, with a few tokens each. */
import { mainnetTokens } from '../chain/chains/mainnet.ts'
import type { LocalAccount } from '../localnet/accounts.ts'
import type { Localnet } from '../localnet/localnet.ts'

/** How many owners get tokens. */
const ownersFunded = 4
const { WETH, USDC, DAI } = mainnetTokens
const holdings = [
  { token: WETH.address, amount: 100n * 10n ** 18n },
  { token: USDC.address, amount: 300_000n * 10n ** 6n },
  { token: DAI.address, amount: 100_000n * 10n ** 18n },
]

/** What each of {@link fundOwners} holds and what their keys are, for a person. */
export const ownersNote =
  'owners: 10,000 ETH, 100 WETH, 300,000 USDC and 100,000 DAI each; worthless test keys that everybody knows, ' +
  'never send them anything elsewhere'

/**
 * Gives the first owners of the local chain tokens to sell.
 *
 * @throws {FundFailedError} `localnet.fund-failed`.
 */
export async function fundOwners({ chain, fund }: Localnet): Promise<readonly LocalAccount[]> {
  const owners = Array.from({ length: ownersFunded }, (_, index) => chain.accounts.owner(index))
  for (const { address } of owners)
    for (const { token, amount } of holdings) await fund(address, token, amount)
  return owners.map(({ address, privateKey }) => ({ address, privateKey }))
}

/** The owners as lines for a person. */
export function ownerLines(owners: readonly LocalAccount[]): string[] {
  return [ownersNote, ...owners.map(({ address, privateKey }) => `  ${address} key ${privateKey}`)]
}
