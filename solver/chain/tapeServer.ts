/** Serves a state tape as if it were a node that holds one block, to forks and to plain clients. */
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { readQuantity, toQuantity, toWord } from './quantity.ts'
import { type RpcServer, serveRpc } from './rpcServer.ts'
import type { Tape, TapeAccount } from './tape.ts'

/** How to serve a tape. */
export type TapeServerOptions = {
  /**
   * A read that is not on the tape: `error` (the default) refuses it and names account and slot; `zero`
   * answers an empty account or slot, right only for tapes of recorded blocks.
   */
  readonly absent?: 'error' | 'zero' | undefined
  /** Blocks that the reported head stands above the pinned one; 1,000 when absent. */
  readonly headAhead?: number | undefined
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined
}

/** A served tape. */
export type TapeServer = RpcServer & {
  /** The block to fork at. */
  readonly blockNumber: bigint
  /** How often each method was asked. */
  readonly asked: ReadonlyMap<string, number>
}

const emptyAccount: TapeAccount = { balance: '0x0', nonce: '0x0', code: '0x', storage: {} }

/**
 * Starts a JSON-RPC server on 127.0.0.1 that answers from `tape`.
 *
 * Clients see refused reads as JSON-RPC errors whose text begins with the account and the slot.
 *
 * @throws {PortTakenError} `chain.port-taken`.
 */
export async function serveTape(tape: Tape, options: TapeServerOptions = {}): Promise<TapeServer> {
  const asked = new Map<string, number>()
  const answer = tapeAnswers(tape, options)
  const server = await serveRpc((method, params) => {
    asked.set(method, (asked.get(method) ?? 0) + 1)
    return answer(method, params)
  }, options.port)
  return { ...server, blockNumber: readQuantity(tape.block['number'], 'block.number'), asked }
}

/**
 * Hardhat's EVM keeps what it reads of blocks far below the head, and asks again for each call otherwise: ten
 * times slower. It keeps it on disk by host and port, so forks of tapes need a cache folder of their own.
 */
const headAheadBlocks = 1_000

type Params = readonly unknown[]

/**
 * The same answers without a server.
 *
 * @throws {OffTapeError} `chain.off-tape`, from the returned function: the tape does not hold what was asked.
 * @throws {TapeMethodError} `chain.tape-method`, from the returned function: not a read of state.
 */
export function tapeAnswers(tape: Tape, options: TapeServerOptions = {}) {
  const { absent = 'error', headAhead = headAheadBlocks } = options
  const pinned = readQuantity(tape.block['number'], 'block.number')
  const accounts: Readonly<Record<string, TapeAccount>> = tape.accounts

  const account = (value: unknown, tag: unknown): TapeAccount => {
    requirePinned(tag)
    const address = readAddress(value)
    const found = accounts[address]
    if (found === undefined && absent === 'error') throw new OffTapeError({ account: address })
    return found ?? emptyAccount
  }
  const storage = ([address, slot, tag]: Params): Hex => {
    const key = toWord(readQuantity(slot, 'slot'))
    const found = account(address, tag).storage[key]
    if (found === undefined && absent === 'error')
      throw new OffTapeError({ account: readAddress(address), slot: key })
    return found ?? toWord(0n)
  }
  const requirePinned = (tag: unknown): void => {
    if (isHere(tape, pinned, tag)) return
    throw new OffTapeError({ block: typeof tag === 'object' ? JSON.stringify(tag) : tag, pinned })
  }
  const methods: Readonly<Record<string, (params: Params) => unknown>> = {
    eth_chainId: () => toQuantity(tape.chainId),
    net_version: () => String(tape.chainId),
    net_listening: () => true,
    eth_syncing: () => false,
    web3_clientVersion: () => 'isoprice-tape/1',
    eth_blockNumber: () => toQuantity(pinned + BigInt(headAhead)),
    eth_gasPrice: () => tape.block['baseFeePerGas'] ?? '0x0',
    eth_maxPriorityFeePerGas: () => '0x0',
    eth_feeHistory: () => feeHistory(tape, pinned),
    eth_getBlockByNumber: ([tag]) => blockByTag(tape, pinned, tag),
    eth_getBlockByHash: ([hash]) => (hash === tape.block['hash'] ? wholeBlock(tape) : null),
    eth_getTransactionByHash: () => null,
    eth_getTransactionReceipt: () => null,
    eth_getBalance: ([address, tag]) => account(address, tag).balance,
    eth_getTransactionCount: ([address, tag]) => account(address, tag).nonce,
    eth_getCode: ([address, tag]) => account(address, tag).code,
    eth_getStorageAt: storage,
    eth_getAccountInfo: ([address, tag]) => {
      const { balance, nonce, code } = account(address, tag)
      return { balance, nonce, code }
    },
  }
  return (method: string, params: Params): unknown => {
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (run === undefined) throw new TapeMethodError({ method })
    return run(params)
  }
}

/** True when `tag` (a number, a hash object or a word such as `latest`) means the pinned block. */
function isHere(tape: Tape, pinned: bigint, tag: unknown): boolean {
  if (tag === undefined || tag === 'latest' || tag === 'finalized' || tag === 'safe') return true
  if (typeof tag === 'object' && tag !== null) {
    const { blockHash, blockNumber } = tag as { blockHash?: unknown; blockNumber?: unknown }
    return blockHash === undefined
      ? isHere(tape, pinned, blockNumber)
      : blockHash === tape.block['hash']
  }
  return (
    tag === 'pending' ||
    (typeof tag === 'string' && /^0x[0-9a-f]+$/.test(tag) && BigInt(tag) === pinned)
  )
}

function wholeBlock(tape: Tape): unknown {
  return { transactions: [], uncles: [], ...tape.block }
}

function blockByTag(tape: Tape, pinned: bigint, tag: unknown): unknown {
  if (isHere(tape, pinned, tag)) return wholeBlock(tape)
  const number = readQuantity(tag, 'block number')
  const hash = tape.blockHashes[String(number)]
  // An earlier block is asked for its hash alone (the BLOCKHASH instruction).
  if (hash !== undefined)
    return { ...(wholeBlock(tape) as object), number: tag, hash, parentHash: toWord(0n) }
  if (number > pinned) return null
  throw new OffTapeError({ block: number, pinned })
}

function feeHistory(tape: Tape, pinned: bigint): unknown {
  const fee = tape.block['baseFeePerGas'] ?? '0x0'
  return {
    oldestBlock: toQuantity(pinned),
    baseFeePerGas: [fee, fee],
    gasUsedRatio: [0.5],
    reward: [['0x0']],
  }
}

function readAddress(value: unknown): Address {
  if (typeof value === 'string' && isAddressText(value)) return toAddress(value)
  throw new OffTapeError({ account: value })
}

/** The tape does not hold what was asked. */
export class OffTapeError extends BaseError {
  override readonly code = 'chain.off-tape'

  constructor(facts: Readonly<Record<string, unknown>>) {
    const what = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`)
    super(`Not on the tape: ${what.join(', ')}.`, {
      facts,
      hint: 'Record the tape again with the steps that read this, or serve it with `absent: zero`.',
    })
  }
}

/** Only reads of state can come from a tape. */
export class TapeMethodError extends BaseError {
  override readonly code = 'chain.tape-method'

  constructor({ method }: { method: string }) {
    super(`A tape does not answer ${method}: it holds state, not calls or logs.`, {
      facts: { method },
      hint: 'Fork the tape and ask the fork.',
    })
  }
}
