/**
 * Revert bytes as our errors: the settlement's own, and those that tokens, pools and Permit2 are known to give.
 *
 * Sources: `contracts/interfaces/ISettlement.sol`; OpenZeppelin's ERC-6093 errors; Permit2; Uniswap V2, V3 and V4.
 */
import { decodeErrorResult, parseAbi } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import { type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { settlementAbi } from './abi.ts'

/** Names of the settlement's custom errors. */
export type SettlementErrorName = Extract<(typeof settlementAbi)[number], { type: 'error' }>['name']

/** What the reader can do next about each of the settlement's errors. */
const hints: Readonly<Record<SettlementErrorName, string>> = {
  AsksTooMuch: 'A pool asked for more than it was offered: it is not the pool it should be.',
  BadLength: 'Encode the call again: bytes are missing or left over.',
  BadReceiver: 'Sign with a receiver that is neither zero nor the settlement.',
  BadSignature: "Sign exactly this order for this chain and contract with the owner's key.",
  BadTokenIndex: 'Encode the route again: a verb takes the buy token or gives the sell token.',
  CertificateExpired: 'Ask the auctioneer again, or wait until the decay begins.',
  CertificateMissing: "Show the winner's certificate, or wait until the decay begins.",
  EmptyOrder: 'Sign an amount and a limit that are not zero.',
  FundingMismatch: 'Permit2 checks its own signature and no other; encode the call again.',
  HoldsLess: 'A token on the route moved more than it was asked to; leave it out.',
  LimitRises: 'Sign a `limitEnd` that is at most `limitStart`.',
  NonceUsed: 'The order was filled or cancelled before; sign again with an unused nonce.',
  NotArmed: 'Only the pool that is being called may call back.',
  NotWrappedEther:
    'Encode the route again: a pool of native ether needs wrapped ether on one side.',
  OrderExpired: 'Sign a new order with a later `validTo`.',
  PaidTooLittle:
    'The market moved below the limit: quote again, or wait for the limit to decay. A buy token that keeps a part of what it moves pays less than its pools say.',
  PotNotEmpty: 'A pool took less than it was offered: quote again on a newer block.',
  Reentered: 'A token on the route calls back into the settlement; leave it out.',
  SameToken: 'Sign an order for two different tokens.',
  TakesTooMuch: 'An earlier leg brought less than quoted: quote again on a newer block.',
  UnexpectedEther: 'Send no ether to the settlement.',
  UnknownCertificateKind: 'Encode the call again.',
  UnknownFactory: 'Leave pools of this factory out of the route.',
  UnknownFlags: 'Sign without the flags that this settlement does not know.',
  UnknownFundingKind: 'Encode the call again.',
  UnknownOperation: 'A settlement call begins with 0x02.',
  UnknownSignatureKind: 'Encode the call again.',
  UnknownVerb: 'Leave pools of this kind out of the route.',
}

/** Errors of others, by what they mean to an owner or a solver. */
const foreign: readonly { code: string; errors: RegExp; summary: string; hint: string }[] = [
  {
    code: 'settle.allowance-too-small',
    errors: /InsufficientAllowance|allowance/i,
    summary: 'The owner allows less of the sell token than the order sells.',
    hint: 'Approve the settlement, or Permit2 for orders funded that way, for the amount.',
  },
  {
    code: 'settle.balance-too-small',
    errors: /InsufficientBalance|exceeds balance|insufficient.balance/i,
    summary: 'The owner has less of the sell token than the order sells.',
    hint: 'Fund the owner, or sign a smaller order.',
  },
  {
    code: 'settle.permit2-nonce-used',
    errors: /^InvalidNonce/,
    summary: 'Permit2 has seen the nonce of this order before.',
    hint: 'The order was filled or cancelled there; sign again with an unused nonce.',
  },
  {
    code: 'settle.permit2-expired',
    errors: /^SignatureExpired/,
    summary: 'The Permit2 signature has expired.',
    hint: 'Sign a new order with a later `validTo`.',
  },
  {
    code: 'settle.permit2-signature-invalid',
    errors: /^Invalid(Signer|Signature|SignatureLength|ContractSignature|Amount)/,
    summary: "Permit2 does not accept the signature as the owner's over this order.",
    hint: 'Sign exactly this typed data for this chain, contract and amount.',
  },
  {
    code: 'settle.pool-refused',
    errors:
      /^UniswapV2: |^(AS|LOK|SPL|IIA|L|TF)$|^(CurrencyNotSettled|PoolNotInitialized|SwapAmountCannotBeZero|PriceLimit)/,
    summary: 'A pool on the route refused the swap.',
    hint: 'Quote again on a newer block; a token that keeps a part of what it moves is refused too.',
  },
  {
    code: 'settle.token-refused',
    errors: /TRANSFER|transfer|SafeERC20|blacklist|blocklist|paused/i,
    summary: 'A token on the route refused to move.',
    hint: "Check balance, allowance and the token's own rules for owner and receiver.",
  },
]

const foreignAbi = parseAbi([
  'error Error(string reason)',
  'error Panic(uint256 panic)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error SafeERC20FailedOperation(address token)',
  'error InvalidNonce()',
  'error SignatureExpired(uint256 signatureDeadline)',
  'error InvalidSigner()',
  'error InvalidSignature()',
  'error InvalidSignatureLength()',
  'error InvalidContractSignature()',
  'error InvalidAmount(uint256 maxAmount)',
  'error CurrencyNotSettled()',
  'error PoolNotInitialized()',
  'error SwapAmountCannotBeZero()',
  'error PriceLimitAlreadyExceeded(uint160 sqrtPriceCurrentX96, uint160 sqrtPriceLimitX96)',
])

const abi = [...settlementAbi, ...foreignAbi]

/**
 * The error that revert bytes of a settlement mean. Total: bytes that nobody knows are `settle.unknown-revert`,
 * no bytes `settle.no-reason`, a failed assertion `settle.panic`.
 *
 * Each of the settlement's own errors has the code `settle.` and its name in kebab case, and its arguments as
 * facts.
 */
export function decodeRevert(data: Hex): RevertedError {
  if (data === '0x') return noReason()
  const decoded = decode(data)
  if (decoded === undefined) return unknown(data)
  const { name, facts } = decoded
  if (isSettlementError(name))
    return new RevertedError(codeOf(name), `The settlement refused: ${name}.`, facts, hints[name])
  if (name === 'Panic') return panic(facts)
  const reason = name === 'Error' ? String(facts['reason']) : name
  const known = foreign.find(({ errors }) => errors.test(reason))
  if (known === undefined) return unknown(data, reason)
  return new RevertedError(known.code, known.summary, { ...facts, reason }, known.hint)
}

/** Every code that {@link decodeRevert} gives, with what it means and what to do: for the catalogue of errors. */
export function revertCodes(): readonly {
  readonly code: string
  readonly meaning: string
  readonly hint: string
}[] {
  // The keys of the table are the names.
  const names = Object.keys(hints) as SettlementErrorName[]
  const own = names.map((name) => ({
    code: codeOf(name),
    meaning: `The settlement refused: ${name}.`,
    hint: hints[name],
  }))
  const others = foreign.map(({ code, summary, hint }) => ({ code, meaning: summary, hint }))
  const rest = [noReason(), unknown('0x00'), panic({})].map(({ code, message, hint = '' }) => ({
    code,
    meaning: message.split('\n', 1).join(''),
    hint,
  }))
  return [...own, ...others, ...rest]
}

/** The code of one of the settlement's errors: `settle.paid-too-little` for `PaidTooLittle`. */
export function codeOf(name: SettlementErrorName): string {
  return `settle.${name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()}`
}

/** The owner's balance is below what the order sells: what an empty revert of a token often means. */
export function balanceTooSmall(facts: RevertedError['facts']): RevertedError {
  return ofCode('settle.balance-too-small', facts)
}

/** The owner's allowance is below what the order sells. */
export function allowanceTooSmall(facts: RevertedError['facts']): RevertedError {
  return ofCode('settle.allowance-too-small', facts)
}

function ofCode(code: string, facts: RevertedError['facts']): RevertedError {
  const known = foreign.find((each) => each.code === code)
  return new RevertedError(code, known?.summary ?? code, facts, known?.hint ?? '')
}

function decode(data: Hex): { name: string; facts: Record<string, unknown> } | undefined {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi, data })
    const inputs: readonly { name?: string | undefined }[] = abiItem.inputs
    const facts = inputs.map(({ name }, at) => [name ?? at, plain(args?.[at])] as const)
    return { name: errorName, facts: Object.fromEntries(facts) }
  } catch {
    // Bytes of no known error: an ordinary outcome of foreign contracts.
    return undefined
  }
}

/** Addresses come checksummed out of viem, and are lower-case inside. */
function plain(argument: unknown): unknown {
  return typeof argument === 'string' && isAddressText(argument) ? toAddress(argument) : argument
}

function isSettlementError(name: string): name is SettlementErrorName {
  return Object.hasOwn(hints, name)
}

function noReason(): RevertedError {
  const hint =
    'A token or pool gave no reason: check balance, allowance, and that every pool exists.'
  return new RevertedError('settle.no-reason', 'The call reverted without a reason.', {}, hint)
}

function panic(facts: RevertedError['facts']): RevertedError {
  const hint = 'Arithmetic failed on chain, usually in a token or a pool; quote again.'
  return new RevertedError('settle.panic', 'An assertion failed on chain.', facts, hint)
}

function unknown(data: Hex, reason?: string): RevertedError {
  const hint = 'Not an error of the settlement: look for it in the tokens and pools of the route.'
  const facts = { data: data.slice(0, 138), reason: reason ?? 'none' }
  return new RevertedError('settle.unknown-revert', 'The call reverted.', facts, hint)
}

/** A settlement that reverts, or would. `code` says why: see {@link decodeRevert}. */
export class RevertedError extends BaseError {
  override readonly code: string = 'settle.reverted'

  constructor(code: string, summary: string, facts: BaseError['facts'], hint: string) {
    super(summary, { facts, hint })
    this.code = code
  }
}
