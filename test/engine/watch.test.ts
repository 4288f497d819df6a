/** What the loop reads beside the logs: the consistency watch of a composed line, and the market anew. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { toWord } from '../../solver/chain/quantity.ts'
import { connectLine, type Line } from '../../solver/engine/connect.ts'
import { reread } from '../../solver/engine/reading.ts'
import { createMarket } from '../../solver/market/market.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { createLog } from '../../solver/observe/log.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'

let line: TestLine

before(async function () {
  this.timeout(60_000)
  line = await startLine('manual')
})

after(() => line.close())

/** Where a Uniswap V2 pair keeps its reserves: twice 112 bits and a time. */
const reservesSlot = '0x8'

describe('engine.connectLine', () => {
  it('takes a pool out that differs from the chain, and names it with what differs', async () => {
    const lines: string[] = []
    const log = createLog({ destination: { write: (text) => lines.push(text) } })
    const fresh = await connectLine({ ...line.options, log })
    const stop = new AbortController()
    const running = fresh.engine.run(stop.signal)
    const pair = line.options.pools.find(({ kind }) => kind === 'uniswapV2')
    assert.ok(pair !== undefined)
    const reserves = toWord((1n << 224n) + (777n << 112n) + 888n)
    const params = [pair.id, reservesSlot, reserves]
    await line.net.served.node.request({ method: 'hardhat_setStorageAt', params })
    await growUntil(fresh, () => lines.some((text) => text.includes(pair.id)))
    stop.abort()
    await running
    const found = lines.map((text) => JSON.parse(text) as Record<string, unknown>)
    const wrong = found.filter(({ level }) => level === 'error')
    assert.deepEqual(
      wrong.map(({ pool, kind, field, chain }) => ({ pool, kind, field, chain })),
      [{ pool: pair.id, kind: 'uniswapV2', field: 'reserves', chain: ['888', '777'] }],
    )
    const metric = `isoprice_market_quarantined_total{kind="uniswapV2",pool="${pair.id}"} 1`
    assert.ok((await fresh.telemetry.render()).includes(metric))
    assert.equal(fresh.telemetry.state().quarantinedPools, 1)
    await fresh.close()
  })

  /** One block in five is looked at, and then 16 of 38 pools: 200 blocks miss one pool in 2 cases of 10^8. */
  async function growUntil({ telemetry }: Line, isDone: () => boolean): Promise<void> {
    for (let sealed = 0; sealed < 200 && !isDone(); sealed += 10) {
      for (let count = 0; count < 10; count++) await line.net.served.seal()
      const head = await line.client.viem.getBlockNumber({ cacheTime: 0 })
      let seen = ''
      const look = async () => {
        seen = await telemetry.render()
      }
      await until(() => (void look(), seen.includes(`head_block ${head}\n`)), 20, `block ${head}`)
    }
  }
})

describe('engine.reread', () => {
  it('reads again what the market holds, what waits for it, and what it did not trust', async () => {
    const { client, options } = line
    const [held, waits, doubted] = options.pools
    assert.ok(held !== undefined && waits !== undefined && doubted !== undefined)
    const market = createMarket((await readMarket(client, [held, doubted])).view)
    market.quarantine(doubted.id)
    const unread = new Map([[waits.id, waits]])
    const told: string[] = []
    const listeners = [{ restarted: () => void told.push('restarted') }]
    await reread({ client, market, listeners }, { unread })
    const ids = [held, waits, doubted].map(({ id }) => id)
    assert.deepEqual([...market.view().pools.keys()].sort(), ids.sort())
    assert.deepEqual([unread.size, told], [0, ['restarted']])
  })
})
