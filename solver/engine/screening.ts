/**
 * Keeps the market's tokens screened: all at the start, then those of new pools, and each again after a day. It
 * works beside the loop, one screening at a time, so that no block waits for it.
 */
import type { ChainNode } from '../chain/client.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { Token } from '../core/token.ts'
import type { Market } from '../market/market.ts'
import { screenTokens } from '../market/screen.ts'
import { habitsOf, type TokenTraits, type Unfit, unfitReason } from '../market/traits.ts'
import type { MarketView } from '../market/view.ts'
import type { MarketListener } from './options.ts'

/** What screening needs. */
export type ScreeningOptions = {
  readonly node: ChainNode
  readonly market: Market
  readonly onEvent?: ((line: string) => void) | undefined
  /** False while the view is too old for a node to have its state; always true when absent. */
  readonly isReady?: (() => boolean) | undefined
  /** Screens tokens of a view; {@link screenTokens} when absent. */
  readonly screen?: typeof screenTokens | undefined
}

/** A screening that goes on. */
export type Screening = {
  /** Begins to screen what is due, unless a screening is under way. Returns at once and never throws. */
  step(): void
  /** Steps whenever the market took something. */
  readonly listener: MarketListener
  /** What was found so far. */
  traits(): ReadonlyMap<Address, TokenTraits>
  /** Resolves when what is under way now has ended. */
  idle(): Promise<void>
}

/** Creates a screening that has seen nothing yet. Its failures are told to `onEvent`, and tried again. */
export function createScreening(options: ScreeningOptions): Screening {
  const { node, market, onEvent = () => undefined, screen = screenTokens } = options
  const { isReady = () => true } = options
  const found = new Map<Address, TokenTraits>()
  let seen: MarketView['tokens'] | undefined
  let lookAgain = 0n
  let running: Promise<void> | undefined

  const due = (view: MarketView): Address[] => {
    const number = view.block?.number ?? 0n
    // Nearly every block leaves the tokens as they were, and then there is nothing to look for.
    if (view.tokens === seen && number < lookAgain) return []
    const open = [...view.tokens.keys()].filter((token) => {
      const checkedAt = found.get(token)?.checkedAt
      const isOwn = token === zeroAddress || token === view.wrappedNative
      return !isOwn && (checkedAt === undefined || checkedAt + limits.screenAgainBlocks <= number)
    })
    if (open.length > limits.screenTokens) return open.slice(0, limits.screenTokens)
    seen = view.tokens
    lookAgain = number + restBlocks
    return open
  }

  const run = async (view: MarketView, tokens: readonly Address[]): Promise<void> => {
    try {
      const traits = await screen(node, view, { tokens })
      for (const [token, each] of traits) found.set(token, each)
      market.mark(new Map([...traits].map(([token, each]) => [token, habitsOf(each)])))
      for (const line of linesOf(view, traits)) onEvent(line)
    } catch (error) {
      // Whatever went wrong here, quotes and settlements go on as without a screen; the tokens stay due.
      seen = undefined
      onEvent(`tokens not screened (${codeOf(error)}); again at the next block`)
    } finally {
      running = undefined
    }
  }

  const step = (): void => {
    if (running !== undefined || !isReady()) return
    const view = market.view()
    const tokens = due(view)
    if (tokens.length > 0) running = run(view, tokens)
  }

  return {
    step,
    listener: { applied: step, added: step, restarted: step },
    traits: () => found,
    async idle() {
      await running
    },
  }
}

/**
 * Refuses a token that was found, or declared, to cost whoever trades it.
 *
 * @param token - Absent says nothing.
 * @throws {UnfitTokenError} `engine.unfit-token`.
 */
export function requireFit(token: Token | undefined): void {
  const reason = token === undefined ? undefined : unfitReason(token)
  if (token !== undefined && reason !== undefined) throw new UnfitTokenError({ token, reason })
}

/** An order of a token that keeps a part of what is moved, or that cannot be sold. */
export class UnfitTokenError extends BaseError {
  override readonly code = 'engine.unfit-token'

  constructor({ token, reason }: { token: Token; reason: Unfit }) {
    super('A token of the order cannot be sold, or keeps a part of what is moved.', {
      facts: { token: token.address, reason, transferFeePips: token.transferFeePips },
      hint: 'An order with it could not be filled as signed. Trade another token.',
    })
  }
}

/** Blocks between two looks for tokens that are due again: some ten minutes. */
const restBlocks = 50n
/** Tokens named one by one. */
const namedMax = 8

function linesOf(view: MarketView, traits: ReadonlyMap<Address, TokenTraits>): string[] {
  const all = [...traits]
  const unfit = all.filter(([, each]) => unfitReason(habitsOf(each)) !== undefined)
  const unchecked = all.filter(([, each]) => each.unchecked !== undefined).length
  const named = unfit.slice(0, namedMax).map(([token, each]) => {
    const fees = [each.buyFeePips, each.sellFeePips, each.transferFeePips].join('/')
    return `${token} left out: ${each.why ?? `keeps ${fees} millionths when bought/sold/moved`}`
  })
  return [
    `screened ${all.length} tokens at block ${view.block?.number ?? 'none'}: ${unfit.length} left out, ${unchecked} not tried`,
    ...named,
  ]
}

function codeOf(error: unknown): string {
  if (error instanceof BaseError) return (error as BaseError & { readonly code: string }).code
  return error instanceof Error ? error.name : 'unknown'
}
