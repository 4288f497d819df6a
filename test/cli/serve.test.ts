/** `isoprice serve` and `localnet` as processes: they say where they are, answer there, and end when asked to. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'mocha'
import { privateKeyToAddress } from 'viem/accounts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, type Hex, toAddress } from '../../solver/core/hex.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import { createMarketFiles } from '../helpers/marketFiles.ts'

const main = fileURLToPath(new URL('../../solver/cli/main.ts', import.meta.url))
const anyMarket = fileURLToPath(new URL('../../examples/market.json', import.meta.url))
/** What both commands print; `rpc` is the node of `serve`, `url` that of `localnet`. */
type Facts = {
  readonly url: string
  readonly settlement: string
  readonly rpc: string
  readonly owner: Address
  readonly owners: readonly { readonly address: Address; readonly privateKey: Hex }[]
}
type Child = ChildProcessByStdio<null, Readable, null>

/** Starts a command, gives `use` its first line of JSON, then interrupts it and gives its exit code. */
async function whileRunning(argv: string[], use: (facts: Facts) => Promise<void>) {
  const child: Child = spawn(process.execPath, [main, ...argv], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit')
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    await use(JSON.parse(line) as Facts)
    child.kill('SIGINT')
    return ((await ended) as [number | null])[0]
  } finally {
    child.kill('SIGKILL')
  }
}

async function rpc(url: string, method: string, params: readonly unknown[] = []) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', body })
  return ((await response.json()) as { result: unknown }).result
}

/** The keys are those of the addresses, and each owner has what he was promised. */
async function requireFunded(node: string, { owner, owners }: Facts): Promise<void> {
  assert.deepEqual([owners.length, owners[0]?.address], [4, owner])
  const { WETH, USDC, DAI } = mainnetTokens
  for (const { address, privateKey } of owners) {
    assert.equal(toAddress(privateKeyToAddress(privateKey)), address)
    const balances = [WETH, USDC, DAI].map(async (token) => {
      const data = `0x70a08231${address.slice(2).padStart(64, '0')}`
      const answer = await rpc(node, 'eth_call', [{ to: token.address, data }, 'latest'])
      return BigInt(String(answer)) / 10n ** BigInt(token.decimals)
    })
    assert.deepEqual(await Promise.all(balances), [100n, 300_000n, 100_000n])
  }
}

describe('cli.serve', () => {
  it('says where it serves, is ready there, and exits 0 on an interrupt', async () => {
    const code = await whileRunning(['serve', '--port', '0', '--json'], async (facts) => {
      assert.match(facts.settlement, /^0x[0-9a-f]{40}$/)
      const ready = await fetch(`${facts.url}/readyz`)
      assert.equal(ready.status, 200)
      assert.equal(await rpc(facts.rpc, 'eth_chainId'), '0x1')
      await requireFunded(facts.rpc, facts)
    })
    assert.equal(code, 0)
  })
})

/** Starts `serve`, interrupts it in the way of a service manager when `begun` says so, and gives its exit code. */
async function interruptAt(argv: readonly string[], begun: (child: Started) => Promise<unknown>) {
  const keys = {
    ISOPRICE_SOLVER_KEY: `0x${'1'.repeat(64)}`,
    ISOPRICE_RELAY_KEY: `0x${'2'.repeat(64)}`,
  }
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...keys },
  })
  const ended = once(child, 'exit')
  try {
    await begun(child)
    child.kill('SIGTERM')
    return ((await ended) as [number | null])[0]
  } finally {
    child.kill('SIGKILL')
  }
}
type Started = ChildProcessByStdio<null, null, Readable>

describe('cli.serve that is interrupted while it starts', () => {
  it('exits 0 though its node never answers', async () => {
    const asked = Promise.withResolvers<void>()
    const node = createServer((request, response) => {
      let body = ''
      request.on('data', (more: Buffer) => (body += more.toString()))
      request.on('end', () => {
        const { id, method } = JSON.parse(body) as { id: number; method: string }
        if (method === 'eth_chainId')
          response.end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' }))
        else asked.resolve()
      })
    })
    await once(node.listen(0, '127.0.0.1'), 'listening')
    const { port } = node.address() as AddressInfo
    const world = `--rpc http://127.0.0.1:${port} --relay http://127.0.0.1:1 --pools ${anyMarket}`
    const argv = [...world.split(' '), '--settlement', `0x${'ab'.repeat(20)}`]
    assert.equal(await interruptAt(argv, () => asked.promise), 0)
    node.closeAllConnections()
    node.close()
  })

  it('exits 0 without ever serving while its local chain is being made', async () => {
    let log = ''
    const code = await interruptAt([], async ({ stderr }) => {
      stderr.setEncoding('utf8').on('data', (more: string) => (log += more))
      await once(stderr, 'data')
    })
    assert.equal(code, 0)
    assert.doesNotMatch(log, /error/)
  })
})

describe('cli.localnet', () => {
  it('says what is where in one line, makes blocks, and exits 0 on an interrupt', async () => {
    const files = await createMarketFiles()
    const market = `${files.folder}/local.json`
    const argv = ['localnet', '--port', '0', '--slot-seconds', '0.2', '--json']
    const code = await whileRunning([...argv, '--snapshot', market], async (facts) => {
      const { url } = facts
      await requireFunded(url, facts)
      const { view } = await loadSnapshot(market)
      assert.deepEqual([view.chainId, view.pools.size], [1, 38])
      await files.remove()
      const head = async () => BigInt(String(await rpc(url, 'eth_blockNumber')))
      const first = await head()
      for (let tries = 0; (await head()) === first; tries += 1) {
        assert.ok(tries < 200, 'no block was made')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })
    assert.equal(code, 0)
  })
})
