/** The open orders of this process: a closure over a map, with one state machine for every order. */
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { OrderDigest, SignedOrder } from './order.ts'

/** Where an order stands. `filled`, `expired` and `cancelled` are final. */
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
        readonly transaction: Hex
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
    add: (signed) => orders.get(signed.digest) ?? put({ signed, status: 'open' }),
    open(now) {
      const open = [...orders.values()].filter(({ status }) => status === 'open')
      for (const entry of open)
        if (entry.signed.order.validTo < now) put({ ...entry, status: 'expired', why: undefined })
      return open.filter(({ signed }) => signed.order.validTo >= now).map(({ signed }) => signed)
    },
    get: (digest) => orders.get(digest),
    update(digest, change) {
      const entry = orders.get(digest)
      if (entry === undefined || !moves[entry.status].includes(change.status))
        throw new OrderStateError(digest, entry?.status, change.status)
      return put({ signed: entry.signed, ...change })
    },
    all: () => [...orders.values()],
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
