/** `main.mainnet-fork`: intents over pools that real blocks touched, settled by our contract on their forks. */
import { readFileSync } from 'node:fs'
import { loadRecordedCodes } from '../../solver/chain/recordedBlock.ts'
import { type RecordedTry, settleLikeBlock } from '../../test/helpers/recordedForks.ts'
import { type AcceptCheck, sharedData } from './check.ts'

const folder = `${sharedData}mainnet-blocks`
const blocksTried = 12

const check: AcceptCheck = {
  id: 'main.mainnet-fork',
  threshold:
    '>= 20 intents on forks of >= 6 real blocks settled, received = quoted to the wei in all',
  needsSharedData: true,
  async run(say) {
    const codes = await loadRecordedCodes(folder)
    const tries: RecordedTry[] = []
    for (const number of chooseBlocks()) {
      const results = await settleLikeBlock(folder, number, codes)
      tries.push(...results)
      const settled = results.filter(({ result }) => 'received' in result)
      say(`block ${number}: ${settled.length} of ${results.length} intents settled`)
    }
    return judge(tries, say)
  },
}

export default check

/** The blocks with the most recorded V2 and V3 swaps: those with the most pools to derive. */
function chooseBlocks(): number[] {
  const index = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')) as {
    readonly number: number
    readonly v2: number
    readonly v3: number
  }[]
  return [...index]
    .sort((a, b) => b.v2 + b.v3 - (a.v2 + a.v3))
    .slice(0, blocksTried)
    .map(({ number }) => number)
}

function judge(tries: readonly RecordedTry[], say: (line: string) => void) {
  const reasons = new Map<string, number>()
  let settled = 0
  let different = 0
  const blocks = new Set<number>()
  for (const { block, pool, result } of tries) {
    if ('skipped' in result) {
      reasons.set(result.skipped, (reasons.get(result.skipped) ?? 0) + 1)
      continue
    }
    blocks.add(block)
    settled += 1
    if (result.received === result.quoted) continue
    different += 1
    say(`block ${block} pool ${pool}: quoted ${result.quoted}, received ${result.received}`)
  }
  for (const [reason, count] of reasons) say(`not settled: ${count} × ${reason}`)
  return {
    ok: settled >= 20 && blocks.size >= 6 && different === 0,
    figure: `${settled} intents on ${blocks.size} real blocks settled, ${different} with received ≠ quoted`,
  }
}
