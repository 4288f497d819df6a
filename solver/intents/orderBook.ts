/** The open orders of this process: a closure over a map, with one state machine for every order. */
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { OrderDigest, SignedOrder } from './order.ts'

/** Where an order stands. `cancelled` is final; `filled` but for a reorg, and `expired` unless time goes back. */
export type OrderStatus = 'open' | 'submitted' | 'filled' | 'expired' | 'cancelled'

/** A signed order as the book keeps it. Amounts are base units. */
export type BookOrder = {
  readonly signed: SignedOrder
  readonly status: OrderStatus
  /** Why it is not filled yet, for a person; absent once it is. */
  readonly why?: string | undefined
  readonly fill?:
    | {
        readonly sold: bigint
        readonly bought: bigint
        readonly transaction?: Hex | undefined
        readonly block: bigint
      }
    | undefined
}

/** What a caller may ask of the book. */
export type OrderBook = {
  /** Adds an order as `open`; the same digest again changes nothing and answers the kept one. */
  add(signed: SignedOrder): BookOrder
  /** Open orders that are still valid at `now` (Unix seconds); the others become `expired`. */
  open(now: number): readonly SignedOrder[]
  get(digest: Hex): BookOrder | undefined
  /** Moves an order along; see {@link moves}. */
  update(digest: OrderDigest, change: Omit<BookOrder, 'signed'>): BookOrder
  /** Opens again every order whose fill stood in a block above `block`: a reorg took it back. Their digests. */
  undoAfter(block: bigint): readonly OrderDigest[]
  all(): readonly BookOrder[]
}

/** The edges of the state machine: a submission may come back, an ending may not. */
export const moves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  open: ['open', 'submitted', 'filled', 'expired', 'cancelled'],
  submitted: ['open', 'submitted', 'filled', 'expired', 'cancelled'],
  filled: [],
  expired: [],
  cancelled: [],
}

/** Makes an empty book. `update` throws {@link OrderStateError} `intents.state-conflict` on an edge that is not in {@link moves}. */
export function createOrderBook(): OrderBook {
  const orders = new Map<Hex, BookOrder>()
  const put = (entry: BookOrder) => {
    orders.set(entry.signed.digest, entry)
    return entry
  }
  return {
    add(signed) {
      const known = orders.get(signed.digest)
      if (known !== undefined) return known
      makeRoom(orders, signed)
      return put({ signed, status: 'open' })
    },
    open(now) {
      const isValid = ({ signed }: BookOrder) => signed.order.validTo >= now
      for (const entry of orders.values()) {
        if (entry.status === 'open' && !isValid(entry))
          put({ ...entry, status: 'expired', why: undefined })
        // Time went back: a block with a false time has left the chain.
        if (entry.status === 'expired' && isValid(entry))
          put({ signed: entry.signed, status: 'open' })
      }
      const open = [...orders.values()].filter(({ status }) => status === 'open')
      return open.map(({ signed }) => signed)
    },
    get: (digest) => orders.get(digest),
    update(digest, change) {
      const entry = orders.get(digest)
      if (entry === undefined || !moves[entry.status].includes(change.status))
        throw new OrderStateError(digest, entry?.status, change.status)
      return put({ signed: entry.signed, ...change })
    },
    undoAfter: (block) =>
      [...orders.values()]
        .filter(({ status, fill }) => status === 'filled' && (fill?.block ?? 0n) > block)
        .map(
          ({ signed }) => put({ signed, status: 'open', why: 'fill-reorganised' }).signed.digest,
        ),
    all: () => [...orders.values()],
  }
}

/**
 * Forgets the oldest ended order when the book is full.
 *
 * @throws {BookFullError} `intents.book-full`, when all that is kept is open.
 * @throws {TooManyOpenError} `intents.too-many-open`, for an owner who has his share already.
 */
function makeRoom(orders: Map<Hex, BookOrder>, { order }: SignedOrder): void {
  const isLive = ({ status }: BookOrder) => moves[status].length > 0
  const open = [...orders.values()].filter(isLive)
  const ofOwner = open.filter(({ signed }) => signed.order.owner === order.owner).length
  if (ofOwner >= limits.openPerOwner) throw new TooManyOpenError(order.owner)
  if (orders.size < limits.bookOrders) return
  const ended = [...orders].find(([, entry]) => !isLive(entry))
  if (ended === undefined) throw new BookFullError()
  orders.delete(ended[0])
}

/** Every place of the book is taken by an open order. */
export class BookFullError extends BaseError {
  override readonly code = 'intents.book-full'

  constructor() {
    super('The order book is full.', {
      facts: { orders: limits.bookOrders },
      hint: 'Try again when open orders have been filled or have expired.',
      retryable: true,
    })
  }
}

/** The owner has as many open orders as one owner may. */
export class TooManyOpenError extends BaseError {
  override readonly code = 'intents.too-many-open'

  constructor(owner: Address) {
    super('This owner has too many open orders.', {
      facts: { owner, most: limits.openPerOwner },
      hint: 'Wait until one is filled or expires, or cancel it on chain.',
    })
  }
}

/** A change of status that the state machine does not have. */
export class OrderStateError extends BaseError {
  override readonly code = 'intents.state-conflict'

  constructor(digest: Hex, from: OrderStatus | undefined, to: OrderStatus) {
    super('The order cannot change to this status.', {
      facts: { digest, from: from ?? 'not in the book', to },
      hint: 'Read the order again: another step has ended it meanwhile.',
    })
  }
}
