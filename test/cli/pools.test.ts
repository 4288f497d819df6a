/** `isoprice pools`: listings of a file and of a node, their filters, and what is refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { zeroAddress } from '../../solver/core/hex.ts'
import { toJson } from '../../solver/core/units.ts'
import { poolModules } from '../../solver/pools/index.ts'
import { type Localnet, startLocalnet } from '../../solver/localnet/localnet.ts'
import { errorOf, runCli } from '../helpers/cli.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'
import { v2, v4, withPool } from '../helpers/snapshots.ts'

type Row = {
  kind: string
  id: string
  exchange?: string
  tokens: { address: string; symbol: string }[]
  price?: number
  feeBps?: number
  depthEth?: number | 'unlimited'
  notes: string[]
}
type Listing = {
  pools: number
  shown: Row[]
  missing: number
  totals: { kind: string; pools: number; depthEth: number }[]
}

let files: MarketFiles
let net: Localnet

before(async () => {
  files = await createMarketFiles()
  net = await startLocalnet({ port: 0 })
})
after(async () => {
  await net.close()
  await files.remove()
})

async function list(...argv: string[]): Promise<Listing> {
  const run = await runCli('pools', '--json', ...argv)
  assert.equal(run.code, 0, run.progress.join('\n'))
  assert.equal(run.out.length, 1)
  return JSON.parse(run.out[0] ?? '') as Listing
}

describe('cli.pools --market', () => {
  it('lists all pools, the deepest first, and sums them up by kind', async () => {
    const { pools, shown, totals } = await list('--market', files.market)
    assert.deepEqual([pools, shown.length], [24, 24])
    const depths = shown.map(({ depthEth = 0 }) => Number(depthEth))
    assert.ok(depths.every((depth) => depth > 0))
    assert.deepEqual(
      depths,
      depths.toSorted((a, b) => b - a),
    )
    for (const { kind, pools: count, depthEth } of totals) {
      const own = shown.filter((row) => row.kind === kind)
      const sum = own.reduce((total, row) => total + Number(row.depthEth ?? 0), 0)
      assert.deepEqual([count, depthEth], [own.length, sum])
    }
  })

  it('gives the fee that the pool charges, whatever its kind', async () => {
    const { view } = files.universe
    const { shown } = await list('--market', files.market)
    for (const { id, feeBps } of shown) {
      const state = [...view.pools.values()].find((each) => each.id === id)
      assert.ok(state !== undefined && 'feePips' in state)
      assert.ok(Math.abs((feeBps ?? 0) - state.feePips / 100) < 1e-3)
    }
  })

  it('gives the price in whole tokens', async () => {
    const tokens = [
      { address: v2.tokens[0], symbol: 'SIX', decimals: '6' },
      { address: v2.tokens[1], symbol: 'EIGHTEEN', decimals: '18' },
    ]
    const file = withPool(v2, { reserves: ['2000000', '6000000000000000000'] })
    const path = await files.write('price.json', JSON.stringify({ ...file, tokens }))
    const { shown } = await list('--market', path)
    assert.ok(Math.abs((shown[0]?.price ?? 0) - 3) < 1e-9)
  })

  it('narrows by kind, token and exchange, all at once', async () => {
    const { shown: all } = await list('--market', files.market)
    const wanted = all.filter(
      ({ kind, tokens }) => kind === 'uniswapV2' && tokens.some(({ symbol }) => symbol === 'T1'),
    )
    const filters = ['--kind', 'uniswapV2', '--token', 'T1']
    const { shown, pools } = await list('--market', files.market, ...filters)
    assert.ok(wanted.length > 0 && wanted.length < all.length)
    assert.deepEqual([shown, pools], [wanted, wanted.length])
    const none = await list('--market', files.market, '--exchange', 'nowhere')
    assert.deepEqual([none.pools, none.totals], [0, []])
    const shouting = await list('--market', files.market, '--kind', 'UNISWAPV2', '--token', 'T1')
    assert.deepEqual(shouting.shown, wanted)
  })

  it('shows as many rows as asked for and counts all', async () => {
    const { shown, pools } = await list('--market', files.market, '--limit', '3')
    assert.deepEqual([shown.length, pools], [3, 24])
    const { out } = await runCli('pools', '--market', files.market, '--limit', '3')
    assert.match(out[0] ?? '', /^kind +exchange +tokens +price +fee bps +depth ETH +block +notes/)
    assert.equal(out[4], '3 of 24 pools')
    assert.match(out[5] ?? '', /^uniswapV2: \d+ pools, .* ETH deep$/)
  })

  it('names a pool that a hook closes', async () => {
    // The last 14 bits of a hook's address say what it does: bit 7 is beforeSwap.
    const hooks = `0x${'0'.repeat(36)}0080`
    const poolKey = { ...v4.poolKey, hooks }
    const path = await files.write('hook.json', JSON.stringify(withPool(v4, { poolKey, hooks })))
    const { shown } = await list('--market', path)
    assert.deepEqual(shown[0]?.notes, ['refused: its hook may change amounts'])
    assert.equal(shown[0]?.price, undefined)
  })
})

describe('cli.pools', () => {
  it('names the exchanges of the market for one that it does not have', async () => {
    const path = await files.write('named.json', JSON.stringify(withPool(v2, { exchange: 'here' })))
    const { code, progress } = await runCli('pools', '--market', path, '--exchange', 'there')
    assert.deepEqual([code, progress.length], [0, 1])
    assert.match(progress[0] ?? '', /begins with there: it has here$/)
    assert.deepEqual((await runCli('pools', '--market', path, '--exchange', 'he')).progress, [])
  })

  it('suggests kinds for one that is none', async () => {
    const run = await runCli('pools', '--json', '--market', files.market, '--kind', 'curve')
    assert.equal(errorOf(run)?.code, 'cli.usage')
    assert.match(errorOf(run)?.hint ?? '', /^Did you mean curveCrypto or curveStable\?/)
  })

  it('calls the wrapped native currency as deep as what it holds, not as what it could mint', async () => {
    const token = mainnetTokens.WETH.address
    const id = token
    const held = String(3n * 10n ** 18n)
    const pool = { kind: 'wrappedNative', id, tokens: [zeroAddress, token], held }
    const tokens = [zeroAddress, token].map((address) => {
      return { address, symbol: 'E', decimals: '18' }
    })
    const file = { ...withPool(v2), tokens, pools: [pool] }
    const path = await files.write('wrapped.json', JSON.stringify(file))
    const { shown, totals } = await list('--market', path)
    assert.ok(Math.abs(Number(shown[0]?.depthEth) - 3) < 1e-3)
    assert.ok(Math.abs((totals[0]?.depthEth ?? 0) - 3) < 1e-3)
    const empty = { ...file, pools: [{ ...pool, held: '0' }] }
    const dry = await list('--market', await files.write('dry.json', JSON.stringify(empty)))
    assert.deepEqual([dry.shown[0]?.depthEth, dry.totals[0]?.depthEth], ['unlimited', 0])
  })
})

describe('cli.pools --rpc', () => {
  it('finds the pools of a chain by the logs of their factories', async () => {
    const { shown, missing } = await list('--rpc', net.served.url, '--from-block', '0')
    const ids = new Set(shown.map(({ id }) => id))
    assert.deepEqual(ids, new Set(net.chain.pools.map(({ id }) => id)))
    assert.equal(missing, 0)
  })

  it('finds only those of the range that it is given', async () => {
    const run = await runCli(
      'pools',
      '--json',
      '--rpc',
      net.served.url,
      '--from-block',
      '0',
      '--to-block',
      '1',
    )
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.usage'])
  })

  it('reads a configured list, with numbers as text or not and addresses in either case', async () => {
    const refs = net.chain.pools.filter((_, at) => at % 9 === 0)
    const entries = refs.map((ref, at) => ({
      ...ref,
      id: at % 2 === 0 ? `0x${ref.id.slice(2).toUpperCase()}` : ref.id,
      ...(ref.feePips === undefined ? {} : { feePips: String(ref.feePips) }),
    }))
    const text = toJson({ format: 'isoprice-pools/1', chainId: '1', pools: entries })
    const path = await files.write('list.json', text)
    const { shown } = await list('--rpc', net.served.url, '--list', path)
    assert.deepEqual(new Set(shown.map(({ id }) => id)), new Set(refs.map(({ id }) => id)))
  })
})

describe('cli.pools --list', () => {
  const entry = { kind: 'uniswapV2', id: v2.id, tokens: v2.tokens }
  const bad: readonly (readonly [string, object, string | undefined])[] = [
    ['a kind that is not built', { ...entry, kind: 'uniswapV9' }, 'kind'],
    ['no kind', { id: v2.id }, 'kind'],
    ['an id of another length', { ...entry, id: v4.id }, 'id'],
    ['a token that is none', { ...entry, tokens: [v2.tokens[0], 'WETH'] }, 'tokens'],
    ['one token', { ...entry, tokens: [v2.tokens[0]] }, 'tokens'],
    ['a token twice', { ...entry, tokens: [v2.tokens[0], v2.tokens[0]] }, 'tokens'],
    ['a fee that is no number', { ...entry, feePips: '0.3 %' }, 'feePips'],
    ['a spacing that is too large', { ...entry, tickSpacing: 40_000 }, 'tickSpacing'],
    ['a hook that is none', { ...entry, hooks: 'none' }, 'hooks'],
    ['a misspelt field', { ...entry, fee: 3000 }, 'fee'],
    ['an entry that is none', [], undefined],
  ]
  for (const [what, each, field] of bad)
    it(`refuses a list with ${what}, and names entry and field`, async () => {
      const file = { format: 'isoprice-pools/1', chainId: '1', pools: [entry, each] }
      const path = await files.write('bad.json', JSON.stringify(file))
      const run = await runCli('pools', '--json', '--rpc', net.served.url, '--list', path)
      const error = errorOf(run)
      assert.deepEqual([run.code, error?.code], [2, 'cli.pool-list'])
      assert.deepEqual([error?.facts?.['entry'], error?.facts?.['field']], [1, field])
    })

  it('refuses lists that are none, name a pool twice, or are of another chain', async () => {
    const twice = { format: 'isoprice-pools/1', chainId: '1', pools: [entry, entry] }
    const codes: (string | undefined)[] = []
    for (const text of [
      JSON.stringify(twice),
      JSON.stringify({ ...twice, pools: {} }),
      JSON.stringify({ ...twice, chainId: 'main' }),
      JSON.stringify({ ...twice, pools: [] }),
      JSON.stringify({ ...twice, chainId: 10, pools: [entry] }),
      '{"format": "isoprice-pools/1"',
      'pools',
    ]) {
      const path = await files.write('none.json', text)
      codes.push(
        errorOf(await runCli('pools', '--json', '--rpc', net.served.url, '--list', path))?.code,
      )
    }
    assert.deepEqual(codes, [
      'cli.pool-list',
      'cli.pool-list',
      'cli.pool-list',
      'cli.input-file',
      'chain.wrong-chain',
      'cli.pool-list',
      'market.snapshot-corrupt',
    ])
  })
})

describe('cli.pools usage', () => {
  const url = 'http://127.0.0.1:9'
  const wrong: readonly (readonly [string, string[], string])[] = [
    ['no source', [], 'cli.usage'],
    ['two sources', ['--market', 'a.json', '--rpc', url], 'cli.usage'],
    ['a node without a list', ['--rpc', url], 'cli.usage'],
    ['a range without a start', ['--rpc', url, '--to-block', '7'], 'cli.usage'],
    ['a block of a file', ['--market', 'a.json', '--block', '7'], 'cli.usage'],
    ['a range of a file', ['--market', 'a.json', '--from-block', '7'], 'cli.usage'],
    ['an unknown kind', ['--market', 'a.json', '--kind', 'uniswapV9'], 'cli.usage'],
    ['a limit that is no number', ['--market', 'a.json', '--limit', 'all'], 'cli.usage'],
    ['a file that is not there', ['--market', '/nowhere/a.json'], 'market.snapshot-file'],
    ['a node that is not there', ['--rpc', url, '--from-block', '0'], 'chain.unreachable'],
  ]
  for (const [what, argv, code] of wrong)
    it(`refuses ${what}`, async () => {
      const run = await runCli('pools', '--json', ...argv)
      const error = errorOf(run)
      assert.equal(error?.code, code)
      assert.equal(run.code, code === 'chain.unreachable' ? 6 : 2)
      assert.ok(error?.hint)
    })

  it('refuses a token that the market does not have', async () => {
    const run = await runCli('pools', '--json', '--market', files.market, '--token', 'NOPE')
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'market.unknown-token'])
  })
})

describe('cli.pools --kinds', () => {
  it('has a line for each kind that is built, saying what it is', async () => {
    const { code, out } = await runCli('pools', '--kinds')
    assert.equal(code, 0)
    assert.deepEqual(
      out.map((line) => line.split(' ')[0]),
      Object.keys(poolModules).sort(),
    )
    for (const line of out) assert.match(line, /^\w+ {2,}\S.{20}/)
    const { out: json } = await runCli('pools', '--kinds', '--json')
    const { kinds } = JSON.parse(json[0] ?? '') as { kinds: { about: string }[] }
    assert.ok(kinds.every(({ about }) => about !== 'no description'))
  })
})
