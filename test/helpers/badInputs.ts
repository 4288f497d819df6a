/** Bad input at every door, each with the code that it must give. One world serves all cases. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { saveSnapshot } from '../../solver/market/snapshotFile.ts'
import { apiCases } from './badInputsApi.ts'
import { cliCases } from './badInputsCli.ts'
import { orderCases } from './badInputsOrders.ts'
import { runCli } from './cli.ts'
import { startLine, type TestLine, until } from './line.ts'

/** What a refusal said. */
export type Refusal = { readonly code: string | undefined; readonly hint: string | undefined }

/** One bad input: what is wrong with it, the code that must come, and how it is put in. */
export type BadInput = {
  readonly name: string
  readonly code: string
  run(world: BadWorld): Promise<Refusal>
}

/** Where the cases run: a line with one settled order, a snapshot file of its market, and files to spoil. */
export type BadWorld = {
  readonly line: TestLine
  /** A folder that goes away with the world. */
  readonly folder: string
  /** The market of the line as `isoprice-market/1`. */
  readonly market: string
  /** A bundle of a quote on it. */
  readonly bundle: string
  /** Writes a changed copy of the snapshot and gives its path. */
  spoil(name: string, change: (text: string) => string): Promise<string>
  close(): Promise<void>
}

/** All cases, door by door. */
export const badInputs: readonly BadInput[] = [...cliCases, ...orderCases, ...apiCases]

/** How one case went: the code that came, and whether nothing moved. */
export type BadInputResult = {
  readonly name: string
  readonly expected: string
  readonly code: string | undefined
  readonly hasHint: boolean
  readonly nothingMoved: boolean
}

/** Runs every case in one world and looks after each whether anything was sent or any balance changed. */
export async function runBadInputs(
  say: (line: string) => void,
): Promise<readonly BadInputResult[]> {
  const world = await createWorld()
  try {
    const results: BadInputResult[] = []
    for (const { name, code: expected, run } of badInputs) {
      const before = await fingerprint(world)
      const { code, hint } = await run(world)
      const nothingMoved = before === (await fingerprint(world))
      results.push({ name, expected, code, hasHint: (hint ?? '').length > 10, nothingMoved })
      if (code !== expected || !nothingMoved)
        say(`${name}: wanted ${expected}, got ${code}; moved: ${!nothingMoved}`)
    }
    return results
  } finally {
    await world.close()
  }
}

/** Everything that a wrongly accepted input would move: balances, account nonces, pools of waiting transactions. */
async function fingerprint({ line }: BadWorld): Promise<string> {
  const { viem } = line.client
  const parts: unknown[] = []
  for (const index of [0, 1, 2]) {
    const { address } = line.owner(index)
    parts.push(await viem.getTransactionCount({ address }), await viem.getBalance({ address }))
    for (const { address: token } of [mainnetTokens.WETH, mainnetTokens.USDC]) {
      const data = `0x70a08231${address.slice(2).padStart(64, '0')}` as const
      parts.push((await viem.call({ to: token, data })).data)
    }
  }
  const solver = line.options.solver.address
  parts.push(await viem.getTransactionCount({ address: solver }), line.net.served.pending())
  return JSON.stringify(parts, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

/** A line whose owner 0 has funds and one filled order (nonce 7), owner 1 funds without approval, owner 2 nothing. */
async function createWorld(): Promise<BadWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'isoprice-bad-'))
  const line = await startLine(0.25)
  const weth = mainnetTokens.WETH.address
  await line.fund(0, weth, 50n * 10n ** 18n)
  await line.net.fund(toAddress(line.owner(1).address), weth, 10n ** 19n)
  line.run()
  await line.engine.accept(await line.sign(0, { nonce: 7n }))
  await until(() => line.settled.length === 1, 30, 'the first settlement')
  const market = join(folder, 'market.json.gz')
  await saveSnapshot(market, toSnapshot(line.engine.view()))
  const text = (await promisify(gunzip)(await readFile(market))).toString()
  const bundle = join(folder, 'bundle.json')
  await runCli(
    'quote',
    '--market',
    market,
    '--sell',
    'WETH',
    '--buy',
    'USDC',
    '--amount',
    '1000000000000000000',
    '--bundle',
    bundle,
  )
  return {
    line,
    folder,
    market,
    bundle,
    async spoil(name, change) {
      const path = join(folder, `${name}.json.gz`)
      await writeFile(path, await promisify(gzip)(change(text)))
      return path
    },
    async close() {
      await line.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
