/** The laws of pools on ERC-4626 vaults. */
import { erc4626, type Erc4626State } from '../../solver/pools/erc4626.ts'
import { states } from '../helpers/arbitraries/erc4626.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

describeLaws(erc4626, states, {
  // Shares are made and burnt: the vault's debt grows by what it pays.
  holds: ({ totalAssets, totalSupply }: Erc4626State) => [totalAssets, -totalSupply],
  curve: { tolerance: 1e-9, from: 10n ** 10n },
})
