/** Headers from a node, each checked against how it was asked for, and the way from them to blocks that we have. */
import { nextBaseFee } from '../core/baseFee.ts'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { BlockRef } from './block.ts'
import type { LoggedBlock } from './bloom.ts'
import type { ChainNode } from './client.ts'
import { good, type Judge, type RpcArgs } from './endpoint.ts'
import {
  BadAnswerError,
  readBlockRef,
  readHex,
  readObject,
  readQuantity,
  type RpcObject,
  toQuantity,
} from './quantity.ts'

/** What a follower reads of a header. */
export type Header = {
  readonly block: BlockRef
  readonly logged: LoggedBlock
  readonly nextBaseFee: bigint | undefined
}

/** How a node's head stands to the blocks that were delivered. */
export type Path =
  /** Nothing to deliver: the head is the last block (`isHead`), or the node cannot say just now. */
  | { readonly kind: 'same'; readonly isHead: boolean }
  /** The node's head is a block that we delivered `depth` blocks ago, or one before all of them. */
  | { readonly kind: 'behind'; readonly depth: number }
  | {
      readonly kind: 'path'
      /** Delivered blocks to take back before `headers`. */
      readonly depth: number
      readonly headers: readonly Header[]
      /** True when the head is further up than one catch-up. */
      readonly isPartial: boolean
    }

/** Blocks fetched at a time when the follower is far behind: bounds what it holds in memory. */
const catchUpBlocks = 128
/** Headers asked for at once. */
const parallelHeaders = 16

/**
 * Walks from the node's head (or a block on the way to it) down to a block that was delivered.
 *
 * @throws {ReorgTooDeepError} `chain.reorg-too-deep`, when the way ends below all delivered blocks.
 * @throws {BadAnswerError} `chain.bad-answer`.
 */
export async function findPath(node: ChainNode, delivered: readonly BlockRef[]): Promise<Path> {
  const last = delivered.at(-1)
  if (last === undefined) throw new ReorgTooDeepError({ last, kept: 0 })
  const depths = new Map(delivered.map(({ hash }, index) => [hash, delivered.length - 1 - index]))
  let header = await readHeader(node, 'latest')
  if (header === undefined) return { kind: 'same', isHead: false }
  if (header.block.hash === last.hash) return { kind: 'same', isHead: true }
  const behind = depths.get(header.block.hash)
  if (behind !== undefined) return { kind: 'behind', depth: behind }
  const lowest = delivered[0]?.number ?? 0n
  if (header.block.number < lowest) return { kind: 'behind', depth: delivered.length }
  const isPartial = header.block.number > last.number + BigInt(catchUpBlocks)
  const top = isPartial ? last.number + BigInt(catchUpBlocks) : header.block.number
  const straight = await readStraight(node, last, top)
  if (straight !== undefined) return { kind: 'path', depth: 0, headers: straight, isPartial }
  if (isPartial) header = await readHeader(node, top)
  const headers: Header[] = []
  while (header !== undefined) {
    headers.unshift(header)
    const { parentHash, number } = header.block
    const depth = depths.get(parentHash)
    if (depth !== undefined) return { kind: 'path', depth, headers, isPartial }
    if (number <= lowest) throw new ReorgTooDeepError({ last, kept: delivered.length })
    header = await readParent(node, header.block)
  }
  // A parent that the node does not have any more: it changed its mind while we asked.
  return { kind: 'same', isHead: false }
}

/** The blocks above `last` up to number `top`, many at a time, if they are one chain on top of it. */
async function readStraight(
  node: ChainNode,
  last: BlockRef,
  top: bigint,
): Promise<readonly Header[] | undefined> {
  const headers: Header[] = []
  let parent = last
  for (let number = last.number + 1n; number <= top; number += BigInt(parallelHeaders)) {
    const count = Math.min(parallelHeaders, Number(top - number) + 1)
    const numbers = Array.from({ length: count }, (_, index) => number + BigInt(index))
    for (const header of await Promise.all(numbers.map((each) => readHeader(node, each)))) {
      if (header?.block.parentHash !== parent.hash) return undefined
      headers.push(header)
      parent = header.block
    }
  }
  return headers.length > 0 ? headers : undefined
}

/** The block of a tag or number; `undefined` when the node has none. @throws {BadAnswerError} `chain.bad-answer`. */
export async function readHeader(
  node: ChainNode,
  name: 'latest' | 'finalized' | bigint,
): Promise<Header | undefined> {
  const params = [typeof name === 'bigint' ? toQuantity(name) : name, false]
  const isRight = ({ number }: BlockRef) => typeof name !== 'bigint' || number === name
  return read(node, { method: 'eth_getBlockByNumber', params }, isRight)
}

/** The block of a hash; `undefined` when the node does not have it. @throws {BadAnswerError} `chain.bad-answer`. */
export async function readHeaderOf(node: ChainNode, hash: Hex): Promise<Header | undefined> {
  const args = { method: 'eth_getBlockByHash', params: [hash, false] }
  return read(node, args, (block) => block.hash === hash)
}

async function readParent(node: ChainNode, child: BlockRef): Promise<Header | undefined> {
  const args = { method: 'eth_getBlockByHash', params: [child.parentHash, false] }
  const isRight = ({ hash, number }: BlockRef) =>
    hash === child.parentHash && number === child.number - 1n
  return read(node, args, isRight)
}

async function read(
  node: ChainNode,
  args: RpcArgs,
  isRight: (block: BlockRef) => boolean,
): Promise<Header | undefined> {
  const why = 'it gave another block than the one that was asked for'
  const judge: Judge = (answer) =>
    answer === null || isRight(readBlockRef(answer)) ? good : { kind: 'wrong', why }
  const answer = await requestJudged(node, args, judge)
  if (answer === null) return undefined
  const fields = readObject(answer, 'block')
  const block = readBlockRef(answer)
  const bloom = fields['logsBloom']
  return {
    block,
    logged: {
      hash: block.hash,
      ...(typeof bloom === 'string' ? { bloom: readHex(bloom, 'block.logsBloom') } : {}),
    },
    nextBaseFee: nextBaseFeeOf(fields),
  }
}

/**
 * Asks `node` by its own way to judge answers; of a node that knows none a wrong answer is an error, a doubtful one
 * is taken.
 *
 * @throws {BadAnswerError} `chain.bad-answer`.
 */
export async function requestJudged(
  node: ChainNode,
  args: RpcArgs,
  judge: Judge,
): Promise<unknown> {
  if (node.requestJudged !== undefined) return node.requestJudged(args, judge)
  const answer = await node.request(args)
  const verdict = judge(answer)
  if (verdict.kind === 'wrong')
    throw new BadAnswerError({ what: `${args.method}: ${verdict.why}`, value: answer })
  return answer
}

/**
 * What the block after this one asks per gas unit, in wei.
 *
 * @param header - A block as JSON-RPC gives it.
 * @returns `undefined` for a block before London.
 * @see EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
 */
export function nextBaseFeeOf(header: RpcObject): bigint | undefined {
  if (header['baseFeePerGas'] === undefined || header['baseFeePerGas'] === null) return undefined
  return nextBaseFee({
    baseFeePerGas: readQuantity(header['baseFeePerGas'], 'block.baseFeePerGas'),
    gasUsed: readQuantity(header['gasUsed'], 'block.gasUsed'),
    gasLimit: readQuantity(header['gasLimit'], 'block.gasLimit'),
  })
}

/** None of the blocks that we remember is on the chain any more: what was built on them must be read anew. */
export class ReorgTooDeepError extends BaseError {
  override readonly code = 'chain.reorg-too-deep'

  constructor({ last, kept }: { last: BlockRef | undefined; kept: number }) {
    super(`The chain no longer holds any of the last ${kept} blocks that we saw.`, {
      facts: { lastNumber: last?.number, lastHash: last?.hash },
      hint: 'Read the market again from the new head; if this repeats, the node is on another chain.',
    })
  }
}
