/** A small tape made by hand: one contract that answers its slots, at a recent block. */
import type { Address, Hex } from '../../solver/core/hex.ts'
import { toQuantity, toWord } from '../../solver/chain/quantity.ts'
import { type Tape, type TapeAccount, tapeFormat } from '../../solver/chain/tape.ts'

/** PUSH1 0 CALLDATALOAD SLOAD PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: returns the slot that it is asked for. */
export const slotReaderCode: Hex = '0x6000355460005260206000f3'
/** Where the contract stands on {@link aTape}. */
export const slotReader: Address = '0x00000000000000000000000000000000000051d7'

/** An account with the slot reader's code. */
export function anAccount(over: Partial<TapeAccount> = {}): TapeAccount {
  return { balance: '0x7', nonce: '0x1', code: slotReaderCode, storage: {}, ...over }
}

/** A tape at block 23,000,000 that holds slot 5 of one contract. */
export function aTape(over: Partial<Tape> = {}): Tape {
  return {
    format: tapeFormat,
    chainId: 1,
    block: {
      number: toQuantity(23_000_000),
      hash: toWord(0xb10cn),
      parentHash: toWord(0xb10bn),
      timestamp: toQuantity(1_760_000_000),
      gasLimit: toQuantity(45_000_000),
      gasUsed: toQuantity(22_500_000),
      baseFeePerGas: toQuantity(10 ** 9),
      sha3Uncles: toWord(0n),
      miner: `0x${'0'.repeat(40)}`,
      stateRoot: toWord(0n),
      transactionsRoot: toWord(0n),
      receiptsRoot: toWord(0n),
      logsBloom: `0x${'0'.repeat(512)}`,
      difficulty: '0x0',
      totalDifficulty: '0x0',
      extraData: '0x',
      mixHash: toWord(0n),
      nonce: '0x0000000000000000',
      size: '0x0',
      withdrawalsRoot: toWord(0n),
      withdrawals: [],
      blobGasUsed: '0x0',
      excessBlobGas: '0x0',
      parentBeaconBlockRoot: toWord(0n),
      requestsHash: toWord(0n),
    },
    blockHashes: { '22999999': toWord(0xb10bn) },
    accounts: { [slotReader]: anAccount({ storage: { [toWord(5n)]: toWord(55n) } }) },
    ...over,
  }
}
