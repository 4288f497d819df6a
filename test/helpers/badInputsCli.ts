/** Bad input at the command line: amounts, tokens, files, keys. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BadInput, BadWorld, Refusal } from './badInputs.ts'
import { errorOf, runCli } from './cli.ts'

type Change = (text: string) => string

const owner = '0x00000000000000000000000000000000000000aa'

async function refusal(...argv: string[]): Promise<Refusal> {
  const error = errorOf(await runCli(...argv, '--json'))
  return { code: error?.code, hint: error?.hint }
}

/** A quote of the world's market with one argument replaced. */
function quoteWith(
  name: string,
  code: string,
  over: Record<string, string>,
  ...more: string[]
): BadInput {
  return {
    name,
    code,
    run({ market }) {
      const given = { market, sell: 'WETH', buy: 'USDC', amount: '1000000000000000000', ...over }
      const options = Object.entries(given).flatMap(([option, value]) => [`--${option}=${value}`])
      return refusal('quote', ...options, ...more)
    },
  }
}

/** A quote on a spoilt copy of the market. */
function spoilt(name: string, code: string, change: Change): BadInput {
  return {
    name,
    code,
    async run({ spoil }) {
      const market = await spoil(name.replaceAll(' ', '-'), change)
      return refusal(
        'quote',
        '--market',
        market,
        '--sell',
        'WETH',
        '--buy',
        'USDC',
        '--amount',
        '1',
      )
    },
  }
}

/** Runs `command` on a changed copy of the world's bundle. */
function bundle(name: string, code: string, command: string, change: Change): BadInput {
  return {
    name,
    code,
    async run({ bundle: path, folder }: BadWorld) {
      const copy = join(folder, 'spoilt-bundle.json')
      await writeFile(copy, change(await readFile(path, 'utf8')))
      return refusal(command, copy)
    },
  }
}

function signWith(
  name: string,
  code: string,
  over: Record<string, string>,
  key?: string,
): BadInput {
  const valid = { sell: 'WETH', buy: 'USDC', amount: '1', limit: '1', settlement: owner, ...over }
  const options = Object.entries(valid).map(([option, value]) => `--${option}=${value}`)
  return {
    name,
    code,
    async run() {
      const before = process.env['ISOPRICE_OWNER_KEY']
      if (key === undefined) delete process.env['ISOPRICE_OWNER_KEY']
      else process.env['ISOPRICE_OWNER_KEY'] = key
      try {
        return await refusal('sign', ...options)
      } finally {
        if (before === undefined) delete process.env['ISOPRICE_OWNER_KEY']
        else process.env['ISOPRICE_OWNER_KEY'] = before
      }
    },
  }
}

/** A snapshot of the world's pools from `rpc`, the world's own node when absent. */
function snapshotFrom(
  name: string,
  code: string,
  rpc: string | undefined,
  ...more: string[]
): BadInput {
  return {
    name: `snapshot from ${name}`,
    code,
    run({ line, market, folder }) {
      const out = join(folder, 'never.json')
      const url = rpc ?? line.net.served.url
      return refusal('snapshot', '--rpc', url, '--pools', market, '--out', out, ...more)
    },
  }
}

const key = `0x${'11'.repeat(32)}`
const firstPool = /"kind":"uniswapV2","id":"(0x[0-9a-f]{40})"/

/** The market with one more token that no pool holds. */
function withLoneToken(text: string): string {
  const market = JSON.parse(text) as { tokens: object[] }
  market.tokens.push({ address: `0x${'ff'.repeat(20)}`, symbol: 'LONE', decimals: '18' })
  return JSON.stringify(market)
}

/** Cases of the commands. */
export const cliCases: readonly BadInput[] = [
  quoteWith('unknown symbol', 'market.unknown-token', { sell: 'NOSUCH' }),
  quoteWith('unknown address', 'market.unknown-token', { buy: owner }),
  quoteWith('empty symbol', 'market.unknown-token', { buy: '' }),
  quoteWith('same token', 'route.same-token', { buy: 'WETH' }),
  quoteWith('zero amount', 'route.amount-out-of-range', { amount: '0' }),
  quoteWith('negative amount', 'core.bad-integer', { amount: '-1' }),
  quoteWith('fractional amount', 'core.bad-integer', { amount: '1.5' }),
  quoteWith('hex amount', 'core.bad-integer', { amount: '0x10' }),
  quoteWith('amount with an exponent', 'core.bad-integer', { amount: '1e18' }),
  quoteWith('amount above uint128', 'route.amount-out-of-range', { amount: String(2n ** 128n) }),
  quoteWith('amount above uint256', 'core.bad-integer', { amount: String(2n ** 256n) }),
  {
    name: 'no route',
    code: 'cli.no-liquidity',
    async run({ spoil }) {
      const market = await spoil('lone-token', withLoneToken)
      return refusal(
        'quote',
        '--market',
        market,
        '--sell',
        'WETH',
        '--buy',
        'LONE',
        '--amount',
        '1',
      )
    },
  },
  quoteWith(
    'more than all liquidity',
    'cli.no-liquidity',
    { amount: String(10n ** 30n) },
    '--exact-out',
  ),
  quoteWith('gas price and no gas', 'cli.usage', { 'gas-price': '1' }, '--no-gas'),
  quoteWith('bad gas price', 'cli.usage', { 'gas-price': 'low' }),
  quoteWith('missing market file', 'market.snapshot-file', { market: '/nowhere/market.json' }),
  spoilt('market is no JSON', 'market.snapshot-corrupt', (text) => text.slice(0, -50)),
  spoilt('market of another format', 'market.snapshot-invalid', (text) =>
    text.replace('isoprice-market/1', 'isoprice-market/9'),
  ),
  spoilt('market with a JSON number', 'market.snapshot-invalid', (text) =>
    text.replace(/"chainId":"1"/, '"chainId":1'),
  ),
  spoilt('market with a pool twice', 'market.snapshot-invalid', (text) =>
    text.replace(/("id":")0x[0-9a-f]{40}("[^]*?"id":")(0x[0-9a-f]{40})/, '$1$3$2$3'),
  ),
  spoilt('market with a negative reserve', 'market.snapshot-invalid', (text) =>
    text.replace(/"reserves":\["/, '"reserves":["-'),
  ),
  spoilt('market with a wrong tick sum', 'market.snapshot-invalid', (text) =>
    text.replace(/"liquidity":"(\d+)"/, '"liquidity":"$11"'),
  ),
  spoilt('market with a price off its tick', 'market.snapshot-invalid', (text) =>
    text.replace(/"tick":"(-?\d+)"/, '"tick":"887000"'),
  ),
  spoilt('market with a bad pool id', 'market.snapshot-invalid', (text) =>
    text.replace(firstPool, '"kind":"uniswapV2","id":"0x12"'),
  ),
  spoilt('market with an unlisted token', 'market.snapshot-invalid', (text) =>
    text.replace(/"tokens":\["0x[0-9a-f]{40}"/, `"tokens":["${owner}"`),
  ),
  {
    name: 'market that is no gzip',
    code: 'market.snapshot-corrupt',
    async run({ folder }) {
      const path = join(folder, 'plain.json.gz')
      await writeFile(path, 'not gzip')
      return refusal('quote', '--market', path, '--sell', 'WETH', '--buy', 'USDC', '--amount', '1')
    },
  },
  spoilt('two tokens of one symbol', 'market.ambiguous-token', (text) =>
    text.replace('"symbol":"USDT"', '"symbol":"USDC"'),
  ),
  {
    name: 'trade line that is no JSON',
    code: 'cli.input-file',
    async run({ folder, market }) {
      const path = join(folder, 'trades.jsonl')
      await writeFile(path, 'not json\n')
      return refusal('quotes', '--market', market, '--trades', path)
    },
  },
  bundle('bundle that is no JSON', 'route.bundle-format', 'verify', () => '{'),
  bundle('bundle with a raised output', 'route.bundle-digest', 'replay', (text) =>
    text.replace(/"amountOut":"(\d+)"/, '"amountOut":"9$1"'),
  ),
  bundle('bundle with a changed pool', 'route.bundle-digest', 'verify', (text) =>
    text.replace(/"reserves":\["(\d)/, '"reserves":["9$1'),
  ),
  {
    name: 'blocks of no recording',
    code: 'cli.input-file',
    run: () => refusal('blocks', '/nowhere'),
  },
  {
    name: 'record from a dead node',
    code: 'chain.unreachable',
    run: () => refusal('record', '--rpc', 'http://127.0.0.1:9', '--out', '/nowhere/tape.json'),
  },
  signWith('sign without a key', 'cli.key-missing', {}),
  signWith('sign with a malformed key', 'cli.key-missing', {}, '0x12'),
  signWith('sign for a bad settlement', 'cli.usage', { settlement: '0x12' }, key),
  signWith('sign an unknown symbol', 'cli.usage', { sell: 'WETHH' }, key),
  signWith('sign for a time that is past', 'cli.usage', { 'valid-to': '1000000000' }, key),
  signWith('sign nothing', 'intents.amount-zero', { amount: '0' }, key),
  signWith('sign a gift', 'intents.amount-zero', { limit: '0' }, key),
  signWith('sign a rising limit', 'intents.limit-rises', { 'limit-end': '2' }, key),
  signWith('sign a token for itself', 'intents.same-token', { buy: 'WETH' }, key),
  signWith(
    'sign more than uint128',
    'intents.amount-too-large',
    { amount: String(2n ** 128n) },
    key,
  ),
  snapshotFrom('a dead node', 'chain.unreachable', 'http://127.0.0.1:9'),
  snapshotFrom('a block that is not mined', 'cli.usage', undefined, '--block', '99999999'),
  {
    name: 'unknown command',
    code: 'cli.usage',
    run: () => refusal('quoet'),
  },
  {
    name: 'required option missing',
    code: 'cli.usage',
    run: () => refusal('quote'),
  },
  {
    name: 'seed that is no number',
    code: 'cli.usage',
    run: () => refusal('localnet', '--seed', 'abc'),
  },
  {
    name: 'blocks too slow',
    code: 'cli.usage',
    run: () => refusal('localnet', '--slot-seconds', '0'),
  },
  {
    name: 'serve without relay',
    code: 'cli.usage',
    run: () => refusal('serve', '--rpc', 'http://127.0.0.1:9'),
  },
]
