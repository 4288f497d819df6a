/** `isoprice serve --store` as a process: stopped and started again, it goes on from its checkpoint. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { after, before, describe, it } from 'mocha'
import { writeMarket } from '../../solver/cli/marketFile.ts'
import { type Localnet, startLocalnet } from '../../solver/localnet/localnet.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'
import { until } from '../helpers/line.ts'

const main = fileURLToPath(new URL('../../solver/cli/main.ts', import.meta.url))

let net: Localnet
let files: MarketFiles
let argv: readonly string[]

before(async function () {
  this.timeout(60_000)
  files = await createMarketFiles()
  net = await startLocalnet({ port: 0 })
  const market = join(files.folder, 'market.json.gz')
  const { view } = await readMarket(net.served.node, net.chain.pools)
  await writeMarket(market, view)
  const { url, relayUrl } = net.served
  const chain = `--rpc ${url} --relay ${relayUrl} --settlement ${net.settlement}`
  const store = `pglite:${join(files.folder, 'store')}`
  argv = [
    'serve',
    ...chain.split(' '),
    '--pools',
    market,
    '--port',
    '0',
    '--json',
    '--store',
    store,
  ]
})

after(async () => {
  await net.close()
  await files.remove()
})

/** A process of the command, and what it has written so far. */
type Running = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  out(): string
  log(): string
  readonly ended: Promise<number | null>
}

function start(environment: Readonly<Record<string, string>> = {}): Running {
  const { solver, auctioneer } = net.chain.accounts
  const keys = { ISOPRICE_SOLVER_KEY: solver.privateKey, ISOPRICE_RELAY_KEY: auctioneer.privateKey }
  const child = spawn(process.execPath, [main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ISOPRICE_ALLOW_EMBEDDED: '', ...keys, ...environment },
  })
  const [out, log] = [collect(child.stdout), collect(child.stderr)]
  const ended = once(child, 'exit').then(([code]: unknown[]) => code as number | null)
  return { child, out, log, ended }
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return () => text
}

/** Starts a server that may use the embedded store, and ends it with SIGTERM when `use` is done. */
async function whileServing(use: (url: string) => Promise<void>): Promise<string> {
  const server = start({ ISOPRICE_ALLOW_EMBEDDED: '1' })
  try {
    await until(() => server.out().includes('\n'), 30, 'the server')
    await use((JSON.parse(server.out()) as { url: string }).url)
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0)
    return server.log()
  } finally {
    server.child.kill('SIGKILL')
  }
}

const sentences = (log: string) =>
  log.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as Line).msg]))
type Line = { readonly level: string; readonly msg: string }

async function metric(url: string, name: string): Promise<number> {
  const response = await fetch(`${url}/metrics`)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const [, value] = new RegExp(`^isoprice_${name} (\\S+)$`, 'm').exec(await response.text()) ?? []
  return Number(value)
}

/** What the server says of itself once it quotes at block `number`. */
async function whenReady(url: string, number: bigint): Promise<Record<string, unknown>> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(`${url}/readyz`)
    const ready = (await response.json()) as Record<string, unknown>
    if (response.status === 200 && ready['block'] === String(number)) return ready
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new RangeError(`not ready at block ${number}`)
}

describe('cli.serve --store', () => {
  it('saves a checkpoint, keeps a second process out, and goes on from there', async function () {
    this.timeout(120_000)
    const first = await whileServing(async (url) => {
      for (let sealed = 0; sealed < 70; sealed++) await net.served.seal()
      for (let tries = 0; (await metric(url, 'checkpoint_seconds_count')) === 0; tries++) {
        assert.ok(tries < 300, 'no checkpoint was saved')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      assert.equal(await metric(url, 'market_pools'), 38)
      const second = start({ ISOPRICE_ALLOW_EMBEDDED: '1' })
      assert.equal(await second.ended, 2)
      assert.match(second.out(), /"code":"store\.locked"/)
    })
    assert.match(sentences(first)[0] ?? '', /^read anew: the store holds no checkpoint/)
    const again = await whileServing(async (url) => {
      const { number } = await net.served.seal()
      const ready = await whenReady(url, number)
      assert.deepEqual([ready['mode'], ready['nodes']], ['normal', { known: 1, believed: 1 }])
    })
    assert.match(sentences(again)[0] ?? '', /^market: 38 pools from the checkpoint at block \d+, /)
  })

  it('refuses an embedded store on a node of others, where money may be at stake', async () => {
    const refused = start()
    assert.equal(await refused.ended, 2)
    assert.match(refused.out(), /"code":"store\.embedded".*ISOPRICE_ALLOW_EMBEDDED=1/)
  })
})
