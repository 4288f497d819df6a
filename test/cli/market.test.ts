/** `isoprice market snapshot | diff | check`: over files, over a local chain, and over a node that fails. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { writeMarket } from '../../solver/cli/marketFile.ts'
import { runIsoprice } from '../../solver/cli/program.ts'
import { compareViews } from '../../solver/cli/marketDiff.ts'
import { checkSanity } from '../../solver/cli/marketSanity.ts'
import { toJson } from '../../solver/core/units.ts'
import { type Localnet, startLocalnet } from '../../solver/localnet/localnet.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { errorOf, runCli } from '../helpers/cli.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'

const ghost = (index: number) => toPoolId(`0x${index.toString(16).padStart(40, 'a')}`)
let files: MarketFiles
let net: Localnet
let market: string
let view: MarketView

before(async () => {
  files = await createMarketFiles()
  net = await startLocalnet({ port: 0 })
  market = join(files.folder, 'local.json')
  const rpc = ['--rpc', net.served.url]
  const { code } = await runCli('market', 'snapshot', ...rpc, '--from-block', '0', '--out', market)
  assert.equal(code, 0)
  view = (await loadSnapshot(market)).view
})
after(async () => {
  await net.close()
  await files.remove()
})

/** A pair of the view. */
function aPair(): PoolState & { kind: 'uniswapV2' } {
  const pair = [...view.pools.values()].find(({ kind }) => kind === 'uniswapV2')
  assert.ok(pair?.kind === 'uniswapV2')
  return pair
}

/** The view with one reserve of one pair a unit larger. */
function moved(): MarketView {
  const pair = aPair()
  const reserves = [pair.reserves[0] + 1n, pair.reserves[1]] as const
  return { ...view, pools: new Map([...view.pools, [pair.id, { ...pair, reserves }]]) }
}

async function save(name: string, changed: MarketView): Promise<string> {
  const path = join(files.folder, name)
  await writeMarket(path, changed)
  return path
}

describe('cli.market snapshot', () => {
  it('finds every pool by factory logs and says in percent how far it is', async () => {
    const out = join(files.folder, 'found.json.gz')
    const {
      code,
      out: lines,
      progress,
    } = await runCli(
      'market',
      'snapshot',
      '--rpc',
      net.served.url,
      '--from-block',
      '0',
      '--out',
      out,
      '--json',
    )
    const facts = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.deepEqual([code, facts['pools'], facts['discovered'], facts['missing']], [0, 38, 38, []])
    assert.match(progress.join('\n'), /^100 %: \d+ of \d+ blocks, \d+\/s, 38 pools$/m)
    assert.match(progress.join('\n'), /^100 %: 38 of 38 pools, \d+\/s$/m)
    assert.deepEqual((await loadSnapshot(out)).view.pools, view.pools)
  })

  it('lists ticks near the price only, where --reach says so', async () => {
    const out = join(files.folder, 'near.json')
    const argv = ['--rpc', net.served.url, '--pools', market, '--reach', '600', '--out', out]
    assert.equal((await runCli('market', 'snapshot', ...argv)).code, 0)
    const near = (await loadSnapshot(out)).view
    const ranges = [...near.pools.values()].flatMap((state) =>
      'tickRange' in state && state.tickRange !== undefined ? [state.tickRange] : [],
    )
    assert.ok(ranges.length > 10)
    assert.deepEqual(compareViews(view, near).changed, [])
  })

  it('refuses a reading that nothing says the pools of', async () => {
    const out = join(files.folder, 'never.json')
    const run = await runCli('market', 'snapshot', '--json', '--rpc', net.served.url, '--out', out)
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.usage'])
    assert.equal(existsSync(out), false)
  })
})

describe('cli.market snapshot from a node that fails', () => {
  let door: Server
  let url: string
  /** Requests about the last ghost that still fail. */
  let failures = 0
  let list: string
  const last = ghost(300)

  before(async () => {
    door = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks).toString()
      if (failures > 0 && body.includes(last.slice(2))) {
        failures -= 1
        response.writeHead(502).end('bad gateway')
        return
      }
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(net.served.url, { method: 'POST', headers, body })
      response.writeHead(answer.status, headers).end(await answer.text())
    })
    await new Promise<void>((done) => void door.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
    // Enough pools for two parts; only the first 38 are there.
    const { tokens } = aPair()
    const ghosts = Array.from({ length: 263 }, (_, at) => ({
      kind: 'uniswapV2',
      id: ghost(38 + at),
      tokens,
    }))
    const pools = [...net.chain.pools, ...ghosts]
    const text = toJson({ format: 'isoprice-pools/1', chainId: '1', pools })
    list = await files.write('long.json', text)
  })
  after(() => void door.close())

  function read(out: string, ...more: string[]) {
    const argv = ['--rpc', url, '--list', list, '--out', out, ...more]
    return runCli('market', 'snapshot', ...argv)
  }

  it('keeps what it read and goes on from there', async () => {
    const out = join(files.folder, 'resumed.json')
    failures = 1_000
    const broken = await read(out, '--retries', '0')
    assert.equal(broken.code, 6)
    assert.equal(existsSync(out), false)
    const said = broken.progress.join('\n')
    const block = /kept in .*: 38 pools; .* with --block (\d+) goes on/.exec(said)?.[1]
    assert.ok(block, said)
    failures = 0
    const resumed = await read(out, '--retries', '0', '--block', block)
    assert.equal(resumed.code, 0)
    assert.match(resumed.progress.join('\n'), /kept from an earlier reading .*: 38 pools/)
    assert.match(resumed.progress.join('\n'), /100 %: 263 of 263 pools/)
    assert.deepEqual((await loadSnapshot(out)).view.pools, view.pools)
    assert.equal(existsSync(`${out}.unfinished.json.gz`), false)
  })

  it('keeps what it read when the user ends it', async () => {
    const out = join(files.folder, 'ended.json')
    const user = new AbortController()
    const said: string[] = []
    const argv = ['--rpc', url, '--list', list, '--out', out]
    const code = await runIsoprice(['market', 'snapshot', ...argv], {
      print: () => undefined,
      say: (line) => {
        said.push(line)
        if (line.startsWith('85 %')) user.abort()
      },
      signal: user.signal,
    })
    assert.equal(code, 1)
    assert.match(said.join('\n'), /kept in .*: 38 pools; .*\nerror cli\.interrupted: /)
    assert.equal(existsSync(out), false)
  })

  it('tries a part again when it fails for a reason that passes', async () => {
    const out = join(files.folder, 'patient.json')
    // More than the client itself bears.
    failures = 4
    const run = await read(out, '--retries', '3')
    assert.equal(run.code, 0)
    assert.match(run.progress.join('\n'), /Again in 0\.5 s \(1 of 3\)/)
    assert.equal(failures, 0)
  })
})

describe('cli.market diff', () => {
  it('exits 0 for a market and itself', async () => {
    const { code, out } = await runCli('market', 'diff', market, market)
    assert.deepEqual([code, out.at(-1)], [0, 'equal'])
  })

  it('exits 1 and names the pool, the field and both values', async () => {
    const other = await save('moved.json', moved())
    const { code, out } = await runCli('market', 'diff', market, other, '--json')
    const found = JSON.parse(out[0] ?? '') as ReturnType<typeof compareViews>
    const { id, reserves } = aPair()
    const [one, two] = reserves
    assert.equal(code, 1)
    assert.deepEqual(found.changed, [
      {
        kind: 'uniswapV2',
        id,
        field: 'reserves',
        held: [String(one), String(two)],
        chain: [String(one + 1n), String(two)],
      },
    ])
    const text = await runCli('market', 'diff', market, other)
    assert.match(text.out.join('\n'), new RegExp(`^differs: uniswapV2 ${id} reserves: `, 'm'))
  })

  it('names pools and tokens that one side lacks', () => {
    const { id } = aPair()
    const fewer = new Map([...view.pools].filter(([each]) => each !== id))
    const [first] = [...view.tokens.keys()]
    assert.ok(first !== undefined)
    const tokens = new Map([...view.tokens].filter(([address]) => address !== first))
    const {
      onlyA,
      onlyB,
      tokens: named,
      equal,
    } = compareViews(view, {
      ...view,
      pools: fewer,
      tokens,
    })
    assert.deepEqual([onlyA, onlyB, equal], [[{ kind: 'uniswapV2', id }], [], false])
    assert.deepEqual(named, [{ address: first, what: 'only in A' }])
    const back = compareViews({ ...view, pools: fewer }, view)
    assert.deepEqual(back.onlyB, [{ kind: 'uniswapV2', id }])
  })

  it('shows how far prices moved, and does not call that a difference', () => {
    const dearer = new Map(
      [...view.tokens].map(([address, token]) => {
        return [address, { ...token, priceWei: ((token.priceWei ?? 0n) * 11n) / 10n }] as const
      }),
    )
    const { prices, equal } = compareViews(view, { ...view, tokens: dearer })
    assert.deepEqual([prices.length, equal], [view.tokens.size, true])
    assert.ok(prices.every(({ move }) => Math.abs(move - 0.1) < 1e-6))
  })

  it('compares a file with the node at its block, and at the head', async () => {
    const rpc = ['--rpc', net.served.url]
    assert.equal((await runCli('market', 'diff', market, ...rpc)).code, 0)
    assert.equal((await runCli('market', 'diff', market, ...rpc, '--head')).code, 0)
    const other = await save('moved.json', moved())
    const { code, out } = await runCli('market', 'diff', other, ...rpc)
    assert.equal(code, 1)
    assert.match(out.join('\n'), new RegExp(`differs: uniswapV2 ${aPair().id} reserves`))
  })

  it('refuses a market of another chain, and says what to do about it', async () => {
    const other = await save('chain10.json', { ...view, chainId: 10 })
    const run = await runCli('market', 'diff', market, other, '--json')
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.other-chain'])
    assert.match(errorOf(run)?.hint ?? '', /one chain/)
  })

  it('refuses what has not two sides', async () => {
    const url = net.served.url
    const runs = [
      await runCli('market', 'diff', market, '--json'),
      await runCli('market', 'diff', market, market, '--rpc', url, '--json'),
      await runCli('market', 'diff', market, market, '--head', '--json'),
      await runCli('market', 'diff', market, '--rpc', url, '--head', '--block', '7', '--json'),
      await runCli('market', 'diff', market, '/nowhere.json', '--json'),
      await runCli('market', 'diff', '--json'),
    ]
    assert.deepEqual(
      runs.map((run) => [run.code, errorOf(run)?.code]),
      [
        [2, 'cli.usage'],
        [2, 'cli.usage'],
        [2, 'cli.usage'],
        [2, 'cli.usage'],
        [2, 'market.snapshot-file'],
        [2, 'cli.usage'],
      ],
    )
  })
})

describe('cli.market check', () => {
  it('finds a healthy market healthy, and equal to the chain', async () => {
    const argv = ['--rpc', net.served.url, '--all', '--json']
    const { code, out } = await runCli('market', 'check', market, ...argv)
    const { sanity, compared } = JSON.parse(out[0] ?? '') as {
      sanity: ReturnType<typeof checkSanity>
      compared: { equal: boolean; pools: number }
    }
    assert.deepEqual([code, sanity.quoting, compared.equal, compared.pools], [0, 38, true, 38])
    assert.deepEqual(sanity.findings, [])
    assert.ok((sanity.inRange ?? 0) > 0.1 && (sanity.inRange ?? 2) <= 1)
  })

  it('says that it compared with the head, and which, for a file without a block', async () => {
    const { block: _, ...unplaced } = view
    const file = await save('unplaced.json', unplaced)
    const { code, out } = await runCli('market', 'check', file, '--rpc', net.served.url)
    assert.equal(code, 0)
    assert.match(out.join('\n'), /38 pools read again at block \d+, the head, since the file names/)
    const { out: placed } = await runCli('market', 'check', market, '--rpc', net.served.url)
    assert.match(placed.join('\n'), /38 pools read again at block \d+: equal/)
  })

  it('exits 1 for a pool that differs from the chain, and names pool and field', async () => {
    const other = await save('moved.json', moved())
    const rpc = ['--rpc', net.served.url]
    const { code, out } = await runCli('market', 'check', other, ...rpc, '--all')
    assert.equal(code, 1)
    assert.match(out.join('\n'), new RegExp(`^differs: uniswapV2 ${aPair().id} reserves: `, 'm'))
  })

  it('reads a sample that its seed draws', async () => {
    const sampled = async (seed: string) => {
      const argv = ['--rpc', net.served.url, '--sample', '5', '--seed', seed, '--json']
      const { out, progress } = await runCli('market', 'check', market, ...argv)
      const { compared } = JSON.parse(out[0] ?? '') as { compared: { pools: number } }
      return [compared.pools, progress.find((line) => line.startsWith('round 1'))]
    }
    const one = await sampled('1')
    assert.equal(one[0], 5)
    assert.deepEqual(await sampled('1'), one)
  })

  it('names pools that are empty, far from the reference price, or closed', () => {
    const pair = aPair()
    const [one, two] = pair.reserves
    const id = (index: number) => ghost(index)
    const odd: PoolState[] = [
      { ...pair, id: id(1), reserves: [0n, 0n] },
      { ...pair, id: id(2), reserves: [one * 2n, two] },
      { ...pair, id: id(3), reserves: [1n, two] },
    ]
    const { findings, quoting } = checkSanity({
      ...view,
      pools: new Map(odd.map((state) => [state.id, state])),
    })
    const named = findings.map(({ finding, id: each }) => [each, finding])
    assert.equal(quoting, 1)
    assert.deepEqual(named.slice(0, 2), [
      [id(1), 'closed'],
      [id(2), 'off-price'],
    ])
    assert.deepEqual(named[2], [id(3), 'one-way'])
  })

  it('refuses a file that breaks a rule, with the rule', async () => {
    const text = toJson({
      format: 'isoprice-market/1',
      chainId: '1',
      gasPrice: 7,
      tokens: [],
      pools: [],
    })
    const path = await files.write('broken.json', text)
    const run = await runCli('market', 'check', path, '--json')
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'market.snapshot-invalid'])
    const all = await runCli('market', 'check', market, '--all', '--json')
    assert.deepEqual([all.code, errorOf(all)?.code], [2, 'cli.usage'])
  })
})

describe('cli.market --help', () => {
  it('has examples for each command', async () => {
    for (const argv of [
      ['market', 'snapshot'],
      ['market', 'diff'],
      ['market', 'check'],
      ['pools'],
    ]) {
      const { code, out } = await runCli(...argv, '--help')
      assert.equal(code, 0)
      assert.match(out.join('\n'), new RegExp(`Examples:\\n {2}isoprice ${argv.join(' ')} `))
      assert.match(out.join('\n'), /--json/)
    }
  })
})
