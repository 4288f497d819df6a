/** Reads on which money depends: at a block that several nodes have, and as several nodes answer. */
import { createPublicClient, custom } from 'viem'
import type { ChainClient, NodesClient } from '../chain/client.ts'
import type { RpcArgs } from '../chain/endpoint.ts'
import { BadAnswerError, readObject, readQuantity, toQuantity } from '../chain/quantity.ts'

/** Two of three; of two both. */
const quorum = { of: 3, agree: 2 }
/** Blocks that a head may be ahead of the second-best node before that is a fault: more is quarantine's work. */
const aheadBlocks = 2n
/** Where each read of state names its block. */
const blockPlace: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
}
/** What all kinds of node say of a block in the same way. */
const blockFields =
  'number hash parentHash timestamp gasLimit gasUsed baseFeePerGas logsBloom miner stateRoot receiptsRoot'
const receiptFields =
  'transactionHash transactionIndex blockHash blockNumber from to status gasUsed cumulativeGasUsed'
const logFields =
  'address topics data blockHash blockNumber transactionHash transactionIndex logIndex removed'

/**
 * `client` for reads on which money depends. The newest block becomes the newest that two nodes have alike, and each
 * read of state there, each block and each receipt is what two nodes say; of blocks and receipts only the fields
 * that every kind of node has are given. Everything else is asked as `client` asks it: gas estimates too, since
 * honest nodes estimate differently.
 *
 * With one node `client` itself: its word is all there is.
 *
 * What its `request` throws besides what `client.requestAgreed` does:
 * @throws {BadAnswerError} `chain.bad-answer`, when the head that the best node names is known to no other.
 */
export function createAgreed(client: NodesClient): ChainClient {
  if (client.nodes().length < 2) return client
  let looking: Promise<Block> | undefined
  /** Reads of one moment share one look. */
  const head = (): Promise<Block> => {
    looking ??= findHead(client).finally(() => {
      looking = undefined
    })
    return looking
  }
  const request = async (args: RpcArgs): Promise<unknown> => {
    const { method, params = [] } = args
    if (method === 'eth_getTransactionReceipt') return agreedOn(client, args, selectReceipt)
    if (method === 'eth_getBlockByNumber')
      return params[0] === 'latest' ? head() : agreedOn(client, args, selectBlock)
    const place = blockPlace[method] ?? (method === 'eth_estimateGas' ? 1 : undefined)
    if (place === undefined) return client.request(args)
    const tag = params[place] ?? 'latest'
    const block = tag === 'latest' ? (await head())['number'] : tag
    const named = { method, params: [...params.slice(0, place), block, ...params.slice(place + 1)] }
    return method === 'eth_estimateGas' ? client.request(named) : agreedOn(client, named)
  }
  return {
    chainId: client.chainId,
    request,
    viem: createPublicClient({ transport: custom({ request }, { retryCount: 0 }) }),
  }
}

type Block = Readonly<Record<string, unknown>>

function agreedOn(
  client: NodesClient,
  args: RpcArgs,
  select?: (answer: unknown) => unknown,
): Promise<unknown> {
  return client.requestAgreed(args, { ...quorum, select })
}

/** @throws {BadAnswerError} `chain.bad-answer`. */
async function findHead(client: NodesClient): Promise<Block> {
  const answer = await client.request({ method: 'eth_blockNumber' })
  const newest = readQuantity(answer, 'head')
  for (let number = newest; number >= 0n && newest - number <= aheadBlocks; number -= 1n) {
    const params = [toQuantity(number), false]
    const args = { method: 'eth_getBlockByNumber', params }
    // The newest block may be known to one node only, or be another one at each for a moment.
    const isLast = newest - number === aheadBlocks || number === 0n
    const block = await agreedOn(client, args, selectBlock).catch((error: unknown) => {
      if (isLast) throw error
      return null
    })
    if (block !== null) return readObject(block, 'block')
  }
  throw new BadAnswerError({ what: 'a head that no other node has', value: answer })
}

function selectBlock(answer: unknown): unknown {
  return answer === null ? null : pick(answer, blockFields, 'block')
}

function selectReceipt(answer: unknown): unknown {
  if (answer === null) return null
  const { logs } = readObject(answer, 'receipt')
  return {
    ...pick(answer, receiptFields, 'receipt'),
    logs: Array.isArray(logs) ? logs.map((log) => pick(log, logFields, 'log')) : [],
  }
}

function pick(answer: unknown, fields: string, what: string): Block {
  const whole = readObject(answer, what)
  const there = fields.split(' ').filter((field) => whole[field] !== undefined)
  return Object.fromEntries(there.map((field) => [field, whole[field]]))
}
