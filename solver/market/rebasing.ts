/**
 * Tokens whose balances change without a transfer, told by functions that only their families have.
 *
 * Sources: Lido `StETH` (sharesOf, getPooledEthByShares), Aave `ScaledBalanceTokenBase` and Ampleforth `UFragments`
 * (scaledBalanceOf), Olympus `sOlympus` (gonsForBalance), Origin `OUSD` (rebasingCreditsPerToken), Compound III
 * `CometExt` (baseTrackingAccrued), reflection tokens (tokenFromReflection).
 */
import { toFunctionSelector } from 'viem/utils'
import type { Call } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'

/** Functions of one family; a token is of it when it answers all. */
const families = [
  ['sharesOf(address)', 'getPooledEthByShares(uint256)'],
  ['scaledBalanceOf(address)'],
  ['gonsForBalance(uint256)'],
  ['rebasingCreditsPerToken()'],
  ['baseTrackingAccrued(address)'],
  ['tokenFromReflection(uint256)'],
] as const
/** No token has it: one that answers it answers everything, which says nothing. */
const nobodyHas = 'isopriceAsksWhatNobodyAnswers(uint256)'

const selectors = [...families.flat(), nobodyHas].map((name) => toFunctionSelector(name))
const zeroWord = '0'.repeat(64)

/** The calls about one token, in the order that {@link isRebasing} takes their answers. */
export function rebasingCalls(token: Address): readonly Call[] {
  return selectors.map((selector) => ({ target: token, value: 0n, data: `${selector}${zeroWord}` }))
}

/** Whether the answers to {@link rebasingCalls} are those of a rebasing token; `undefined` stands for a revert. */
export function isRebasing(answers: readonly (Hex | undefined)[]): boolean {
  const isWord = (answer: Hex | undefined) => answer?.length === 66
  if (answers[selectors.length - 1] !== undefined) return false
  let at = 0
  return families.some((names) => {
    at += names.length
    return answers.slice(at - names.length, at).every(isWord)
  })
}
