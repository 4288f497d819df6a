/** `isoprice quote` and `quotes`: the record that other programs read, and what a person reads. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { zeroAddress } from '../../solver/core/hex.ts'
import { type CliRun, type ErrorRecord, errorOf, runCli } from '../helpers/cli.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'
import { v2, withPool } from '../helpers/snapshots.ts'

type Leg = Record<'pool' | 'kind' | 'tokenIn' | 'tokenOut' | 'amountIn' | 'amountOut', string>
type Record_ = Record<
  'sell' | 'buy' | 'amountIn' | 'amountOut' | 'gas' | 'netOut' | 'bound' | 'digest',
  string
> & {
  readonly id?: string
  readonly kind: string
  readonly gapBps: number
  readonly cpuMs: number
  readonly legs: readonly Leg[]
  readonly bestSinglePool?: { readonly pool: string; readonly amountOut: string }
  readonly market?: Readonly<Record<string, unknown>>
  readonly error?: ErrorRecord
}

const ether = String(10n ** 18n)
const isAmount = (text: unknown) => typeof text === 'string' && /^(0|[1-9]\d*)$/.test(text)

let files: MarketFiles

before(async () => {
  files = await createMarketFiles()
})
after(() => files.remove())

function quote(...more: string[]): Promise<CliRun> {
  const { market } = files
  return runCli(
    'quote',
    '--market',
    market,
    '--sell',
    'T0',
    '--buy',
    'T1',
    '--amount',
    ether,
    ...more,
  )
}

async function recordOf(...more: string[]): Promise<Record_> {
  const { code, out } = await quote('--json', ...more)
  assert.deepEqual([code, out.length], [0, 1])
  return JSON.parse(out[0] ?? '') as Record_
}

/** The keys that every program may rely on. */
function requireShape(record: Record_): void {
  for (const key of ['amountIn', 'amountOut', 'gas', 'netOut', 'bound'] as const)
    assert.ok(isAmount(record[key]), `${key}: ${record[key]}`)
  for (const key of ['gapBps', 'cpuMs'] as const) assert.equal(typeof record[key], 'number', key)
  assert.match(record.sell, /^0x[0-9a-f]{40}$/)
  assert.match(record.buy, /^0x[0-9a-f]{40}$/)
  assert.match(record.digest, /^0x[0-9a-f]{64}$/)
  assert.ok(record.legs.length > 0)
  for (const leg of record.legs) {
    const keys = ['pool', 'kind', 'tokenIn', 'tokenOut', 'amountIn', 'amountOut']
    assert.deepEqual(Object.keys(leg), keys)
    assert.ok(isAmount(leg.amountIn) && isAmount(leg.amountOut))
  }
  if (record.bestSinglePool !== undefined) {
    assert.match(record.bestSinglePool.pool, /^0x/)
    assert.ok(isAmount(record.bestSinglePool.amountOut))
  }
}

describe('cli.quote --json', () => {
  it('prints one object with exactly the keys that are promised', async () => {
    const record = await recordOf()
    requireShape(record)
    assert.deepEqual(
      Object.keys(record).filter((key) => key !== 'bestSinglePool' && key !== 'priceImpactBps'),
      [
        'kind',
        'sell',
        'buy',
        'amountIn',
        'amountOut',
        'gas',
        'netOut',
        'bound',
        'gapBps',
        'legs',
        'cpuMs',
        'digest',
        'market',
      ],
    )
    assert.deepEqual(record.market, { pools: 24, crossed: 24, leftOut: {} })
  })

  it('sells the whole amount over legs that add up', async () => {
    const { amountIn, sell, legs } = await recordOf()
    assert.equal(amountIn, ether)
    const into = legs.filter(({ tokenIn }) => tokenIn === sell).map((leg) => BigInt(leg.amountIn))
    const back = legs
      .filter(({ tokenOut }) => tokenOut === sell)
      .map((leg) => BigInt(leg.amountOut))
    const sum = (all: bigint[]) => all.reduce((total, each) => total + each, 0n)
    assert.equal(sum(into) - sum(back), BigInt(ether))
  })

  it('bounds what is netted, and nets no more than it pays out', async () => {
    const { bound, netOut, amountOut, gapBps } = await recordOf()
    assert.ok(BigInt(bound) >= BigInt(netOut) && BigInt(netOut) < BigInt(amountOut))
    assert.ok(gapBps >= 0)
  })

  it('says the same on every run but for the time it took', async () => {
    const [first, second] = [await recordOf(), await recordOf()]
    assert.deepEqual({ ...first, cpuMs: 0 }, { ...second, cpuMs: 0 })
  })

  it('takes an address for a symbol, in either case', async () => {
    const { sell, digest } = await recordOf()
    const shouting = `0x${sell.slice(2).toUpperCase()}`
    const { market } = files
    const named = ['--market', market, '--sell', shouting, '--buy', 't1', '--amount', ether]
    const { out } = await runCli('quote', '--json', ...named)
    assert.equal((JSON.parse(out[0] ?? '') as Record_).digest, digest)
  })

  it('leaves gas out with --no-gas: the net is the whole output', async () => {
    const { netOut, amountOut } = await recordOf('--no-gas')
    assert.equal(netOut, amountOut)
  })

  it('charges the gas price that is given', async () => {
    const cheap = await recordOf('--gas-price', '1')
    const dear = await recordOf('--gas-price', String(10n ** 11n))
    assert.ok(BigInt(dear.netOut) < BigInt(cheap.netOut))
    assert.ok(BigInt(dear.amountOut) <= BigInt(cheap.amountOut))
  })

  it('fixes what is bought with --exact-out', async () => {
    const wanted = BigInt((await recordOf()).amountOut) / 2n
    const record = await recordOf('--exact-out', '--amount', String(wanted))
    requireShape(record)
    assert.deepEqual([record.kind, (await recordOf()).kind], ['exactOut', 'exactIn'])
    assert.ok(BigInt(record.amountOut) >= wanted && BigInt(record.amountIn) < BigInt(ether))
    assert.ok(BigInt(record.bound) <= BigInt(record.netOut))
  })

  it('prints an error as one object and exits with its code', async () => {
    const run = await quote('--json', '--gas-price', 'dear')
    assert.equal(run.code, 2)
    assert.equal(errorOf(run)?.code, 'cli.usage')
    assert.match(errorOf(run)?.hint ?? '', /wei per gas unit/)
    const dry = await quote('--json', '--exact-out', '--amount', String(10n ** 37n))
    assert.equal(dry.code, 3)
    assert.equal(errorOf(dry)?.code, 'cli.no-liquidity')
    assert.match(errorOf(dry)?.hint ?? '', /rounds to zero or .*larger or a smaller/)
  })
})

describe('cli.quote', () => {
  it('draws the route and says how good it is, without colour codes', async () => {
    const { code, out, progress } = await quote()
    const text = out.join('\n')
    assert.equal(code, 0)
    assert.match(text, /^1 T0$/m)
    assert.match(text, /proven: the best plan over these pools is at most \d+\.\d{4} bps better/)
    assert.match(text, /^bundle 0x[0-9a-f]{64}$/m)
    assert.equal(text.includes('\u001b'), false)
    assert.deepEqual(progress, [])
  })

  it('says at which gas price the plan is the best, or why at none', async () => {
    const last = async (...more: string[]) => (await quote(...more)).out.at(-2) ?? ''
    assert.match(await last(), /, net of gas at 10 gwei$/)
    assert.match(await last('--gas-price', '1500000000'), /, net of gas at 1\.5 gwei$/)
    assert.match(await last('--no-gas'), /, gas left out$/)
    assert.match(await last('--gas-price', '0'), /, gas left out$/)
  })

  it('names symbols of the market, the likest first, for one that it lacks', async () => {
    const error = errorOf(await quote('--json', '--sell', 'T3X'))
    assert.equal(error?.code, 'market.unknown-token')
    assert.match(error?.hint ?? '', /such as T3, T\d/)
  })

  it('says where a market comes from when its file is missing', async () => {
    const error = errorOf(await quote('--json', '--market', '/nowhere/market.json'))
    assert.equal(error?.code, 'market.snapshot-file')
    assert.match(
      error?.hint ?? '',
      /isoprice snapshot.*localnet --snapshot.*examples\/market\.json/,
    )
  })

  it('refuses to write a bundle where it cannot', async () => {
    const run = await quote('--json', '--bundle', '/nowhere/bundle.json')
    assert.deepEqual([run.code, errorOf(run)?.code], [2, 'cli.input-file'])
  })

  it('says an error on stderr with its code and hint, and prints nothing', async () => {
    const { code, out, progress } = await quote('--amount', '-1')
    assert.deepEqual([code, out], [2, []])
    assert.match(progress.join('\n'), /^error core\.bad-integer: [\s\S]*digits only/)
  })

  it('exits with 2 when an option is missing or unknown', async () => {
    assert.equal((await runCli('quote', '--market', files.market)).code, 2)
    assert.equal((await quote('--colour')).code, 2)
  })
})

describe('cli.quote over pools that routes do not cross', () => {
  /** One pool of two tokens, and one between the native currency and its own wrapped name. */
  async function market() {
    const weth = mainnetTokens.WETH.address
    const pair = [v2.tokens[0], weth]
    const tokens = [zeroAddress, ...pair].map((address, at) => {
      return { address, symbol: `S${at}`, decimals: '18' }
    })
    const wrapped = {
      kind: 'wrappedNative',
      id: weth,
      tokens: [zeroAddress, weth],
      held: String(10n ** 20n),
    }
    const reserves = [String(10n ** 21n), String(10n ** 21n)]
    const file = withPool(v2, { reserves, tokens: pair })
    const pools = [...(file['pools'] as object[]), wrapped]
    const text = JSON.stringify({ ...file, tokens, pools })
    return files.write('partly.json', text)
  }

  it('says how many pools of which kinds are left out, in text, JSON and errors', async () => {
    const argv = ['quote', '--market', await market(), '--sell', 'S1', '--buy', 'S2']
    const text = await runCli(...argv, '--amount', ether)
    assert.match(text.out.join('\n'), /^over 1 of 2 pools; routes do not cross wrappedNative 1$/m)
    const { out } = await runCli(...argv, '--amount', ether, '--json')
    const { market: said } = JSON.parse(out[0] ?? '') as Record_
    assert.deepEqual(said, { pools: 2, crossed: 1, leftOut: { wrappedNative: 1 } })
    const dry = await runCli(...argv, '--exact-out', '--amount', String(10n ** 30n), '--json')
    assert.deepEqual([dry.code, errorOf(dry)?.code], [3, 'cli.no-liquidity'])
    assert.match(String(errorOf(dry)?.facts?.['tried']), /^over 1 of 2 pools; .*wrappedNative 1$/)
  })
})

describe('cli.quotes', () => {
  async function quotes(lines: readonly object[], ...more: string[]) {
    const text = lines.map((line) => JSON.stringify(line)).join('\n')
    const trades = await files.write('trades.jsonl', `${text}\n\n`)
    const run = await runCli(
      'quotes',
      '--market',
      files.market,
      '--trades',
      trades,
      '--json',
      ...more,
    )
    return { ...run, records: run.out.map((line) => JSON.parse(line) as Record_) }
  }
  const trade = (over: object = {}) => ({ sellToken: 'T0', buyToken: 'T1', amount: ether, ...over })

  it('answers every request on a line of its own, in order, and goes on after one that fails', async () => {
    const { code, records } = await quotes([
      trade({ id: 'a' }),
      trade({ id: 'b', buyToken: 'NOSUCH' }),
      trade({ id: 'c', amount: '0' }),
      trade({ id: 'd', kind: 'exactOut', amount: '1000' }),
      trade({ id: 'e', kind: 'sideways' }),
    ])
    assert.equal(code, 0)
    assert.deepEqual(
      records.map(({ id, error }) => error?.code ?? id),
      ['a', 'market.unknown-token', 'route.amount-out-of-range', 'd', 'cli.input-file'],
    )
    for (const record of records)
      if (record.error === undefined) requireShape(record)
      else assert.ok((record.error.hint ?? '').length > 10)
  })

  it('names the file and the line of every request that fails, blank lines counted', async () => {
    const good = JSON.stringify(trade())
    const unknown = JSON.stringify(trade({ sellToken: 'NOSUCH' }))
    const trades = await files.write('bad.jsonl', `${good}\nnot json\n\n{}\nnull\n${unknown}\n`)
    const argv = ['quotes', '--market', files.market, '--trades', trades]
    const { code, out, progress } = await runCli(...argv)
    const errors = out.flatMap((line) => (JSON.parse(line) as Record_).error ?? [])
    assert.deepEqual(
      errors.map(({ facts }) => [facts?.['file'], facts?.['line']]),
      [2, 4, 5, 6].map((line) => [trades, line]),
    )
    assert.deepEqual([code, out.length, progress], [0, 5, ['4 of 5 requests failed']])
  })

  it('exits with 2 when every request failed, and with 3 when all for want of liquidity', async () => {
    const dry = trade({ kind: 'exactOut', amount: String(10n ** 37n) })
    const bad = trade({ amount: '-1' })
    assert.deepEqual(
      [await quotes([bad, bad]), await quotes([dry, bad]), await quotes([dry, dry])].map(
        ({ code }) => code,
      ),
      [2, 2, 3],
    )
    assert.equal((await quotes([bad, trade()])).code, 0)
  })

  it('gives the digest that quote gives for the same request', async () => {
    const { records } = await quotes([trade()])
    assert.equal(records[0]?.digest, (await recordOf()).digest)
  })

  it('keeps progress on stderr', async () => {
    const { out, progress } = await quotes(Array.from({ length: 26 }, () => trade()))
    assert.equal(out.length, 26)
    assert.deepEqual(progress, ['25 of 26 requests'])
  })
})
