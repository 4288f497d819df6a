/**
 * `npm start`: the whole line on a local mainnet, from an empty folder to checked numbers.
 *
 * Chain up, market read, quotes with their certificates, signed intents, private settlement, received equal to
 * quoted on the receivers' balances, a replay of each quote, and `out/report.{json,html}`. On a terminal it
 * stays up and serves the page; without one, or with CI=1, it exits: 0 when every check held, 1 otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { serveApi } from '../solver/api/server.ts'
import { formatAmount } from '../solver/core/units.ts'
import { type Line, connectLine } from '../solver/engine/connect.ts'
import { type Localnet, startLocalnet } from '../solver/localnet/localnet.ts'
import type { MarketView } from '../solver/market/view.ts'
import { renderHtml, renderJson } from '../solver/measure/renderHtml.ts'
import { createReport, savingsBps, type SettledIntent } from '../solver/measure/report.ts'
import { amountText, drawRouteText } from '../solver/measure/routeText.ts'
import { replayBundle } from '../solver/route/bundle.ts'
import { verifyCertificate } from '../solver/route/verify.ts'
import { createWatcher } from '../test/helpers/watcher.ts'
import { balanceAt, fundOwner, type Placed, placeIntent, type Trade, trades } from './storyline.ts'

const started = performance.now()
const faults: string[] = []
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
const stays = process.stdout.isTTY && process.env['CI'] === undefined

const net = await startLocalnet({ slotSeconds: 1, say })
const watcher = await createWatcher(net.served)
for (const [index, trade] of trades.entries()) await fundOwner(net, trade, index)
await waitFor('the approvals', () => Promise.resolve(net.served.pending().public === 0))

const settled: SettledIntent[] = []
const line = await connectLine(lineOptions(net))
const loop = line.engine.run(stop.signal)
describeMarket(line.engine.view())
for (const [index, trade] of trades.entries()) {
  const placed = await place(line, trade, index)
  await waitFor('a settlement', () => Promise.resolve(settled.length > index))
  const intent = settled[index]
  if (intent !== undefined) await checkSettled(line, intent, placed)
}
await checkPrivacy()
for (const intent of settled) replay(intent)
const report = createReport(settled, line.engine.view().tokens)
mkdirSync('out', { recursive: true })
writeFileSync('out/report.json', renderJson(report))
writeFileSync('out/report.html', renderHtml(report, line.engine.view()))
say(
  `report: ${settled.length} intents · ${report.savingsBps.toFixed(2)} bps over the best single pool before gas (${report.comparable} of ${settled.length} have one) · proven gap at most ${report.certifiedGapBps.toFixed(4)} bps net of gas · out/report.html`,
)
for (const fault of faults) say(`FAULT ${fault}`)
if (stays) await stayUp(line)
stop.abort()
await loop
await line.close()
await watcher.close()
await net.close()
process.exit(faults.length === 0 && settled.length >= 3 ? 0 : 1)

function say(text: string): void {
  console.log(`${((performance.now() - started) / 1_000).toFixed(1).padStart(5)} s  ${text}`)
}

function lineOptions({ chain, served, settlement }: Localnet) {
  return {
    rpcUrls: [served.url],
    relayUrls: served.relayUrls,
    settlement,
    solver: privateKeyToAccount(chain.accounts.solver.privateKey),
    relaySigner: privateKeyToAccount(chain.accounts.auctioneer.privateKey),
    pools: chain.pools,
    pollMs: 50,
    say,
    onSettled: (intent: SettledIntent) => settled.push(intent),
  }
}

function describeMarket(view: MarketView): void {
  const kinds = Map.groupBy(view.pools.values(), ({ kind }) => kind)
  const counts = [...kinds].map(([kind, pools]) => `${pools.length} ${kind}`).join(', ')
  say(`market: ${counts} at block ${view.block?.number}`)
}

async function place({ engine }: Line, trade: Trade, index: number): Promise<Placed> {
  const intent = await placeIntent(engine, net, trade, index)
  const { quote, bundle, signed } = intent
  const view = engine.view()
  const single = quote.bestSinglePool
  const token = view.tokens.get(quote.request.tokenOut)
  const text = (amount: bigint) => formatAmount(amount, token?.decimals ?? 0)
  const than = single === undefined ? 'no single pool' : `best single ${text(single.amountOut)}`
  say(
    `quote ${trade.whole.toLocaleString('en-US')} ${trade.sell} → ${trade.buy} · ${than} · split ${text(quote.amountOut)} · gap ≤ ${quote.gapBps.toFixed(4)} bps`,
  )
  for (const row of drawRouteText(quote.route, view)) console.log(`           ${row}`)
  const check = verifyCertificate(bundle)
  if (!check.valid) faults.push(`certificate of ${bundle.digest}: ${check.reason}`)
  say(`signed EIP-712 ${signed.digest.slice(0, 18)}… · ${signed.funding}`)
  return intent
}

/** Received is read from the receiver's balances around the block, not from the contract's own event. */
async function checkSettled(
  { client, engine }: Line,
  intent: SettledIntent,
  { signed, quote }: Placed,
): Promise<void> {
  const { buyToken: token, owner, block, received } = intent
  // What was shown before signing: nothing traded in between, so the plan found then is the one settled.
  const quoted = quote.amountOut
  const after = await balanceAt(client.viem, token, owner, block)
  const gained = after - (await balanceAt(client.viem, token, owner, block - 1n))
  if (
    signed.digest !== intent.hash ||
    gained !== quoted ||
    received !== quoted ||
    intent.quoted !== quoted
  )
    faults.push(`${intent.hash}: quoted ${quoted}, credited ${received}, balance rose by ${gained}`)
  const saved = savingsBps(intent)
  say(
    `settled ${intent.hash.slice(0, 18)}… block ${block} · received ${amountText(gained, token, engine.view())} (quoted ${gained === quoted ? 'the same, to the wei' : quoted}) · ${saved === undefined ? '' : `${saved.toFixed(2)} bps over the best single pool · `}gas ${intent.gasUsed}`,
  )
}

async function checkPrivacy(): Promise<void> {
  await watcher.poll()
  const sightings = watcher.sightings(settled.map(({ transaction }) => transaction))
  if (sightings > 0) faults.push(`${sightings} settlements were seen before inclusion`)
  if (watcher.total() < trades.length)
    faults.push('the watcher did not even see the public approvals')
  say(
    `privacy: a public watcher saw ${watcher.total()} approvals and ${sightings} of ${settled.length} settlements before inclusion`,
  )
}

function replay({ bundle }: SettledIntent): void {
  const { digest } = replayBundle(bundle)
  if (digest !== bundle.digest) faults.push(`replay of ${bundle.digest} gave ${digest}`)
  say(`replay ${bundle.digest} ${digest === bundle.digest ? '✓' : '✗'}`)
}

async function stayUp({ engine, telemetry }: Line): Promise<void> {
  const api = await serveApi(
    {
      engine,
      quotes: new Map(),
      report: () => createReport(settled, engine.view().tokens),
      telemetry,
    },
    4_000,
  )
  say(`open ${api.url} · node ${net.served.url} · relay ${net.served.relayUrl} · q quits`)
  process.stdin.setRawMode?.(true)
  process.stdin.resume()
  process.stdin.on('data', (key: Buffer) => {
    // q, or Ctrl-C, which a raw terminal passes on as a byte.
    if (key.toString() === 'q' || key[0] === 3) stop.abort()
  })
  await new Promise<void>((done) => stop.signal.addEventListener('abort', () => done()))
  await api.close()
}

/** Waits until `isDone`, at most 45 s; a wait that is too long is a fault, not a hang. */
async function waitFor(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 45_000
  while (!(await isDone())) {
    if (performance.now() > deadline || stop.signal.aborted) {
      faults.push(`waited too long for ${what}`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
