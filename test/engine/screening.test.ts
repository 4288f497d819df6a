/** The engine's screening: all at the start, new tokens when they come, never in the loop's way. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { BaseError } from '../../solver/core/errors.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { createScreening, requireFit } from '../../solver/engine/screening.ts'
import { createMarket, type Market } from '../../solver/market/market.ts'
import type { screenTokens } from '../../solver/market/screen.ts'
import type { TokenTraits } from '../../solver/market/traits.ts'

const address = (digit: number): Address => `0x${digit.toString(16).padStart(40, '0')}`
const hash = (number: bigint): Hex => `0x${number.toString(16).padStart(64, '0')}`
const node = { request: async () => Promise.reject(new Error('not asked')) }
const blockAt = (number: bigint) => ({
  number,
  hash: hash(number),
  parentHash: hash(number - 1n),
  timestamp: number,
})
const clean = {
  buyFeePips: 0,
  sellFeePips: 0,
  transferFeePips: 0,
  sellable: true,
  rebasing: false,
} as const

function marketOf(...digits: readonly number[]): Market {
  const tokens = digits.map((digit) => ({ address: address(digit), symbol: 'T', decimals: 18 }))
  return createMarket({
    chainId: 1,
    block: blockAt(100n),
    tokens: new Map(tokens.map((token) => [token.address, token])),
    pools: new Map(),
  })
}

/** A screen that answers when told to, and remembers what it was asked. */
function screenOf(traits: Partial<TokenTraits> = {}) {
  const asked: (readonly Address[])[] = []
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const screen: typeof screenTokens = async (_node, view, options) => {
    const tokens = options?.tokens ?? []
    asked.push(tokens)
    await gate
    const checkedAt = view.block?.number ?? 0n
    return new Map(tokens.map((token) => [token, { ...clean, checkedAt, ...traits }]))
  }
  return { screen, asked, release }
}

describe('screening.createScreening', () => {
  it('screens every token once, beside whoever steps', async () => {
    const market = marketOf(1, 2)
    const { screen, asked, release } = screenOf({ sellFeePips: 5 })
    const screening = createScreening({ node, market, screen })
    screening.step()
    screening.step()
    assert.deepEqual(asked, [[address(1), address(2)]])
    assert.equal(market.view().tokens.get(address(1))?.transferFeePips, undefined)
    release()
    await screening.idle()
    assert.equal(market.view().tokens.get(address(1))?.transferFeePips, 5)
    screening.step()
    await screening.idle()
    assert.equal(asked.length, 1)
  })

  it('screens again after a day, and then believes the newer', async () => {
    const market = marketOf(1)
    let sellable = false
    const screen: typeof screenTokens = async (_node, view) => {
      const traits = { ...clean, sellable, checkedAt: view.block?.number ?? 0n }
      return Promise.resolve(new Map([[address(1), traits]]))
    }
    const screening = createScreening({ node, market, screen })
    screening.step()
    await screening.idle()
    assert.equal(market.view().tokens.get(address(1))?.isSellable, false)
    sellable = true
    market.restart({ ...market.view(), block: blockAt(100n + 7_199n) })
    screening.step()
    await screening.idle()
    assert.equal(market.view().tokens.get(address(1))?.isSellable, false)
    market.restart({ ...market.view(), block: blockAt(100n + 7_250n) })
    screening.step()
    await screening.idle()
    assert.equal(market.view().tokens.get(address(1))?.isSellable, true)
  })

  it('screens the tokens of new pools alone', async () => {
    const market = marketOf(1)
    const { screen, asked, release } = screenOf()
    const screening = createScreening({ node, market, screen })
    release()
    screening.step()
    await screening.idle()
    const tokens = new Map(market.view().tokens)
    tokens.set(address(2), { address: address(2), symbol: 'NEW', decimals: 18 })
    market.restart({ ...market.view(), tokens })
    screening.listener.restarted?.()
    await screening.idle()
    assert.deepEqual(asked, [[address(1)], [address(2)]])
  })

  it('tells of a failure, throws nothing, and tries again', async () => {
    const lines: string[] = []
    const screening = createScreening({
      node,
      market: marketOf(1),
      onEvent: (line) => lines.push(line),
      screen: async () => Promise.reject(new TypeError('broken')),
    })
    screening.step()
    await screening.idle()
    screening.step()
    await screening.idle()
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /TypeError/)
  })

  it('waits until the view is ready', async () => {
    const { screen, asked, release } = screenOf()
    let isReady = false
    const market = marketOf(1)
    const screening = createScreening({ node, market, screen, isReady: () => isReady })
    release()
    screening.step()
    await screening.idle()
    assert.equal(asked.length, 0)
    isReady = true
    screening.step()
    await screening.idle()
    assert.equal(asked.length, 1)
  })
})

describe('screening.requireFit', () => {
  const token = { address: address(1), symbol: 'T', decimals: 18 }

  it('lets pass what nothing speaks against, and a rebasing token', () => {
    requireFit(undefined)
    requireFit(token)
    requireFit({ ...token, isRebasing: true, isSellable: true, transferFeePips: 0 })
  })

  it('refuses a token with a fee and one that cannot be sold, each with its reason', () => {
    const refused = (reason: string) => (error: unknown) =>
      error instanceof BaseError &&
      (error as BaseError & { code: string }).code === 'engine.unfit-token' &&
      error.facts['reason'] === reason
    assert.throws(() => requireFit({ ...token, transferFeePips: 1 }), refused('token-takes-fee'))
    assert.throws(() => requireFit({ ...token, isSellable: false }), refused('token-not-sellable'))
  })
})
