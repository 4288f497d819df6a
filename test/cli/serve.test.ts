/** `isoprice serve` and `localnet` as processes: they say where they are, answer there, and end when asked to. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'mocha'

const main = fileURLToPath(new URL('../../solver/cli/main.ts', import.meta.url))
/** What both commands print; `rpc` is the node of `serve`, `url` that of `localnet`. */
type Facts = { readonly url: string; readonly settlement: string; readonly rpc: string }
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

async function rpc(url: string, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
  const response = await fetch(url, { method: 'POST', body })
  return ((await response.json()) as { result: unknown }).result
}

describe('cli.serve', () => {
  it('says where it serves, is ready there, and exits 0 on an interrupt', async () => {
    const code = await whileRunning(['serve', '--port', '0', '--json'], async (facts) => {
      assert.match(facts.settlement, /^0x[0-9a-f]{40}$/)
      const ready = await fetch(`${facts.url}/readyz`)
      assert.equal(ready.status, 200)
      assert.equal(await rpc(facts.rpc, 'eth_chainId'), '0x1')
    })
    assert.equal(code, 0)
  })
})

describe('cli.localnet', () => {
  it('says what is where in one line, makes blocks, and exits 0 on an interrupt', async () => {
    const argv = ['localnet', '--port', '0', '--slot-seconds', '0.2', '--json']
    const code = await whileRunning(argv, async ({ url }) => {
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
