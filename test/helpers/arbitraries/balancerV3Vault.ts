/** What the vault keeps of a pool: two to eight tokens of any decimals, rates and fees, dust, huge and empty sides. */
import * as fc from 'fast-check'
import type { Address } from '../../../solver/core/hex.ts'
import type { BalancerV3State, BalancerV3TokenKind } from '../../../solver/pools/balancerV3State.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { anyMagnitude } from './magnitudes.ts'

const wad = 10n ** 18n
const uint128Max = 2n ** 128n - 1n
const firstToken = 0xa0n << 152n

/** What differs between the two kinds of pools. */
export type VaultDraw = {
  readonly tokensMax: number
  /** Least swap fee that the pools accept, in 10^-18. */
  readonly feeMin: bigint
  /** Decimal digits by which balances may differ. */
  readonly spreadDigits: number
}

type TokenDraw = {
  readonly digits: bigint
  readonly decimals: number
  readonly tokenKind: BalancerV3TokenKind
  readonly rate: bigint
  readonly grown: number
  readonly isEmpty: boolean
}

const anyRate = fc.oneof(
  fc.constantFrom(wad, 2n * wad),
  fc.bigInt({ min: wad / 2n, max: 3n * wad }),
  fc.bigInt({ min: wad / 1_000n, max: 1_000n * wad }),
)

function anyToken(spreadDigits: number): fc.Arbitrary<TokenDraw> {
  return fc.record({
    digits: fc.bigInt({ min: 1n, max: 10n ** BigInt(spreadDigits) }),
    decimals: fc.oneof(fc.constantFrom(18, 6, 8), fc.nat({ max: 18 })),
    tokenKind: fc.constantFrom<BalancerV3TokenKind[]>('plain', 'plain', 'rate', 'yield'),
    rate: anyRate,
    /** Millionths by which the rate has grown since the vault looked. */
    grown: fc.oneof(fc.constant(0), fc.integer({ min: -1_000, max: 10_000 })),
    isEmpty: fc.integer({ min: 0, max: 59 }).map((draw) => draw === 0),
  })
}

/** A share in 10^-18, log-uniform from `least` to `most`. */
function anyShare(least: bigint, most: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(least) },
    { weight: 3, arbitrary: fc.bigInt({ min: least, max: most }) },
    { weight: 3, arbitrary: fc.bigInt({ min: least, max: least + most / 100n }) },
  )
}

/** Any such part of a pool's state. One pool in thirty is paused, one has a hook. */
export function vaultStates<kind extends string>(
  kind: kind,
  { tokensMax, feeMin, spreadDigits }: VaultDraw,
): fc.Arbitrary<BalancerV3State<kind>> {
  return fc
    .record({
      tokens: fc.array(anyToken(spreadDigits), { minLength: 2, maxLength: tokensMax }),
      size: fc.oneof(
        { weight: 9, arbitrary: anyMagnitude(100, 20) },
        { weight: 1, arbitrary: anyMagnitude(20) },
      ),
      swapFee: anyShare(feeMin, wad / 10n),
      aggregateSwapFee: fc.oneof(fc.constant(0n), anyShare(0n, wad / 2n)),
      aggregateYieldFee: fc.oneof(fc.constant(0n), anyShare(0n, wad / 2n)),
      mode: fc.nat({ max: 29 }),
    })
    .map(({ tokens, size, mode, ...fees }) => ({
      kind,
      id: toPoolId('0xba00000000000000000000000000000000000000'),
      tokens: tokens.map((_, at) => addressAt(at)),
      balances: tokens.map((token) => balanceOf(token, size)),
      scalingFactors: tokens.map(scaleOf),
      tokenKinds: tokens.map(({ tokenKind }) => tokenKind),
      rates: tokens.map(rateOf),
      lastLive: tokens.map((token) => lastLiveOf(token, size)),
      ...fees,
      paused: mode === 1,
      ...(mode === 2 ? { hooks: addressAt(99) } : {}),
    }))
}

function addressAt(index: number): Address {
  return `0x${(firstToken + BigInt(index)).toString(16).padStart(40, '0')}`
}

function scaleOf({ decimals }: TokenDraw): bigint {
  return 10n ** BigInt(18 - decimals)
}

function rateOf({ tokenKind, rate }: TokenDraw): bigint {
  return tokenKind === 'plain' ? wad : rate
}

function balanceOf(token: TokenDraw, size: bigint): bigint {
  if (token.isEmpty) return 0n
  const held = (size * token.digits * wad) / (scaleOf(token) * rateOf(token))
  return held < uint128Max ? held : uint128Max
}

function lastLiveOf(token: TokenDraw, size: bigint): bigint {
  if (token.tokenKind !== 'yield') return 0n
  const live = (balanceOf(token, size) * scaleOf(token) * token.rate) / wad
  const last = (live * 1_000_000n) / BigInt(1_000_000 + token.grown)
  return last < uint128Max ? last : uint128Max
}
