/** What a dishonest server could change in a quote, one field each, with what the refusal names. */
import { toAddress } from '../../solver/core/hex.ts'
import { type Json, valueAt, withValue } from './world.ts'

/** Who would profit. */
export const attacker = toAddress(`0x${'a77ac4e2'.repeat(5)}`)

/** One changed field of an answer of `POST /v1/quote`. */
export type Lie = {
  readonly name: string
  readonly funding: 'allowance' | 'permit2'
  /** Dotted path in the answer. */
  readonly path: string
  readonly change: (honest: unknown) => unknown
  /** The `field` of the refusal, when it is not the path in the typed data. */
  readonly field?: string
}

const steal = () => attacker
const one = () => '1'
const twice = (value: unknown) => (2n * BigInt(String(value))).toString()

/** Lies about what is signed: the naive client signs each. */
export const signedLies: readonly Lie[] = [
  lie('receiver', 'allowance', 'intent.message.receiver', steal),
  lie('owner', 'allowance', 'intent.message.owner', steal),
  lie('sell token', 'allowance', 'intent.message.sellToken', steal),
  lie('buy token', 'allowance', 'intent.message.buyToken', steal),
  lie('amount', 'allowance', 'intent.message.amount', twice),
  lie('limit at the start', 'allowance', 'intent.message.limitStart', one),
  lie('limit at the end', 'allowance', 'intent.message.limitEnd', one),
  lie('auctioneer', 'allowance', 'intent.message.auctioneer', steal),
  lie('flags', 'allowance', 'intent.message.flags', () => 3),
  lie('end', 'allowance', 'intent.message.validTo', () => 2 ** 40 - 1),
  lie('decay', 'allowance', 'intent.message.decayEnd', () => 2 ** 40 - 1),
  lie('chain', 'allowance', 'intent.domain.chainId', () => 10),
  lie('contract', 'allowance', 'intent.domain.verifyingContract', steal),
  lie('name of the contract', 'allowance', 'intent.domain.name', () => 'Permit2'),
  lie('receiver', 'permit2', 'intent.message.witness.receiver', steal),
  lie('limit', 'permit2', 'intent.message.witness.limitStart', one),
  lie('buy token', 'permit2', 'intent.message.witness.buyToken', steal),
  lie('amount of the permit', 'permit2', 'intent.message.permitted.amount', twice),
  lie('token of the permit', 'permit2', 'intent.message.permitted.token', steal),
  lie('spender', 'permit2', 'intent.message.spender', steal),
  lie('deadline', 'permit2', 'intent.message.deadline', twice),
  lie('nonce of the permit', 'permit2', 'intent.message.nonce', () => '5'),
  lie('chain', 'permit2', 'intent.domain.chainId', () => 10),
  lie('contract', 'permit2', 'intent.domain.verifyingContract', steal),
]

/** Lies about the form or the figures: no wallet would sign the order meant, or the person is misled. */
export const formLies: readonly Lie[] = [
  lie('chain as text', 'allowance', 'intent.domain.chainId', String),
  lie('name of a type', 'allowance', 'intent.primaryType', () => 'WinCert'),
  lie('member of a type', 'allowance', 'intent.types.Order.3.name', () => 'payee'),
  lie('type more', 'allowance', 'intent.types.Extra', () => [{ name: 'a', type: 'bytes' }]),
  lie('member more', 'allowance', 'intent.message.bonus', one),
  { ...lie('price', 'allowance', 'buyAmount', twice), field: 'minBuyAmount' },
  { ...lie('limit shown', 'allowance', 'minBuyAmount', one), field: 'minBuyAmount' },
  { ...lie('amount shown', 'allowance', 'sellAmount', twice), field: 'sellAmount' },
  { ...lie('token shown', 'allowance', 'buyToken', steal), field: 'buyToken' },
]

/** The answer with this lie in it. */
export function tell({ path, change }: Lie): (quote: Json) => Json {
  return (quote) => withValue(quote, path, change(valueAt(quote, path)))
}

/** The field that the refusal must name: exactly, or a part of the type that was changed. */
export function fieldOf({ path, field }: Lie): string {
  return field ?? path.replace(/^intent\./, '')
}

function lie(name: string, funding: Lie['funding'], path: string, change: Lie['change']): Lie {
  return { name, funding, path, change }
}
