/**
 * Reads a whole market from a node at one block.
 *
 * Every pool type says in rounds what it wants to know; the rounds of all pools run together, so a market of
 * thousands of pools costs a few dozen requests.
 */
import type { BlockRef, Call } from '../chain/block.ts'
import { readCalls } from '../chain/batch.ts'
import type { ChainNode } from '../chain/client.ts'
import { nextBaseFeeOf } from '../chain/head.ts'
import { readBlockRef, readObject, readQuantity, toQuantity } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import { isPoolKind, poolModules, type PoolState } from '../pools/index.ts'
import type { PoolId, PoolRef, SnapshotOptions, SnapshotReader } from '../pools/pool.ts'
import { nativeToken, tokenCalls, toToken } from './erc20.ts'
import { priceTokens } from './prices.ts'
import { wrappedNativeOf } from './snapshot.ts'
import { isSound } from './sound.ts'
import type { MarketView } from './view.ts'

/** What to read, and when. */
export type ReadOptions = SnapshotOptions & {
  /** The block to read at; absent takes the newest. */
  readonly blockNumber?: bigint | undefined
  /** Takes progress for a person. */
  readonly say?: ((line: string) => void) | undefined
}

/** A market as it was read. */
export type MarketReading = {
  /** At one block, with reference prices. */
  readonly view: MarketView & { readonly block: BlockRef }
  /** Pools that are not there, answer nonsense or are of a kind that is not built. */
  readonly missing: readonly PoolRef[]
  /** Requests that carried calls. */
  readonly requests: number
}

/** Rounds of one pool: a bound, since a pool's answers decide how many it asks for. */
const roundsMax = 16

/**
 * Reads the state of `refs`, and the tokens that they name, at one block.
 *
 * @throws {MarketMovedError} `market.moved`, retryable, when the block was reorganised away meanwhile.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 * @throws {NodeRefusedError} `chain.refused`, when the node cannot answer, as for a block whose state it pruned.
 * @throws {BadAnswerError} `chain.bad-answer`, when there is no such block.
 */
export async function readMarket(
  node: ChainNode,
  refs: readonly PoolRef[],
  options: ReadOptions = {},
): Promise<MarketReading> {
  const { blockNumber, say } = options
  const tag = blockNumber === undefined ? 'latest' : toQuantity(blockNumber)
  const header = await node.request({ method: 'eth_getBlockByNumber', params: [tag, false] })
  const block = readBlockRef(header)
  const chainId = Number(readQuantity(await node.request({ method: 'eth_chainId' }), 'chain id'))
  let requests = 0
  const ask = (calls: readonly Call[]) =>
    readCalls(node, calls, { block: block.number, onRequest: () => requests++ })
  const pools = await readPools(refs, { ...options, ask })
  const tokens = await readTokens(
    [...pools.values()].flatMap((state) => state.tokens),
    ask,
  )
  const check = await node.request({
    method: 'eth_getBlockByNumber',
    params: [toQuantity(block.number), false],
  })
  if (check === null || readBlockRef(check).hash !== block.hash)
    throw new MarketMovedError({ block })
  say?.(`${pools.size} of ${refs.length} pools at block ${block.number} in ${requests} requests`)
  const gasPrice = nextBaseFeeOf(readObject(header, 'block'))
  const wrappedNative = wrappedNativeOf(chainId)
  const view = {
    chainId,
    block,
    tokens: priceTokens({ block, tokens, pools, wrappedNative }),
    pools,
    ...(gasPrice === undefined ? {} : { gasPrice }),
    ...(wrappedNative === undefined ? {} : { wrappedNative }),
  }
  return { view, missing: refs.filter(({ id }) => !pools.has(id)), requests }
}

type Ask = (calls: readonly Call[]) => Promise<(Hex | undefined)[]>

/** One pool on its way: its reader, and the calls that it waits for. */
type Pending = { readonly reader: SnapshotReader<PoolState>; readonly calls: readonly Call[] }

/** Runs the readers of all pools in lockstep, one batch a round. */
async function readPools(
  refs: readonly PoolRef[],
  { ask, wordsEachSide, reachTicks, say }: ReadOptions & { ask: Ask },
): Promise<ReadonlyMap<PoolId, PoolState>> {
  const pools = new Map<PoolId, PoolState>()
  const step = (reader: Pending['reader'], answers?: readonly (Hex | undefined)[]): Pending[] => {
    const { done, value } = nextOf(reader, answers)
    if (done !== true) return [{ reader, calls: value }]
    if (value !== undefined && isSound(value)) pools.set(value.id, value)
    return []
  }
  const options = { wordsEachSide, reachTicks }
  let pending = refs
    .filter(({ kind }) => isPoolKind(kind))
    .flatMap((ref) => (isPoolKind(ref.kind) ? step(readerOf(ref, ref.kind, options)) : []))
  for (let round = 1; pending.length > 0 && round <= roundsMax; round++) {
    const calls = pending.flatMap((each) => each.calls)
    say?.(`round ${round}: ${calls.length} calls for ${pending.length} pools`)
    const answers = await ask(calls)
    let at = 0
    pending = pending.flatMap(({ reader, calls: { length } }) => {
      at += length
      return step(reader, answers.slice(at - length, at))
    })
  }
  return pools
}

/** A contract may answer what no reader expects: then it is no pool, and the others are read on. */
function nextOf(
  reader: Pending['reader'],
  answers: readonly (Hex | undefined)[] = [],
): IteratorResult<readonly Call[], PoolState | undefined> {
  try {
    return reader.next(answers)
  } catch {
    return { done: true, value: undefined }
  }
}

/** A module reads states of its own kind. */
function readerOf(
  ref: PoolRef,
  kind: keyof typeof poolModules,
  options: SnapshotOptions,
): SnapshotReader<PoolState> {
  return poolModules[kind].snapshot(ref, options)
}

/** What the tokens say of themselves, by ascending address. */
async function readTokens(
  addresses: readonly Address[],
  ask: Ask,
): Promise<ReadonlyMap<Address, Token>> {
  const wanted = [...new Set(addresses)].sort()
  const contracts = wanted.filter((address) => address !== zeroAddress)
  const answers = await ask(contracts.flatMap(tokenCalls))
  const read = contracts.map((address, index) =>
    toToken(address, answers[2 * index], answers[2 * index + 1]),
  )
  const native = wanted.includes(zeroAddress) ? [nativeToken] : []
  return new Map([...native, ...read].map((token) => [token.address, token]))
}

/** The block was reorganised away while its market was read. */
export class MarketMovedError extends BaseError {
  override readonly code = 'market.moved'

  constructor({ block }: { block: BlockRef }) {
    super(`Block ${block.number} left the chain while the market was read.`, {
      facts: { blockNumber: block.number, blockHash: block.hash },
      hint: 'Read the market again.',
      retryable: true,
    })
  }
}
