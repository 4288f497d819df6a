/** The tokens of the local chain: look-alikes with the originals' habits, at the originals' addresses. */
import { mainnet, mainnetTokens } from '../chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import { ownArtifact, packageArtifact } from './artifacts.ts'
import { deployAt } from './deploy.ts'
import type { Artifact, HiddenNode } from './node.ts'

/** The look-alikes' sources below `contracts/`. */
export const tokenSources: readonly string[] = [
  'localnet/MintableToken.sol',
  'localnet/UsdcLookAlike.sol',
  'localnet/UsdtLookAlike.sol',
  'localnet/StethLookAlike.sol',
]

/** Every token of the local chain, the native currency under the zero address first. */
export const localTokens: readonly Token[] = [
  { address: zeroAddress, symbol: 'ETH', decimals: 18 },
  ...Object.entries(mainnetTokens).map(([symbol, { address, decimals }]) => ({
    address,
    symbol,
    decimals,
  })),
]

/** Where mainnet keeps the code behind USDC's proxy. */
const usdcLogic: Address = '0x43506849d7c04f9138d1a2050bbf3a0c054402dd'

/** Shares and wei of stETH at the start: one share is worth 1.2 wei and a bit, so transfers round. */
const stethStart = [7_500_000n * 10n ** 18n, 9_012_345n * 10n ** 18n + 7n] as const

const names = {
  DAI: 'Dai Stablecoin',
  WBTC: 'Wrapped BTC',
  UNI: 'Uniswap',
  LINK: 'ChainLink Token',
  CRV: 'Curve DAO Token',
  PEPE: 'Pepe',
  SHIB: 'SHIBA INU',
} as const

/** The interface that every look-alike of a token shares: `mint` is open to anyone. */
export function mintableArtifact(): Artifact {
  return ownArtifact('localnet/MintableToken.sol', 'MintableToken')
}

/** WETH9 as published; the rest of its behaviour is mainnet's too. */
export function wethArtifact(): Artifact {
  return packageArtifact('canonical-weth/build/contracts/WETH9.json')
}

/**
 * Deploys all tokens. The node must mine by itself; `deployer` is unlocked and becomes USDC's proxy admin.
 *
 * @throws {SetUpFailedError} `localnet.set-up-failed`.
 */
export async function deployTokens(node: HiddenNode, deployer: Address): Promise<void> {
  const at = (address: Address, artifact: Artifact, args: readonly unknown[] = []) =>
    deployAt(node, deployer, address, artifact, args)
  await at(mainnet.wrappedNative, wethArtifact())
  await at(usdcLogic, ownArtifact('localnet/UsdcLookAlike.sol', 'UsdcLookAlike'))
  const usdcProxy = ownArtifact('localnet/UsdcLookAlike.sol', 'UsdcProxy')
  await at(mainnetTokens.USDC.address, usdcProxy, [usdcLogic, deployer])
  await at(mainnetTokens.USDT.address, ownArtifact('localnet/UsdtLookAlike.sol', 'UsdtLookAlike'))
  const steth = ownArtifact('localnet/StethLookAlike.sol', 'StethLookAlike')
  await at(mainnetTokens.stETH.address, steth, stethStart)
  const plain = mintableArtifact()
  for (const [symbol, name] of Object.entries(names)) {
    const { address, decimals } = mainnetTokens[symbol as keyof typeof names] // the keys of `names`
    await at(address, plain, [name, symbol, decimals])
  }
}
