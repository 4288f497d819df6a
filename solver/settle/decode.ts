/** Reads a settlement's calldata back, to the last byte: for people, for reports, and to hold the writer to the layout. */
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, toAddress, zeroAddress } from '../core/hex.ts'
import { type Order, orderFlags } from '../intents/order.ts'
import { allOfIt, fundingKinds, oneOrder, signatureKinds, verbs } from './layout.ts'

/** One verb: a pool crossed. Tokens are addresses; wrapped ether stands for the native pools' currency. */
export type DecodedVerb = {
  readonly verb: number
  readonly tokenIn: Address
  readonly tokenOut: Address
  /** Base units, or `all` for what is left. */
  readonly amountIn: bigint | 'all'
  readonly feePips?: number | undefined
  readonly tickSpacing?: number | undefined
}

/** A whole call. */
export type DecodedSettlement = {
  readonly order: Order
  readonly signatureKind: number
  readonly signature: Hex
  readonly fundingKind: number
  /** Base units pulled once, for funding kind 2. */
  readonly pulled?: bigint | undefined
  readonly certificate?:
    { readonly minOut: bigint; readonly lastBlock: number; readonly signature: Hex } | undefined
  readonly verbs: readonly DecodedVerb[]
}

/**
 * Reads the calldata of one settled order.
 *
 * @throws {MalformedProgramError} `settle.malformed-program`: cut short, too long, or a byte that names nothing.
 */
export function decodeSettlement(data: Hex): DecodedSettlement {
  const reader = createReader(data)
  reader.expect(reader.byte() === oneOrder, 'operation')
  const order = readOrder(reader)
  const signatureKind = reader.byte()
  const signature = readSignature(reader, signatureKind)
  const fundingKind = reader.byte()
  reader.expect(fundingKind <= 2, 'funding kind')
  const pulled = fundingKind === fundingKinds.permit2Pull ? reader.number(16) : undefined
  const certificateKind = reader.byte()
  reader.expect(certificateKind <= 1, 'certificate kind')
  const certificate =
    certificateKind === 0
      ? undefined
      : { minOut: reader.number(16), lastBlock: reader.small(5), signature: reader.hex(64) }
  const table = [order.sellToken, order.buyToken]
  for (let left = reader.byte(); left > 0; left--) table.push(reader.address())
  const decoded: DecodedVerb[] = []
  for (let left = reader.byte(); left > 0; left--) decoded.push(readVerb(reader, table))
  reader.end()
  return { order, signatureKind, signature, fundingKind, pulled, certificate, verbs: decoded }
}

type Reader = ReturnType<typeof createReader>

function createReader(data: Hex) {
  let offset = 2
  const hex = (bytes: number): Hex => {
    const text = data.slice(offset, offset + 2 * bytes)
    if (text.length !== 2 * bytes) throw new MalformedProgramError('length', offset)
    offset += 2 * bytes
    return `0x${text}`
  }
  const small = (bytes: number): number => Number.parseInt(hex(bytes).slice(2), 16)
  return {
    hex,
    small,
    number: (bytes: number) => BigInt(hex(bytes)),
    byte: () => small(1),
    address: () => toAddress(hex(20)),
    bytes: () => hex(small(2)),
    expect(isSo: boolean, what: string) {
      if (!isSo) throw new MalformedProgramError(what, offset)
    },
    end() {
      if (offset !== data.length) throw new MalformedProgramError('length', offset)
    },
  }
}

function readOrder(reader: Reader): Order {
  const owner = reader.address()
  const fields = {
    owner,
    sellToken: reader.address(),
    buyToken: reader.address(),
    amount: reader.number(16),
    limitStart: reader.number(16),
    limitEnd: reader.number(16),
    decayStart: reader.small(5),
    decayEnd: reader.small(5),
    validTo: reader.small(5),
    nonce: reader.number(8),
    flags: reader.small(2),
  }
  const receiver = (fields.flags & orderFlags.receiver) === 0 ? owner : reader.address()
  const auctioneer = (fields.flags & orderFlags.auctioneer) === 0 ? zeroAddress : reader.address()
  return { ...fields, receiver, auctioneer }
}

function readSignature(reader: Reader, kind: number): Hex {
  if (kind === signatureKinds.key) return reader.hex(64)
  if (kind === signatureKinds.longKey) return reader.hex(65)
  reader.expect(
    kind === signatureKinds.contract || kind === signatureKinds.permit2,
    'signature kind',
  )
  return reader.bytes()
}

function readVerb(reader: Reader, table: readonly Address[]): DecodedVerb {
  const first = reader.byte()
  const isPot = first === verbs.pot
  const [indexIn, indexOut] = isPot ? [reader.byte(), reader.byte()] : [0, 1]
  const verb = isPot ? reader.byte() : first
  const tokenIn = table[indexIn]
  const tokenOut = table[indexOut]
  if (tokenIn === undefined || tokenOut === undefined || indexIn === 1 || indexOut === 0)
    throw new MalformedProgramError('token index', indexIn)
  const amount = reader.number(16)
  const isV2 = verb >> 4 === verbs.uniswapV2 >> 4
  const isV3 = verb >> 4 === verbs.uniswapV3 >> 4
  const isV4 = verb === verbs.uniswapV4 || verb === verbs.uniswapV4Native
  reader.expect(isV2 || isV3 || isV4, 'verb')
  return {
    verb,
    tokenIn,
    tokenOut,
    amountIn: amount === allOfIt ? 'all' : amount,
    feePips: isV2 ? undefined : reader.small(3),
    tickSpacing: isV4 ? reader.small(3) : undefined,
  }
}

/** Bytes that are no settlement of this version. */
export class MalformedProgramError extends BaseError {
  override readonly code = 'settle.malformed-program'

  constructor(what: string, offset: number) {
    super(`These bytes are no settlement call: wrong ${what}.`, {
      facts: { offset },
      hint: 'Give the whole calldata of a settlement, from its first byte 0x02.',
    })
  }
}
