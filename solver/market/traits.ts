/**
 * Habits of tokens that cost whoever trades them: a part kept of each transfer, balances that change by
 * themselves, a sale that is refused. What a file declares and what a trial measured are held against each other,
 * and the worse of the two counts.
 */
import type { Address } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import type { PoolState } from '../pools/index.ts'
import type { MarketView } from './view.ts'

/** What a trial showed of a token; fees are millionths of what was sent. */
export type TokenTraits = {
  /** Kept of what a pool pays out. */
  readonly buyFeePips: number
  /** Kept of what a pool is paid. */
  readonly sellFeePips: number
  /** Kept of a transfer between two plain addresses. */
  readonly transferFeePips: number
  /** False when a purchase in the token's deepest pool could not be made, or not be sold again. */
  readonly sellable: boolean
  /** True when balances change without a transfer, or a transfer moves a few units less than it says. */
  readonly rebasing: boolean
  /** Number of the block whose end state was tried. */
  readonly checkedAt: bigint
  /** The step that was refused, and the token's or pool's own words, as text to show. */
  readonly why?: string | undefined
  /** Why there was no trial: then fees are 0 and `sellable` is true for want of evidence. */
  readonly unchecked?: Unchecked | undefined
}

/**
 * - `no-pool`: no V2 or V3 pool leads to it from the wrapped native token, in one step or two.
 * - `no-depth`: such a pool is too shallow to buy anything.
 * - `no-overrides`: the node knows no state overrides.
 * - `node-refused`: the node refuses the trial.
 */
export type Unchecked = 'no-pool' | 'no-depth' | 'no-overrides' | 'node-refused'

/** The habits as a token carries them; absent means not known. */
export type TokenHabits = Pick<Token, 'transferFeePips' | 'isRebasing' | 'isSellable'>

/** Why a token is not to be traded: it cannot be sold, or it keeps a part of what is moved. */
export type Unfit = 'token-not-sellable' | 'token-takes-fee'

/** Why `token` is not to be traded, or `undefined` when nothing speaks against it. Rebasing alone does not. */
export function unfitReason(token: TokenHabits): Unfit | undefined {
  if (token.isSellable === false) return 'token-not-sellable'
  return (token.transferFeePips ?? 0) > 0 ? 'token-takes-fee' : undefined
}

const kept = new WeakMap<MarketView, MarketView>()

/**
 * What of `view` may be traded on: without the pools of tokens that are {@link unfitReason unfit}. The tokens stay,
 * so that one can say why. `view` itself when there is no such token; else one value for each view. Pure.
 */
export function tradable(view: MarketView): MarketView {
  const known = kept.get(view)
  if (known !== undefined) return known
  const unfit = new Set<Address>()
  for (const [address, token] of view.tokens)
    if (unfitReason(token) !== undefined) unfit.add(address)
  const made = unfit.size === 0 ? view : { ...view, pools: withoutTokens(view.pools, unfit) }
  kept.set(view, made)
  return made
}

function withoutTokens(
  pools: MarketView['pools'],
  unfit: ReadonlySet<Address>,
): MarketView['pools'] {
  const isFit = (state: PoolState) => !state.tokens.some((token) => unfit.has(token))
  return new Map([...pools].filter(([, state]) => isFit(state)))
}

/** The habits that a trial showed; of one that was not made, only what was asked of the token itself. */
export function habitsOf(traits: TokenTraits): TokenHabits {
  const { buyFeePips, sellFeePips, transferFeePips, sellable, rebasing, unchecked } = traits
  const isRebasing = rebasing ? { isRebasing: true } : {}
  if (unchecked !== undefined) return isRebasing
  return {
    transferFeePips: Math.max(buyFeePips, sellFeePips, transferFeePips),
    isSellable: sellable,
    ...isRebasing,
  }
}

/** `token` with the worse of its own and the measured habits; `token` itself when those say nothing new. */
export function withHabits(token: Token, measured: TokenHabits): Token {
  const fee = Math.max(token.transferFeePips ?? -1, measured.transferFeePips ?? -1)
  const transferFeePips = fee < 0 ? undefined : fee
  const isRebasing = token.isRebasing === true ? true : (measured.isRebasing ?? token.isRebasing)
  const isSellable = token.isSellable === false ? false : (measured.isSellable ?? token.isSellable)
  if (
    transferFeePips === token.transferFeePips &&
    isRebasing === token.isRebasing &&
    isSellable === token.isSellable
  )
    return token
  return {
    ...token,
    ...(transferFeePips === undefined ? {} : { transferFeePips }),
    ...(isRebasing === undefined ? {} : { isRebasing }),
    ...(isSellable === undefined ? {} : { isSellable }),
  }
}

/**
 * `view` without the habits of its tokens, and those: a view that was saved cannot tell what was measured from what
 * was declared, and what was measured must give way to a newer measurement.
 */
export function liftHabits(view: MarketView): {
  readonly view: MarketView
  readonly habits: ReadonlyMap<Address, TokenHabits>
} {
  const habits = new Map<Address, TokenHabits>()
  const tokens = new Map(view.tokens)
  for (const [address, token] of view.tokens) {
    const { transferFeePips, isRebasing, isSellable, ...rest } = token
    const own = present({ transferFeePips, isRebasing, isSellable })
    if (Object.keys(own).length === 0) continue
    habits.set(address, own)
    tokens.set(address, rest)
  }
  return habits.size === 0 ? { view, habits } : { view: { ...view, tokens }, habits }
}

/** What was measured of tokens, kept apart from views, which forget it when they are read anew or go back. */
export type Marks = {
  /** Takes what was measured; of a token that was measured before, the newer counts. */
  add(measured: ReadonlyMap<Address, TokenHabits>): void
  /** `view` with all that was measured on its tokens; `view` itself when that changes nothing. */
  on(view: MarketView): MarketView
}

/** Marks without entries. */
export function createMarks(): Marks {
  const marks = new Map<Address, TokenHabits>()
  // What tokens said before they were first marked: a better measurement must not be held to an older one of ours.
  const declared = new Map<Address, TokenHabits>()
  const marked = (token: Token): Token => {
    const measured = marks.get(token.address)
    if (measured === undefined) return token
    const { transferFeePips, isRebasing, isSellable, ...rest } = token
    const own = declared.get(token.address) ?? { transferFeePips, isRebasing, isSellable }
    declared.set(token.address, own)
    const made = withHabits({ ...rest, ...present(own) }, measured)
    return sameHabits(made, token) ? token : made
  }
  return {
    add(measured) {
      for (const [address, habits] of measured) marks.set(address, habits)
    },
    on(view) {
      const changed = [...marks.keys()].flatMap((address) => {
        const token = view.tokens.get(address)
        const after = token === undefined ? undefined : marked(token)
        return after === undefined || after === token ? [] : [after]
      })
      if (changed.length === 0) return view
      const tokens = new Map(view.tokens)
      for (const token of changed) tokens.set(token.address, token)
      return { ...view, tokens }
    },
  }
}

function present({ transferFeePips, isRebasing, isSellable }: TokenHabits): TokenHabits {
  return {
    ...(transferFeePips === undefined ? {} : { transferFeePips }),
    ...(isRebasing === undefined ? {} : { isRebasing }),
    ...(isSellable === undefined ? {} : { isSellable }),
  }
}

function sameHabits(one: TokenHabits, other: TokenHabits): boolean {
  return (
    one.transferFeePips === other.transferFeePips &&
    one.isRebasing === other.isRebasing &&
    one.isSellable === other.isSellable
  )
}
