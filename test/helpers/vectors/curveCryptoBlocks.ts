/** The CryptoSwap exchanges of the recorded blocks, each made again from the state that the block found. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../../../solver/core/hex.ts'
import { curveCrypto } from '../../../solver/pools/curveCrypto.ts'
import type { CurveCryptoState } from '../../../solver/pools/curveCryptoState.ts'
import { wordAt } from '../../../solver/pools/logWords.ts'
import { createCryptoChain, recordedPools } from '../cryptoChain.ts'
import { recordedBlocks } from '../recordedBlocks.ts'
import type { VectorResult } from './result.ts'

type RecordedBlock = {
  readonly timestamp: number
  readonly receipts: readonly {
    readonly logs: readonly { address: Hex; topics: readonly Hex[]; data: Hex }[]
  }[]
}

/** TokenExchange with four and with six values: the two topics that come first. */
const [plainExchange, ngExchange] = curveCrypto.topics
const mask128 = 2n ** 128n - 1n

/** Makes every recorded CryptoSwap exchange again; of the NG pools the fee-free price scale after it is compared too. */
export async function runRecorded(): Promise<VectorResult> {
  const chain = await createCryptoChain()
  const misses: { name: string; cause: string }[] = []
  let entries = 0
  try {
    for (const pool of recordedPools) {
      const path = `${recordedBlocks}/blocks/${pool.block}.json.gz`
      const block = JSON.parse(gunzipSync(await readFile(path)).toString('utf8')) as RecordedBlock
      await chain.place(pool, BigInt(block.timestamp))
      const before = withFlag(await chain.read(pool), await chain.slot(pool, 29))
      const logs = block.receipts
        .flatMap((receipt) => receipt.logs)
        .filter(({ address }) => address === pool.address)
      let state = before
      for (const { topics, data } of logs) {
        if (topics[0] !== plainExchange && topics[0] !== ngExchange) continue
        entries += 1
        const [indexIn, indexOut] = [Number(wordAt(data, 0)), Number(wordAt(data, 2))]
        const made = curveCrypto.swapExactIn(state, {
          indexIn,
          indexOut,
          amountIn: wordAt(data, 1),
        })
        const name = `${pool.block} ${pool.address}`
        if (made.amountOut !== wordAt(data, 3))
          misses.push({ name, cause: `pays ${made.amountOut}, the log says ${wordAt(data, 3)}` })
        else if (topics[0] === ngExchange) {
          const packed = wordAt(data, 5)
          const scale = [packed & mask128, packed >> 128n]
          if (scale.join() !== made.next.priceScale.join())
            misses.push({
              name,
              cause: `price scale ${made.next.priceScale.join()}, not ${scale.join()}`,
            })
        }
        state = made.next
      }
    }
  } finally {
    await chain.close()
  }
  const exact = entries - misses.length
  return { kind: 'curveCrypto', entries, exact, infeasible: 0, misses }
}

/** tricrypto2 keeps to itself whether an adjustment goes on; its storage tells. */
function withFlag(state: CurveCryptoState, flag: bigint): CurveCryptoState {
  if (state.variant !== 'tri' || state.rebalance === undefined) return state
  return { ...state, rebalance: { ...state.rebalance, notAdjusted: flag === 1n } }
}
