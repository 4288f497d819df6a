/** Records a state tape: a node in front of a node that remembers every read of state at one block. */
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { ChainNode } from './client.ts'
import { readAddress, readHex, readObject, readQuantity, toQuantity, toWord } from './quantity.ts'
import { serveRpc } from './rpcServer.ts'
import { type Tape, type TapeAccount, tapeFormat } from './tape.ts'

/** A recording in progress. */
export type Recorder = {
  /** Fork this URL at `blockNumber`, or connect to it. */
  readonly url: string
  readonly blockNumber: bigint
  /** Everything that was read so far, with each touched account complete. */
  tape(): Promise<Tape>
  close(): Promise<void>
}

/** Accounts on one tape: a bound, since each costs three reads when the tape is written. */
const accountsMax = 20_000

/**
 * Starts a recorder on 127.0.0.1 in front of `upstream`, pinned at one block.
 *
 * It serves the same methods as a tape, and reports the pinned block as the head: a fork then keeps nothing on
 * disk, so no read is hidden from the recorder by an earlier run.
 *
 * @param blockNumber - The block to pin; absent takes the newest.
 * @throws {BadAnswerError} `chain.bad-answer`, when the upstream has no such block.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 * @throws {PortTakenError} `chain.port-taken`.
 */
export async function startRecorder(
  upstream: ChainNode,
  { blockNumber, port }: { blockNumber?: bigint | undefined; port?: number | undefined } = {},
): Promise<Recorder> {
  const tag = blockNumber === undefined ? 'latest' : toQuantity(blockNumber)
  const raw = await upstream.request({ method: 'eth_getBlockByNumber', params: [tag, false] })
  const header = toHeader(raw)
  const chainId = Number(
    readQuantity(await upstream.request({ method: 'eth_chainId' }), 'chain id'),
  )
  const memory = createMemory(upstream, readQuantity(header['number'], 'block.number'))
  const server = await serveRpc(recordingAnswers(upstream, memory, { header, chainId }), port)
  return {
    url: server.url,
    blockNumber: memory.pinned,
    tape: async () => ({
      format: tapeFormat,
      chainId,
      block: header,
      blockHashes: Object.fromEntries(memory.blockHashes),
      accounts: await memory.accounts(),
      source: { recording: 'isoprice record', stateAfter: String(memory.pinned) },
    }),
    close: () => server.close(),
  }
}

/**
 * Records what `touch` reads from the URL that it is given, and returns the tape.
 *
 * @throws Whatever `touch` throws, and what {@link startRecorder} does.
 */
export async function recordTape(
  upstream: ChainNode,
  touch: (url: string, blockNumber: bigint) => Promise<void>,
  options: { blockNumber?: bigint | undefined } = {},
): Promise<Tape> {
  const recorder = await startRecorder(upstream, options)
  try {
    await touch(recorder.url, recorder.blockNumber)
    return await recorder.tape()
  } finally {
    await recorder.close()
  }
}

type Memory = ReturnType<typeof createMemory>

/** What was read, asked from the upstream once and kept. */
function createMemory(upstream: ChainNode, pinned: bigint) {
  const answers = new Map<string, Promise<Hex>>()
  const storage = new Map<Address, Map<Hex, Hex>>()
  const blockHashes = new Map<string, Hex>()
  const tag = toQuantity(pinned)

  const read = (method: string, ...params: readonly Hex[]): Promise<Hex> => {
    const key = [method, ...params].join()
    const known = answers.get(key)
    if (known !== undefined) return known
    const asked = upstream
      .request({ method, params: [...params, tag] })
      .then((answer) => readNumberOrCode(answer, method))
    answers.set(key, asked)
    return asked
  }
  const touch = (address: Address): Map<Hex, Hex> => {
    const slots = storage.get(address) ?? new Map<Hex, Hex>()
    storage.set(address, slots)
    if (storage.size > accountsMax) throw new TapeTooLargeError({ accounts: storage.size })
    return slots
  }
  const whole = async (address: Address): Promise<TapeAccount> => ({
    balance: await read('eth_getBalance', address),
    nonce: await read('eth_getTransactionCount', address),
    code: await read('eth_getCode', address),
    storage: Object.fromEntries(storage.get(address) ?? []),
  })
  return {
    pinned,
    blockHashes,
    field(method: string, address: Address): Promise<Hex> {
      touch(address)
      return read(method, address)
    },
    async slot(address: Address, slot: Hex): Promise<Hex> {
      const slots = touch(address)
      const value = toWord(BigInt(await read('eth_getStorageAt', address, slot)))
      slots.set(slot, value)
      return value
    },
    whole: (address: Address) => (touch(address), whole(address)),
    async accounts(): Promise<Record<Address, TapeAccount>> {
      const entries: [Address, TapeAccount][] = []
      for (const address of [...storage.keys()].sort())
        entries.push([address, await whole(address)])
      return Object.fromEntries(entries)
    },
  }
}

function recordingAnswers(
  upstream: ChainNode,
  memory: Memory,
  { header, chainId }: { header: Readonly<Record<string, unknown>>; chainId: number },
) {
  const block = async (method: string, params: readonly unknown[]) => {
    const [name] = params
    if (name === 'latest' || name === header['hash'] || isNumber(name, memory.pinned))
      return { transactions: [], ...header }
    const answer = await upstream.request({ method, params: [name, false] })
    if (answer === null) return null
    const found = toHeader(answer)
    memory.blockHashes.set(
      String(readQuantity(found['number'], 'block.number')),
      readHex(found['hash'], 'block.hash'),
    )
    return { transactions: [], ...found }
  }
  return async (method: string, params: readonly unknown[]): Promise<unknown> => {
    switch (method) {
      case 'eth_chainId':
        return toQuantity(chainId)
      case 'net_version':
        return String(chainId)
      case 'eth_blockNumber':
        return toQuantity(memory.pinned)
      case 'eth_getBlockByNumber':
      case 'eth_getBlockByHash':
        return block(method, params)
      case 'eth_getBalance':
      case 'eth_getTransactionCount':
      case 'eth_getCode':
        return memory.field(method, readAddress(params[0], 'address'))
      case 'eth_getAccountInfo': {
        const { balance, nonce, code } = await memory.whole(readAddress(params[0], 'address'))
        return { balance, nonce, code }
      }
      case 'eth_getStorageAt':
        return memory.slot(
          readAddress(params[0], 'address'),
          toWord(readQuantity(params[1], 'slot')),
        )
      case 'eth_getTransactionByHash':
      case 'eth_getTransactionReceipt':
        return null
      case 'eth_gasPrice':
        return header['baseFeePerGas'] ?? '0x0'
      case 'eth_feeHistory':
        return upstream.request({ method, params })
      default:
        throw new NotRecordedError({ method })
    }
  }
}

/** The header's own fields: transactions and withdrawals are no state, and they are most of a block. */
function toHeader(answer: unknown): Readonly<Record<string, unknown>> {
  const { transactions: _, withdrawals, ...header } = readObject(answer, 'block')
  return withdrawals === undefined ? header : { ...header, withdrawals: [] }
}

function readNumberOrCode(answer: unknown, method: string): Hex {
  if (method === 'eth_getCode') return readHex(answer, method)
  return toQuantity(readQuantity(answer, method))
}

function isNumber(name: unknown, number: bigint): boolean {
  return typeof name === 'string' && /^0x[0-9a-f]+$/.test(name) && BigInt(name) === number
}

/** The method is no read of state, so a tape could not answer it later. */
export class NotRecordedError extends BaseError {
  override readonly code = 'chain.not-recorded'

  constructor({ method }: { method: string }) {
    super(`The recorder does not pass on ${method}: a tape holds state, not calls or logs.`, {
      facts: { method },
      hint: 'Fork the recorder and ask the fork.',
    })
  }
}

/** The tape outgrew its bound. */
export class TapeTooLargeError extends BaseError {
  override readonly code = 'chain.tape-too-large'

  constructor({ accounts }: { accounts: number }) {
    super(`The recording touches more than ${accountsMax} accounts.`, {
      facts: { accounts },
      hint: 'Record fewer steps on one tape.',
    })
  }
}
