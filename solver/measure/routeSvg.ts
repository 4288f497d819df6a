/** A route as a Sankey diagram in SVG: tokens are nodes, legs are bands as wide as their share of the trade. */
import { sankey, sankeyLinkHorizontal } from 'd3-sankey'
import type { Address } from '../core/hex.ts'
import { shownSymbol } from '../core/token.ts'
import type { Leg, Route } from '../route/route.ts'
import { amountText, nodeOf, type RouteNames, venueText } from './routeText.ts'

type Node = { readonly id: Address }
type Link = { readonly leg: Leg; readonly source: number; readonly target: number; value: number }

const width = 860
const rowHeight = 44
const palette = [
  '#3b6fb6',
  '#2a9d8f',
  '#e9a03b',
  '#c8553d',
  '#7b5ea7',
  '#5b8c5a',
  '#b5651d',
  '#4a7c8c',
]

/**
 * The picture of `route`, a complete `<svg>` element without scripts or outside references.
 * A plan on credit has loops, which a Sankey diagram cannot show: it gives `undefined`.
 */
export function drawRouteSvg(route: Route, names: RouteNames): string | undefined {
  if (route.credit || route.legs.length === 0) return undefined
  const ends = route.legs.flatMap(({ tokenIn, tokenOut }) => [tokenIn, tokenOut])
  const ids = [...new Set(ends.map((token) => nodeOf(token, names)))]
  const height = Math.max(120, route.legs.length * rowHeight)
  const layout = sankey<Node, Link>()
    .nodeWidth(14)
    .nodePadding(18)
    .extent([
      [8, 12],
      [width - 8, height - 12],
    ])
  const graph = layout({ nodes: ids.map((id) => ({ id })), links: shares(route, ids, names) })
  const band = sankeyLinkHorizontal<Node, Link>()
  const links = graph.links.map((link, index) => {
    const title = `${venueText(link.leg, names)}: ${amountText(link.leg.amountIn, link.leg.tokenIn, names)} → ${amountText(link.leg.amountOut, link.leg.tokenOut, names)}`
    const colour = palette[index % palette.length] ?? '#888'
    const middle = ((link.y0 ?? 0) + (link.y1 ?? 0)) / 2
    const path = `<path d="${band(link) ?? ''}" fill="none" stroke="${colour}" stroke-opacity="0.45" stroke-width="${Math.max(1.5, link.width ?? 0).toFixed(2)}"><title>${escapeXml(title)}</title></path>`
    const words = escapeXml(`${(link.value * 100).toFixed(1)} % ${venueText(link.leg, names)}`)
    const label = `<text x="${labelX(link, index).toFixed(1)}" y="${(middle + 4).toFixed(1)}" text-anchor="middle" class="leg">${words}</text>`
    return { path, label }
  })
  const nodes = graph.nodes.map((node) => {
    const [x0, x1, y0, y1] = [node.x0 ?? 0, node.x1 ?? 0, node.y0 ?? 0, node.y1 ?? 0]
    const symbol = names.tokens.get(node.id)?.symbol ?? node.id.slice(0, 8)
    const atEnd = x1 > width - 60
    return (
      `<rect x="${x0.toFixed(1)}" y="${y0.toFixed(1)}" width="${(x1 - x0).toFixed(1)}" height="${Math.max(1, y1 - y0).toFixed(1)}" class="token"/>` +
      `<text x="${(atEnd ? x0 - 6 : x1 + 6).toFixed(1)}" y="${Math.min(y0 + 14, height - 4).toFixed(1)}" text-anchor="${atEnd ? 'end' : 'start'}" class="symbol">${escapeXml(shownSymbol(symbol))}</text>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="route">${links.map(({ path }) => path).join('')}${nodes.join('')}${links.map(({ label }) => label).join('')}</svg>`
}

/** Each leg's share of the whole trade, from 0 to 1: its share of its token, times that token's share. */
function shares(route: Route, ids: readonly Address[], names: RouteNames): Link[] {
  const legs = route.legs.map((leg) => {
    return { leg, from: nodeOf(leg.tokenIn, names), to: nodeOf(leg.tokenOut, names) }
  })
  const taken = new Map<Address, bigint>()
  for (const { leg, from } of legs) taken.set(from, (taken.get(from) ?? 0n) + leg.amountIn)
  const first = legs[0]?.from
  const arrived = new Map<Address, number>(first === undefined ? [] : [[first, 1]])
  return legs.map(({ leg, from, to }) => {
    const whole = taken.get(from) ?? 1n
    const ofToken = whole === 0n ? 0 : Number((leg.amountIn * 1_000_000n) / whole) / 1_000_000
    const value = ofToken * (arrived.get(from) ?? 0)
    arrived.set(to, (arrived.get(to) ?? 0) + value)
    return { leg, source: ids.indexOf(from), target: ids.indexOf(to), value }
  })
}

/** Half of a long label: it must not run over the ends of its band. */
const labelReach = 115

/** Where a band's label stands: neighbours apart, so that two at one height do not cover each other. */
function labelX({ source, target }: { source: unknown; target: unknown }, index: number): number {
  const { x1 = 0 } = source as { x1?: number }
  const { x0 = width } = target as { x0?: number }
  const middle = (x1 + x0) / 2
  const room = Math.max(0, (x0 - x1) / 2 - labelReach)
  const shift = ((index % 3) - 1) * 70
  return middle + Math.max(-room, Math.min(room, shift))
}

/** `text` with the five characters that XML gives a meaning replaced: token symbols are untrusted. */
export function escapeXml(text: string): string {
  const names: Record<string, string> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  }
  return text.replace(/[&<>"']/g, (character) => `&${names[character] ?? ''};`)
}
