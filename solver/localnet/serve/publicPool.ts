/**
 * The public mempool of the local chain, with geth's rules: a replacement pays a tenth more on both
 * fee fields, nonce gaps wait, an account has 16 slots, a fee below the base fee parks.
 *
 * Source: https://github.com/ethereum/go-ethereum/tree/v1.16.7/core/txpool/legacypool
 */
import type { Address, Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { mulDivUp } from '../../core/rounding.ts'
import { RpcError, rpcCodes } from './rpcError.ts'
import { costOf, effectiveTip, type ReadTransaction } from './transaction.ts'

/** What the chain says about a sender. */
export type AccountState = { readonly nonce: bigint; readonly balance: bigint }

/** The pool. Nonces, balances and fees come from the caller, who reads the sealed state. */
export type PublicPool = {
  /** Takes a transaction. Rejects with geth's words, as an `RpcError` of -32000. */
  add(transaction: ReadTransaction, account: AccountState): void
  get(hash: Hex): ReadTransaction | undefined
  /** Executable ones, nonce by nonce, and those that wait behind a gap. */
  content(): {
    readonly pending: readonly ReadTransaction[]
    readonly queued: readonly ReadTransaction[]
  }
  /** The account's next nonce when everything executable is mined. */
  nextNonce(from: Address, sealed: bigint): bigint
  /** Senders in the pool. */
  senders(): readonly Address[]
  /** Executable ones that pay `baseFee`, best tip first, in nonce order within an account. */
  select(baseFee: bigint): readonly ReadTransaction[]
  /** Brings a sender up to date after a block: mined and unpayable transactions go. */
  settle(from: Address, account: AccountState): void
}

/** Makes an empty pool; `onPending` hears of each transaction when it becomes executable. */
export function createPublicPool(onPending: (transaction: ReadTransaction) => void): PublicPool {
  const slots = new Map<Address, Map<bigint, ReadTransaction>>()
  const nonces = new Map<Address, bigint>()
  const announced = new Set<Hex>()
  const all = () => [...slots.values()].flatMap((slot) => [...slot.values()])

  const executable = (from: Address): readonly ReadTransaction[] => {
    const run: ReadTransaction[] = []
    const slot = slots.get(from)
    for (let nonce = nonces.get(from) ?? 0n; ; nonce += 1n) {
      const next = slot?.get(nonce)
      if (next === undefined) return run
      run.push(next)
    }
  }
  const announce = (from: Address) => {
    for (const transaction of executable(from)) {
      if (announced.has(transaction.hash)) continue
      announced.add(transaction.hash)
      onPending(transaction)
    }
  }
  const settle = (from: Address, { nonce, balance }: AccountState) => {
    const slot = slots.get(from)
    nonces.set(from, nonce)
    for (const [at, transaction] of slot ?? []) {
      if (at >= nonce && balance >= costOf(transaction)) continue
      slot?.delete(at)
      announced.delete(transaction.hash)
    }
    if (slot?.size === 0) slots.delete(from)
    announce(from)
  }
  return {
    add(transaction, account) {
      const { from, nonce } = transaction
      const slot = slots.get(from) ?? new Map<bigint, ReadTransaction>()
      requireAcceptable(transaction, account, slot, all().length)
      nonces.set(from, account.nonce)
      slots.set(from, slot)
      const replaced = slot.get(nonce)
      if (replaced !== undefined) announced.delete(replaced.hash)
      slot.set(nonce, transaction)
      announce(from)
    },
    get: (hash) => all().find((transaction) => transaction.hash === hash),
    content() {
      const pending = [...slots.keys()].flatMap(executable)
      return { pending, queued: all().filter((transaction) => !pending.includes(transaction)) }
    },
    nextNonce(from, sealed) {
      const last = executable(from).at(-1)?.nonce
      return last === undefined || last < sealed ? sealed : last + 1n
    },
    senders: () => [...slots.keys()],
    select: (baseFee) => bestFirst([...slots.keys()].map(executable), baseFee),
    settle,
  }
}

function requireAcceptable(
  transaction: ReadTransaction,
  { nonce, balance }: AccountState,
  slot: ReadonlyMap<bigint, ReadTransaction>,
  pooled: number,
): void {
  const refuse = (text: string) => {
    throw new RpcError(rpcCodes.server, text)
  }
  const replaced = slot.get(transaction.nonce)
  if (replaced?.hash === transaction.hash) refuse('already known')
  if (transaction.nonce < nonce)
    refuse(`nonce too low: next nonce ${nonce}, tx nonce ${transaction.nonce}`)
  if (transaction.gasLimit < 21_000n) refuse('intrinsic gas too low')
  if (balance < costOf(transaction)) refuse('insufficient funds for gas * price + value')
  if (replaced !== undefined) {
    const atLeast = (value: bigint) => mulDivUp(value, 110n, 100n)
    const pays =
      transaction.maxFeePerGas >= atLeast(replaced.maxFeePerGas) &&
      transaction.maxPriorityFeePerGas >= atLeast(replaced.maxPriorityFeePerGas)
    return pays ? undefined : refuse('replacement transaction underpriced')
  }
  if (slot.size >= limits.publicPerAccount) refuse('account limit exceeded')
  if (pooled >= limits.publicPool) refuse('txpool is full')
}

/** Merges the accounts' runs: always the best next tip; a parked transaction stops its account. */
function bestFirst(
  runs: readonly (readonly ReadTransaction[])[],
  baseFee: bigint,
): readonly ReadTransaction[] {
  const queues = runs.map((run) => [...run])
  const chosen: ReadTransaction[] = []
  for (;;) {
    const payable = queues.filter(([next]) => next !== undefined && next.maxFeePerGas >= baseFee)
    const tipOf = ([next]: readonly ReadTransaction[]) => (next ? effectiveTip(next, baseFee) : 0n)
    const [best, ...others] = payable
    if (best === undefined) return chosen
    const winner = others.reduce((top, queue) => (tipOf(queue) > tipOf(top) ? queue : top), best)
    const next = winner.shift()
    if (next !== undefined) chosen.push(next)
  }
}
