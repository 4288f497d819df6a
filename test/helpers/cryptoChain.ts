/**
 * Real CryptoSwap pools of recorded mainnet blocks on an EVM of this process: code and storage as they were, coins
 * that say yes to every transfer, and exchanges tried by `eth_call` so that nothing remains of them.
 */
import { recordedBlocks } from './recordedBlocks.ts'
import { readCalls } from '../../solver/chain/batch.ts'
import type { Call } from '../../solver/chain/block.ts'
import type { ChainNode } from '../../solver/chain/client.ts'
import { loadRecordedBlock, loadRecordedCodes } from '../../solver/chain/recordedBlock.ts'
import type { Tape } from '../../solver/chain/tape.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { startNode } from '../../solver/localnet/runtime.ts'
import { snapshot } from '../../solver/pools/curveCryptoReader.ts'
import type { CurveCryptoState } from '../../solver/pools/curveCryptoState.ts'
import { addressOf, toWord, wordAt } from '../../solver/pools/logWords.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'

/** A pool that an exchange of a recorded block touched. */
export type RecordedPool = {
  readonly block: number
  readonly address: Address
  readonly variant: 'tri' | 'triNg'
}

const tricrypto2: Address = '0xd51a44d3fae010294c616388b506acda1bfaae46'
const tricryptoUsdc: Address = '0x7f86bf177dd4f3494b841a37e810a34dd56c829b'
const tricryptoCrv: Address = '0x4ebdf703948ddcea3b11f675b4d1fba9d2414a14'

/** All CryptoSwap exchanges of the recorded blocks, by time: one for each block and pool. */
export const recordedPools: readonly RecordedPool[] = [
  { block: 14_029_313, address: tricrypto2, variant: 'tri' },
  { block: 17_666_333, address: tricrypto2, variant: 'tri' },
  { block: 18_884_864, address: tricrypto2, variant: 'tri' },
  { block: 18_884_864, address: tricryptoUsdc, variant: 'triNg' },
  { block: 19_933_597, address: tricryptoCrv, variant: 'triNg' },
  { block: 24_628_607, address: tricryptoUsdc, variant: 'triNg' },
  { block: 24_647_140, address: tricryptoUsdc, variant: 'triNg' },
]

/** tricrypto2's mathematics, its share token, and the mathematics of Tricrypto-NG. */
const companions: readonly Address[] = [
  '0x8f68f4810cce3194b6cb6f3d50fa58c2c9bdd1d5',
  '0xc4ad29ba4b3c580e6d59105fff484999997675ff',
  '0xcbff3004a20dbfe2731543aa38599a526e0fd6ee',
]
/** Returns the block's time, as Multicall3 does. */
const clock: Hex = '0x4260005260206000f3'
const multicall3: Address = '0xca11bde05977b3631167028862be2a173976ca11'
const driver: Address = '0x0000000000000000000000000000000000d41e40'

/** The chain, and what tests do with it. */
export type CryptoChain = {
  readonly node: ChainNode
  /** Puts the pool, and all that it calls, as the block found it; the chain's time becomes `time`. */
  readonly place: (pool: RecordedPool, time?: bigint) => Promise<void>
  readonly write: (pool: RecordedPool, slots: Readonly<Record<string, bigint>>) => Promise<void>
  readonly slot: (pool: RecordedPool, slot: number) => Promise<bigint>
  /** Reads the pool's state as the market would. */
  readonly read: (pool: RecordedPool) => Promise<CurveCryptoState>
  /** Makes the calls one after the other in one transaction that never was; `undefined` where one reverts. */
  readonly run: (calls: readonly Call[]) => Promise<readonly (bigint | undefined)[]>
  readonly close: () => Promise<void>
}

/** Decimals of the coins that are not 18, for their stand-ins say 1 to everything. */
const decimalsOf: Readonly<Record<Address, number>> = {
  '0xdac17f958d2ee523a2206206994597c13d831ec7': 6,
  '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48': 6,
  '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599': 8,
}

/** Starts the chain. Needs the recorded data. */
export async function createCryptoChain(): Promise<CryptoChain> {
  const { node, close } = await startNode({
    chainId: 31_337,
    initialDate: '2021-01-01T00:00:00Z',
    allowBlocksWithSameTimestamp: true,
  })
  const codes = await loadRecordedCodes(recordedBlocks)
  const tapes = new Map<number, Promise<Tape>>()
  const tapeOf = (block: number) => {
    const tape = tapes.get(block) ?? loadRecordedBlock(recordedBlocks, block, codes)
    tapes.set(block, tape)
    return tape
  }
  const request = (method: string, ...params: unknown[]) => node.request({ method, params })
  const store = (address: Address, slot: bigint, value: bigint) =>
    request('hardhat_setStorageAt', address, quantity(slot), `0x${toWord(value)}`)
  const refs = new Map<Address, PoolRef>()

  const place = async (pool: RecordedPool, time?: bigint) => {
    const { accounts } = await tapeOf(pool.block)
    for (const address of [pool.address, ...companions]) {
      const account = accounts[address]
      if (account === undefined) continue
      await request('hardhat_setCode', address, account.code)
      for (const [slot, value] of Object.entries(account.storage))
        await store(address, BigInt(slot), BigInt(value))
    }
    await request('hardhat_setBalance', pool.address, quantity(10n ** 30n))
    await request('hardhat_setCode', multicall3, clock)
    if (time !== undefined) await request('evm_setNextBlockTimestamp', quantity(time))
    await request('evm_mine')
    if (!refs.has(pool.address)) refs.set(pool.address, await refOf(node, pool))
    for (const token of refs.get(pool.address)?.tokens ?? [])
      await request('hardhat_setCode', token, tokenCode(decimalsOf[token] ?? 18))
  }

  const run = async (calls: readonly Call[]) => {
    const code = programOf(calls)
    const params = [
      { to: driver, data: '0x', gas: quantity(16_000_000n) },
      'latest',
      { [driver]: { code } },
    ]
    const answer = (await node.request({ method: 'eth_call', params })) as Hex // hex of a call
    return calls.map((_, at) =>
      wordAt(answer, 2 * at) === 1n ? wordAt(answer, 2 * at + 1) : undefined,
    )
  }

  return {
    node,
    close,
    place,
    run,
    slot: async ({ address }, slot) =>
      BigInt((await request('eth_getStorageAt', address, quantity(BigInt(slot)), 'latest')) as Hex),
    write: async ({ address }, slots) => {
      for (const [slot, value] of Object.entries(slots)) await store(address, BigInt(slot), value)
      await request('evm_mine')
    },
    read: async (pool) => {
      const ref = refs.get(pool.address) ?? (await refOf(node, pool))
      const reader = snapshot(ref)
      let step = reader.next()
      while (step.done !== true) step = reader.next(await readCalls(node, step.value))
      if (step.value === undefined) throw new TypeError(`${pool.address} cannot be read`)
      return step.value
    },
  }
}

async function refOf(node: ChainNode, { address, variant }: RecordedPool): Promise<PoolRef> {
  const coins: Hex = '0xc6610657'
  const asked = [0n, 1n, 2n].map((at): Call => {
    return { target: address, value: 0n, data: `${coins}${toWord(at)}` }
  })
  const answers = await readCalls(node, asked)
  const tokens = answers.map((answer) => addressOf(wordAt(answer ?? '0x', 0)))
  return { kind: 'curveCrypto', id: toPoolId(address), tokens, variant }
}

/** Says yes to transfers, and its decimals to calls of four bytes. */
function tokenCode(decimals: number): Hex {
  const digits = decimals.toString(16).padStart(2, '0')
  // calldatasize == 4 ? decimals : 1
  return `0x36600414600c576001600f565b60${digits}5b60005260206000f3`
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`
}

/** Code that makes `calls` in order and returns for each whether it succeeded and the first word of its answer. */
function programOf(calls: readonly Call[]): Hex {
  const scratch = 0x8000
  const three = (value: number) => `62${value.toString(16).padStart(6, '0')}`
  const lengths = calls.map(({ data }) => (data.length - 2) / 2)
  // 57 bytes of code for each call and 7 to return; the calls' data stand behind them.
  let from = 57 * calls.length + 7
  const parts = calls.map(({ target }, at) => {
    const length = lengths[at] ?? 0
    const out = 64 * at
    const copy = `${three(length)}${three(from)}${three(scratch)}39`
    const call = `6020${three(out + 32)}${three(length)}${three(scratch)}600073${target.slice(2)}5af1`
    from += length
    return `${copy}${call}${three(out)}52`
  })
  const end = `${three(64 * calls.length)}6000f3`
  return `0x${parts.join('')}${end}${calls.map(({ data }) => data.slice(2)).join('')}`
}
