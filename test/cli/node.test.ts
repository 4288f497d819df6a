/** Commands that read a node, against a local chain: `snapshot`, `record --run`, and `doctor` on node and relays. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { loadTape } from '../../solver/chain/tape.ts'
import { poolRefsOf, writeMarket } from '../../solver/cli/marketFile.ts'
import { fundOwners, ownerLines } from '../../solver/cli/owners.ts'
import { max } from '../../solver/core/rounding.ts'
import { type Localnet, startLocalnet } from '../../solver/localnet/localnet.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { errorOf, runCli } from '../helpers/cli.ts'
import { startLyingNode } from '../helpers/lyingNode.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'
import { v4, v4Id, weighted, withPool, v2 } from '../helpers/snapshots.ts'

const nobody = `0x${'aa'.repeat(20)}`
let files: MarketFiles
let net: Localnet
let market: string

before(async () => {
  files = await createMarketFiles()
  net = await startLocalnet({ port: 0 })
  market = join(files.folder, 'local.json.gz')
  const { view } = await readMarket(net.served.node, net.chain.pools)
  await writeMarket(market, view)
})
after(async () => {
  await net.close()
  await files.remove()
})

function snapshot(pools: string, out: string, ...more: string[]) {
  return runCli('snapshot', '--rpc', net.served.url, '--pools', pools, '--out', out, ...more)
}

describe('cli.snapshot', () => {
  it('writes the listed pools as they are at the head, ready to be quoted on', async () => {
    const out = join(files.folder, 'again.json')
    const { code, out: lines, progress } = await snapshot(market, out, '--json')
    const facts = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.deepEqual([code, lines.length, facts['pools'], facts['missing']], [0, 1, 38, []])
    assert.match(progress.join('\n'), /round 1: /)
    const [before, again] = [await loadSnapshot(market), await loadSnapshot(out)]
    assert.deepEqual(again.view.pools, before.view.pools)
    assert.equal(String(again.view.block?.number), facts['block'])
    const trade = ['--sell', 'WETH', '--buy', 'USDC', '--amount', String(10n ** 18n)]
    assert.equal((await runCli('quote', '--market', out, ...trade)).code, 0)
  })

  it('reads at the block that it is given', async () => {
    const { view } = await loadSnapshot(market)
    const number = view.block?.number ?? 0n
    await net.served.seal()
    const out = join(files.folder, 'then.json')
    assert.equal((await snapshot(market, out, '--block', String(number))).code, 0)
    assert.equal((await loadSnapshot(out)).view.block?.hash, view.block?.hash)
  })

  it('counts the pools that it could not read, and names some', async () => {
    const { view } = await loadSnapshot(market)
    const [first] = [...view.pools.values()].filter(({ kind }) => kind === 'uniswapV2')
    assert.ok(first !== undefined)
    const lost = { ...first, id: toPoolId(nobody) }
    const pools = join(files.folder, 'lost.json')
    await writeMarket(pools, { ...view, pools: new Map([...view.pools, [lost.id, lost]]) })
    const out = join(files.folder, 'rest.json')
    const { code, out: lines } = await snapshot(pools, out)
    assert.equal(code, 0)
    assert.match(
      lines.join('\n'),
      /38 pools, 11 tokens\nnot read: 1 pool not there: .*uniswapV2 0xaaaa/,
    )
  })

  it('refuses what gives no market, and writes nothing', async () => {
    const out = join(files.folder, 'never.json')
    const unbuilt = await files.write('unbuilt.json', JSON.stringify(withPool(weighted)))
    const elsewhere = JSON.stringify(withPool(v4, {})).replace('"chainId":"1"', '"chainId":"10"')
    const other = await files.write('elsewhere.json', elsewhere)
    const runs = [
      await snapshot(unbuilt, out, '--json'),
      await snapshot(other, out, '--json'),
      await snapshot(market, out, '--json', '--block', '1'),
      await snapshot(market, out, '--json', '--block', '99999999'),
      await snapshot(market, out, '--json', '--block', 'now'),
      await snapshot(market, '/nowhere/out.json', '--json'),
    ]
    assert.deepEqual(
      runs.map((run) => [run.code, errorOf(run)?.code]),
      [
        [2, 'cli.input-file'],
        [6, 'chain.wrong-chain'],
        [2, 'cli.input-file'],
        [2, 'cli.usage'],
        [2, 'cli.usage'],
        [2, 'market.snapshot-file'],
      ],
    )
    assert.equal(existsSync(out), false)
  })
})

describe('cli.ownerLines', () => {
  it('shows a person each funded owner with its key, and that the keys are worthless', async () => {
    const owners = await fundOwners(net)
    const [note, ...lines] = ownerLines(owners)
    assert.match(note ?? '', /100 WETH.*worthless test keys/)
    assert.deepEqual(
      lines,
      owners.map(({ address, privateKey }) => `  ${address} key ${privateKey}`),
    )
  })
})

describe('cli.poolRefsOf', () => {
  it('names a V4 pool by the fee of its key, which a dynamic fee hides', () => {
    const poolKey = { ...v4.poolKey, fee: '8388608' }
    const { view } = parseSnapshot(JSON.stringify(withPool(v4, { poolKey, feePips: '700' })))
    assert.deepEqual(
      poolRefsOf(view).map(({ id, feePips }) => [id, feePips]),
      [[v4Id, 8_388_608]],
    )
  })
})

describe('cli.record', () => {
  function record(command: string, out: string, ...more: string[]) {
    const path = join(files.folder, out)
    return runCli('record', '--rpc', net.served.url, '--out', path, '--run', command, ...more)
  }

  it('says with which code the command failed, and that the tape is kept', async () => {
    const text = await record('exit 3', 'failed.json')
    assert.deepEqual([text.code, text.out], [1, []])
    assert.match(
      text.progress.at(-1) ?? '',
      /^error cli\.command-failed: .*failed \(3\).* kept in /,
    )
    const json = await record('exit 3', 'failed.json', '--json')
    const error = errorOf(json)
    assert.deepEqual([json.code, json.out.length, error?.code], [1, 1, 'cli.command-failed'])
    assert.deepEqual([error?.facts?.['commandExit'], error?.facts?.['tapeKept']], [3, true])
    const head = net.served.node.request({ method: 'eth_blockNumber' })
    const tape = await loadTape(join(files.folder, 'failed.json'))
    assert.equal(tape.block['number'], await head)
  })

  it('names the signal that ended the command', async () => {
    const error = errorOf(await record('kill -9 $$', 'killed.json', '--json'))
    assert.equal(error?.facts?.['commandExit'], 'SIGKILL')
  })

  it('keeps stdout to its own object, whatever the command prints', async () => {
    const { code, out } = await record(
      'echo "$ISOPRICE_TAPE_URL" >/dev/null',
      'fine.json',
      '--json',
    )
    const facts = JSON.parse(out[0] ?? '') as Record<string, unknown>
    assert.deepEqual([code, out.length, facts['commandExit']], [0, 1, 0])
  })
})

describe('cli.doctor', () => {
  let page: Server
  before(async () => {
    page = createServer((_request, response) => void response.end('<html></html>'))
    await new Promise<void>((done) => void page.listen(0, '127.0.0.1', done))
  })
  after(() => void page.close())

  async function findings(...argv: string[]) {
    const { code, out } = await runCli('doctor', '--json', '--rpc', net.served.url, ...argv)
    const all = (JSON.parse(out[0] ?? '') as { findings: { name: string; ok: boolean }[] }).findings
    return { code, found: all.slice(4).map(({ name, ok }) => [name, ok]) }
  }

  it('finds a settlement with code and a relay that answers, be it with a refusal', async () => {
    const { block } = (await readMarket(net.served.node, [])).view
    const now = BigInt(Math.floor(Date.now() / 1_000))
    await net.served.seal({ timestamp: max(now, block.timestamp + 1n) })
    const { served, settlement } = net
    assert.deepEqual(await findings('--settlement', settlement, '--relay', served.relayUrl), {
      code: 0,
      found: [
        ['node', true],
        ['settlement', true],
        ['relay', true],
      ],
    })
  })

  it('shows the state of each of several nodes, and what is wrong with one', async () => {
    const { url } = net.served
    const [well, odd] = [await startLyingNode(url), await startLyingNode(url)]
    odd.lie((method) =>
      method === 'eth_getBlockByHash'
        ? (block) => ({ ...(block as object), number: '0x1' })
        : 'pass',
    )
    const { code, out } = await runCli('doctor', '--rpc', `${url},${well.url}`, '--rpc', odd.url)
    await well.close()
    await odd.close()
    assert.equal(code, 6)
    const lines = out.join('\n')
    assert.match(lines, /^ok {3}node-1: \S+ good, head \d+, \d+ ms$/m)
    assert.match(lines, /^ok {3}node-2: /m)
    assert.match(lines, /^FAIL node-3: \S+ quarantined, .*broken-chain: .*\n {5}It is left aside/m)
    assert.equal((await runCli('doctor', '--rpc', `${url},${url}`)).code, 2)
  })

  it('exits with 6 for a settlement without code and for relays that are none', async () => {
    const { port } = page.address() as AddressInfo
    const relays = ['http://127.0.0.1:9', `http://127.0.0.1:${port}`]
    const { code, found } = await findings('--settlement', nobody, '--relay', ...relays)
    assert.deepEqual(
      [code, found.slice(1)],
      [6, [['settlement', false], ...relays.map(() => ['relay', false])]],
    )
    const { out } = await runCli('doctor', '--relay', ...relays)
    assert.match(out.join('\n'), /^FAIL relay: .*not in JSON-RPC\n {5}Check the URL/m)
    assert.equal((await runCli('doctor', '--relay', 'no url')).code, 2)
  })
})

describe('cli.serve --rpc', () => {
  it('refuses a market of another chain than the node', async () => {
    const pools = await files.write(
      'chain10.json',
      JSON.stringify({ ...withPool(v2), chainId: '10' }),
    )
    const { url, relayUrl } = net.served
    const given = ['--rpc', url, '--relay', relayUrl, '--settlement', net.settlement]
    const run = await runCli('serve', '--json', ...given, '--pools', pools)
    assert.deepEqual([run.code, errorOf(run)?.code], [6, 'chain.wrong-chain'])
  })
})
