/**
 * Recorded mainnet blocks as state tapes.
 *
 * A recorded block holds the state that its transactions touched, as it was before them: the state after its
 * parent. So the tape is pinned at the parent, whose header is rebuilt as far as a fork needs it.
 */
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import {
  readHex,
  readObject,
  readQuantity,
  type RpcObject,
  toQuantity,
  toWord,
} from './quantity.ts'
import { type Tape, type TapeAccount, tapeFormat } from './tape.ts'

/** Runtime codes by their keccak256, shared by all recorded blocks. */
export type RecordedCodes = Readonly<Record<Hex, Hex>>

/** Ommers of no block: the hash of an empty list, keccak256(0xc0). */
const noOmmersHash = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
/** Seconds between the recorded block and its rebuilt parent: a slot, though before the Merge it varied. */
const parentAgeSeconds = 12n

/**
 * Reads `codes.json.gz` of a folder of recorded blocks: 31 MB unpacked, so read it once for many blocks.
 *
 * @throws {RecordedBlockError} `chain.recorded-block`, when it is absent or broken.
 */
export async function loadRecordedCodes(folder: string): Promise<RecordedCodes> {
  return (await readJson(`${folder}/codes.json.gz`)) as RecordedCodes
}

/**
 * Reads block `number` of the folder as a tape of the state before it.
 *
 * @param codes - From {@link loadRecordedCodes}.
 * @returns A tape pinned at `number - 1`. Slots and accounts that the block did not touch are not on it: serve
 *   it with `absent: 'zero'` and trust only pools and accounts that the block used.
 * @throws {RecordedBlockError} `chain.recorded-block`, when it is absent, broken or needs a code that is not there.
 */
export async function loadRecordedBlock(
  folder: string,
  number: number,
  codes: RecordedCodes,
): Promise<Tape> {
  return recordedBlockTape(await readJson(`${folder}/blocks/${number}.json.gz`), codes)
}

/**
 * The tape of a recorded block; pure.
 *
 * @param file - The parsed file `blocks/<number>.json.gz`.
 * @throws {RecordedBlockError} `chain.recorded-block`, when a code is missing.
 * @throws {BadAnswerError} `chain.bad-answer`, when a field is malformed.
 */
export function recordedBlockTape(file: unknown, codes: RecordedCodes): Tape {
  const recorded = readObject(file, 'recorded block')
  const block = readObject(recorded['block'], 'block')
  const hashes = readObject(recorded['blockHashes'] ?? {}, 'blockHashes')
  const accounts: Record<Address, TapeAccount> = {}
  for (const [address, account] of Object.entries(readObject(recorded['pre'], 'pre')))
    accounts[readHex(address, 'address')] = toAccount(readObject(account, address), codes)
  return {
    format: tapeFormat,
    chainId: Number(recorded['chainId'] ?? 1),
    block: parentHeader(block),
    blockHashes: Object.fromEntries(
      Object.entries(hashes).map(([number, hash]) => [number, readHex(hash, 'blockHash')]),
    ),
    accounts,
    source: {
      recording: typeof recorded['source'] === 'string' ? recorded['source'] : '',
      stateBefore: String(readQuantity(block['number'], 'number')),
    },
  }
}

function toAccount(account: RpcObject, codes: RecordedCodes): TapeAccount {
  const codeHash = account['codeHash']
  const code = codeHash === undefined ? '0x' : codes[readHex(codeHash, 'codeHash')]
  if (code === undefined) throw new RecordedBlockError({ what: `code ${String(codeHash)}` })
  const storage = Object.entries(readObject(account['storage'] ?? {}, 'storage'))
  return {
    balance: toQuantity(readQuantity(account['balance'], 'balance')),
    nonce: toQuantity(BigInt(Number(account['nonce'] ?? 0))),
    code,
    storage: Object.fromEntries(
      storage.map(([slot, value]) => [
        toWord(readQuantity(slot, 'slot')),
        toWord(readQuantity(value, 'slot value')),
      ]),
    ),
  }
}

/**
 * What a fork reads of the parent. Number and hash are the true ones. Gas used is half the limit, so that the
 * next base fee is the recorded block's own (EIP-1559). The rest is plausible, and no trade depends on it.
 */
function parentHeader(block: RpcObject): Readonly<Record<string, unknown>> {
  const gasLimit = readQuantity(block['gasLimit'], 'gasLimit')
  const zeroWord = toWord(0n)
  const excessBlobGas = block['excessBlobGas'] === undefined ? {} : { excessBlobGas: '0x0' }
  const postMerge = readQuantity(block['difficulty'] ?? '0x0', 'difficulty') === 0n
  return {
    number: toQuantity(readQuantity(block['number'], 'number') - 1n),
    hash: readHex(block['parentHash'], 'parentHash'),
    parentHash: zeroWord,
    sha3Uncles: noOmmersHash,
    miner: readHex(block['miner'], 'miner'),
    stateRoot: zeroWord,
    transactionsRoot: zeroWord,
    receiptsRoot: zeroWord,
    logsBloom: `0x${'0'.repeat(512)}`,
    difficulty: block['difficulty'] ?? '0x0',
    totalDifficulty: block['totalDifficulty'] ?? '0x0',
    gasLimit: toQuantity(gasLimit),
    gasUsed: toQuantity(gasLimit / 2n),
    timestamp: toQuantity(readQuantity(block['timestamp'], 'timestamp') - parentAgeSeconds),
    extraData: '0x',
    mixHash: postMerge ? readHex(block['mixHash'] ?? zeroWord, 'mixHash') : zeroWord,
    nonce: '0x0000000000000000',
    size: '0x0',
    ...(block['baseFeePerGas'] === undefined ? {} : { baseFeePerGas: block['baseFeePerGas'] }),
    ...(block['withdrawalsRoot'] === undefined
      ? {}
      : { withdrawalsRoot: zeroWord, withdrawals: [] }),
    ...(block['blobGasUsed'] === undefined ? {} : { blobGasUsed: '0x0' }),
    ...excessBlobGas,
    ...(block['parentBeaconBlockRoot'] === undefined ? {} : { parentBeaconBlockRoot: zeroWord }),
    ...(block['requestsHash'] === undefined ? {} : { requestsHash: zeroWord }),
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await promisify(gunzip)(await readFile(path))).toString('utf8'))
  } catch (cause) {
    throw new RecordedBlockError({ what: path, cause })
  }
}

/** A recorded block, or a part of it, is not there. */
export class RecordedBlockError extends BaseError {
  override readonly code = 'chain.recorded-block'

  constructor({ what, cause }: { what: string; cause?: unknown }) {
    super(`Recorded chain data are missing or broken: ${what}.`, {
      cause,
      facts: { what },
      hint: 'The folder needs codes.json.gz and blocks/<number>.json.gz.',
    })
  }
}
