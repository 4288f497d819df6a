/** What an ERC-4626 vault's swaps depend on, how it stands in a snapshot, and how it is read on chain. */
import type { Address, Hex } from '../core/hex.ts'
import { divDown, max, min, mulDivDown, mulDivUp } from '../core/rounding.ts'
import { shareHolders } from './deployments.ts'
import { addressOf, toWord, wordAt } from './logWords.ts'
import {
  type PoolCodec,
  type PoolFields,
  type PoolRef,
  type PoolStateBase,
  type SnapshotReader,
} from './pool.ts'

/** A vault at one block; token 0 is its asset, token 1 its share, whose address is the pool's id. */
export type Erc4626State = PoolStateBase<'erc4626'> & {
  /** Base units of the asset that the shares stand for. */
  readonly totalAssets: bigint
  /** Base units of the share. */
  readonly totalSupply: bigint
  /** OpenZeppelin's virtual shares are 10 to this power; absent where the vault divides without virtual ones. */
  readonly decimalsOffset?: number | undefined
  /** Base units of the asset that may be deposited; {@link uncapped} where the vault names no limit. */
  readonly depositMax: bigint
  /** Base units of the share that are known to be redeemable, at most `totalSupply`. */
  readonly redeemMax: bigint
}

/** No vault holds more base units of its asset, nor divides by more shares without virtual ones. */
export const uncapped = 2n ** 128n - 1n
/** The same for shares where there are virtual ones, up to 10^18 to a unit. */
export const supplyMax = 2n ** 192n - 1n
const offsetMax = 18

/** keccak256 of `Deposit(address,address,uint256,uint256)` and `Withdraw(address,address,address,uint256,uint256)`. */
export const eventTopics = [
  '0xdcbc1c05240f31ff3ad067ef1ee35ce4997762752e3a095284754544f4c709d7',
  '0xfbde797d201c681b91056529119e0b02407c7bb96a4a2c75c01fc9667232c8db',
] as const

/** Selectors of the views that the reader asks. */
const views = {
  asset: '0x38d52e0f',
  totalAssets: '0x01e1d114',
  totalSupply: '0x18160ddd',
  decimals: '0x313ce567',
  balanceOf: '0x70a08231',
  maxDeposit: '0x402d267d',
  maxRedeem: '0xd905777e',
} as const
/** `previewDeposit`, `previewMint`, `previewWithdraw`, `previewRedeem`, each of one `uint256`. */
const previewViews = ['0xef8b30f7', '0xb3d7f6b9', '0x0a28a477', '0x4cdad506'] as const

/** Whom limits of deposits are asked for: nobody in particular. */
const anyone = toWord(1n)

/** How a vault stands in a snapshot. */
export const erc4626Codec: PoolCodec<Erc4626State> = {
  idDigits: 40,
  fields: ['totalAssets', 'totalSupply', 'decimalsOffset', 'depositMax', 'redeemMax'],
  decode(base, fields) {
    const [asset, share] = base.tokens
    if (base.tokens.length !== 2 || asset === share || share !== toAddressOf(base.id))
      fields.refuse(4, 'the tokens of a vault are its asset and itself', base.tokens)
    const decimalsOffset = decodeOffset(fields)
    const most = decimalsOffset === undefined ? uncapped : supplyMax
    const totalSupply = fields.natural('totalSupply', { max: most })
    return {
      kind: 'erc4626',
      ...base,
      totalAssets: fields.natural('totalAssets', { max: uncapped }),
      totalSupply,
      ...(decimalsOffset === undefined ? {} : { decimalsOffset }),
      depositMax: fields.natural('depositMax', { max: uncapped }),
      redeemMax: fields.natural('redeemMax', { max: totalSupply }),
    }
  },
  encode: ({ totalAssets, totalSupply, decimalsOffset, depositMax, redeemMax }) => ({
    totalAssets: String(totalAssets),
    totalSupply: String(totalSupply),
    ...(decimalsOffset === undefined ? {} : { decimalsOffset: String(decimalsOffset) }),
    depositMax: String(depositMax),
    redeemMax: String(redeemMax),
  }),
}

function decodeOffset(fields: PoolFields): number | undefined {
  return fields.has('decimalsOffset')
    ? fields.small('decimalsOffset', { high: offsetMax })
    : undefined
}

function toAddressOf(id: Hex): Address {
  return id
}

/**
 * Reads a vault in two rounds: totals and limits, then previews of several sizes, which must be those of the formula.
 *
 * What can be redeemed is at least what lies in the vault itself and what `maxRedeem` grants to any one of the
 * known large holders; a vault that lends its assets out may allow more, and no view tells.
 */
export function* snapshotVault(ref: PoolRef): SnapshotReader<Erc4626State> {
  const ask = (data: Hex) => ({ target: ref.id, value: 0n, data })
  const [asset, totalAssets, totalSupply, decimals, depositMax, ...granted] = (yield [
    ask(views.asset),
    ask(views.totalAssets),
    ask(views.totalSupply),
    ask(views.decimals),
    ask(`${views.maxDeposit}${anyone}`),
    ...shareHolders.map((holder) => ask(`${views.maxRedeem}${toWord(BigInt(holder))}`)),
  ]).map(toValue)
  if (asset === undefined || totalAssets === undefined || totalSupply === undefined)
    return undefined
  if (totalAssets > uncapped || totalSupply > supplyMax) return undefined
  const target = addressOf(asset)
  const sizes = sizesFor(totalAssets, totalSupply)
  const [assetDecimals, idle, ...previews] = (yield [
    { target, value: 0n, data: views.decimals },
    { target, value: 0n, data: `${views.balanceOf}${toWord(BigInt(ref.id))}` },
    ...sizes.flatMap((size) => previewViews.map((view) => ask(`${view}${toWord(size)}`))),
  ]).map(toValue)
  const totals = { totalAssets, totalSupply }
  const weights = candidates(totals, decimals, assetDecimals).find((each) =>
    sizes.every((size, at) => agrees(each, size, previews.slice(4 * at))),
  )
  if (weights === undefined) return undefined
  const { decimalsOffset, assets, shares } = weights
  const idleShares = mulDivDown(min(idle ?? 0n, totalAssets), shares, assets)
  return {
    kind: 'erc4626',
    id: ref.id,
    tokens: [target, toAddressOf(ref.id)],
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    ...totals,
    ...(decimalsOffset === undefined ? {} : { decimalsOffset }),
    depositMax: min(depositMax ?? 0n, uncapped),
    redeemMax: min(
      granted.reduce<bigint>((most, each) => max(most, each ?? 0n), idleShares),
      totalSupply,
    ),
  }
}

/** The two sides of a vault's price. */
type Weights = {
  readonly decimalsOffset?: number | undefined
  readonly assets: bigint
  readonly shares: bigint
}

/** What `shares` are worth in `assets`: both totals with their virtual parts. */
export function weightsOf({
  totalAssets,
  totalSupply,
  decimalsOffset,
}: Pick<Erc4626State, 'totalAssets' | 'totalSupply' | 'decimalsOffset'>): Weights {
  if (decimalsOffset === undefined) return { assets: totalAssets, shares: totalSupply }
  return {
    decimalsOffset,
    assets: totalAssets + 1n,
    shares: totalSupply + 10n ** BigInt(decimalsOffset),
  }
}

/** OpenZeppelin's formula, whose offset is the difference of the decimals, and the one without virtual shares. */
function candidates(
  totals: Pick<Erc4626State, 'totalAssets' | 'totalSupply'>,
  decimals: bigint | undefined,
  assetDecimals: bigint | undefined,
): Weights[] {
  const offset = (decimals ?? -1n) - (assetDecimals ?? 0n)
  const isOffset = offset >= 0n && offset <= BigInt(offsetMax)
  const plain = weightsOf(totals)
  const isPlain = plain.assets > 0n && plain.shares > 0n && plain.shares <= uncapped
  return [
    ...(isOffset ? [weightsOf({ ...totals, decimalsOffset: small(offset) })] : []),
    ...(isPlain ? [plain] : []),
  ]
}

function small(value: bigint): number {
  return Number(value)
}

/** From one unit to a multiple of all there is: a fee or another rounding shows in one of them. */
function sizesFor(totalAssets: bigint, totalSupply: bigint): readonly bigint[] {
  const most = max(totalAssets, totalSupply)
  return [1n, 997n, divDown(totalSupply, 7n) + 1n, divDown(totalAssets, 3n) + 1n, 3n * most + 1n]
}

/** True when the four previews of `size` are those of the formula. */
function agrees(
  { assets, shares }: Weights,
  size: bigint,
  [deposit, mint, withdraw, redeem]: readonly (bigint | undefined)[],
): boolean {
  return (
    deposit === mulDivDown(size, shares, assets) &&
    mint === mulDivUp(size, assets, shares) &&
    withdraw === mulDivUp(size, shares, assets) &&
    redeem === mulDivDown(size, assets, shares)
  )
}

function toValue(answer: Hex | undefined): bigint | undefined {
  return answer === undefined || answer === '0x' ? undefined : wordAt(answer, 0)
}
