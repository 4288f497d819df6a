/** A report as one HTML page without scripts or outside references, and as JSON. */
import { toJson } from '../core/units.ts'
import { type Report, type SettledIntent, savingsBps } from './report.ts'
import { drawRouteSvg, escapeXml } from './routeSvg.ts'
import { amountText, drawRouteText, type RouteNames } from './routeText.ts'

/** `out/report.json`: the rows that other programs read, every integer as decimal text. */
export function renderJson(report: Report): string {
  const intents = report.intents.map((intent) => ({
    hash: intent.hash,
    owner: intent.owner,
    sellToken: intent.sellToken,
    buyToken: intent.buyToken,
    sold: intent.sold,
    quoted: intent.quoted,
    received: intent.received,
    bestSinglePool: intent.quote.bestSinglePool,
    savingsBps: savingsBps(intent),
    gapBps: intent.quote.gapBps,
    priceImpactBps: intent.quote.priceImpactBps,
    gasUsed: intent.gasUsed,
    channel: intent.channel,
    block: intent.block,
    transaction: intent.transaction,
    legs: intent.quote.route.legs,
    digest: intent.bundle.digest,
  }))
  return `${toJson({ ...report, intents }, 2)}\n`
}

/** `out/report.html`: a table of all intents, then each with its route drawn. Numbers are those of the JSON. */
export function renderHtml(report: Report, names: RouteNames): string {
  const rows = report.intents.map((intent) => summaryRow(intent, names)).join('')
  const sections = report.intents.map((intent) => section(intent, names)).join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>isoprice report</title><style>${style}</style></head><body><main>
<h1>isoprice report</h1>
<p class="lead">${lead(report)}</p>
<table><thead><tr><th>intent</th><th>sold</th><th>received</th><th>quoted = received</th><th>over best single pool</th><th>gap</th><th>legs</th><th>gas</th><th>block</th><th>channel</th></tr></thead><tbody>${rows}</tbody></table>
${sections}</main></body></html>
`
}

function lead({ intents, savingsBps: saved, comparable, certifiedGapBps }: Report): string {
  if (intents.length === 0) return 'Nothing settled yet.'
  const savings =
    comparable === 0
      ? 'none has a single pool to compare with'
      : `<b>${saved.toFixed(2)} bps</b> above the best single pool, before gas, by value over the ${comparable} that have one`
  return `<b>${intents.length}</b> intents settled · ${savings} · every plan proven within <b>${certifiedGapBps.toFixed(4)} bps</b> of the best one, net of gas at the price it was planned at`
}

function summaryRow(intent: SettledIntent, names: RouteNames): string {
  const saved = savingsBps(intent)
  const cells = [
    `<a href="#${intent.hash}">${intent.hash.slice(0, 10)}…</a>`,
    escapeXml(amountText(intent.sold, intent.sellToken, names)),
    escapeXml(amountText(intent.received, intent.buyToken, names)),
    intent.quoted === intent.received
      ? 'yes, to the wei'
      : `no: ${intent.received - intent.quoted}`,
    saved === undefined ? 'no single pool' : `${saved.toFixed(2)} bps`,
    `${intent.quote.gapBps.toFixed(4)} bps`,
    String(intent.quote.route.legs.length),
    intent.gasUsed.toLocaleString('en-US'),
    String(intent.block),
    escapeXml(intent.channel),
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function section(intent: SettledIntent, names: RouteNames): string {
  const picture = drawRouteSvg(intent.quote.route, names) ?? ''
  const text = drawRouteText(intent.quote.route, names).map(escapeXml).join('\n')
  const title = `${amountText(intent.sold, intent.sellToken, names)} → ${amountText(intent.received, intent.buyToken, names)}`
  return `<section id="${intent.hash}"><h2>${escapeXml(title)}</h2>
<p class="ids">intent ${intent.hash}<br>transaction ${intent.transaction}<br>bundle ${intent.bundle.digest}<br>price impact ${intent.quote.priceImpactBps.toFixed(2)} bps after fees</p>
${picture}<details><summary>legs in exact amounts</summary><pre>${text}</pre></details></section>`
}

const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#667;--line:#d9dee6;--page:#fbfcfd}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa3b2;--line:#333c49;--page:#14181e}}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:0 0 6px}
.lead{color:var(--soft)}.ids{font:12px/1.5 ui-monospace,monospace;color:var(--soft);word-break:break-all}
table{border-collapse:collapse;width:100%;font-size:13px;display:block;overflow-x:auto}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
section{margin-top:28px;padding-top:16px;border-top:1px solid var(--line)}
svg{width:100%;height:auto}svg .token{fill:var(--ink)}svg .symbol{fill:var(--ink);font:600 13px system-ui}
svg .leg{fill:var(--ink);font:11px system-ui}pre{overflow-x:auto;font-size:12px}
`
