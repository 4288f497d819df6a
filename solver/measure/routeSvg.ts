/** A route as a Sankey diagram in SVG: tokens are nodes, legs are bands as wide as their share of the trade. */
import { sankey, sankeyLinkHorizontal } from 'd3-sankey'
import type { Address } from '../core/hex.ts'
import { shownSymbol } from '../core/token.ts'
import type { Leg, Route } from '../route/route.ts'
import { amountText, type RouteNames, venueText } from './routeText.ts'

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
  const ids = [...new Set(route.legs.flatMap(({ tokenIn, tokenOut }) => [tokenIn, tokenOut]))]
  const height = Math.max(120, route.legs.length * rowHeight)
  const layout = sankey<Node, Link>()
    .nodeWidth(14)
    .nodePadding(18)
    .extent([
      [8, 12],
      [width - 8, height - 12],
    ])
  const graph = layout({ nodes: ids.map((id) => ({ id })), links: shares(route, ids) })
  const band = sankeyLinkHorizontal<Node, Link>()
  const links = graph.links.map((link, index) => {
    const title = `${venueText(link.leg, names)}: ${amountText(link.leg.amountIn, link.leg.tokenIn, names)} → ${amountText(link.leg.amountOut, link.leg.tokenOut, names)}`
    const colour = palette[index % palette.length] ?? '#888'
    const middle = ((link.y0 ?? 0) + (link.y1 ?? 0)) / 2
    return (
      `<path d="${band(link) ?? ''}" fill="none" stroke="${colour}" stroke-opacity="0.45" stroke-width="${Math.max(1.5, link.width ?? 0).toFixed(2)}"><title>${escapeXml(title)}</title></path>` +
      `<text x="${bandLabelX(link).toFixed(1)}" y="${(middle + 4).toFixed(1)}" text-anchor="middle" class="leg">${escapeXml(`${(link.value * 100).toFixed(1)} % ${venueText(link.leg, names)}`)}</text>`
    )
  })
  const nodes = graph.nodes.map((node) => {
    const [x0, x1, y0, y1] = [node.x0 ?? 0, node.x1 ?? 0, node.y0 ?? 0, node.y1 ?? 0]
    const symbol = names.tokens.get(node.id)?.symbol ?? node.id.slice(0, 8)
    const atEnd = x1 > width - 60
    return (
      `<rect x="${x0.toFixed(1)}" y="${y0.toFixed(1)}" width="${(x1 - x0).toFixed(1)}" height="${Math.max(1, y1 - y0).toFixed(1)}" class="token"/>` +
      `<text x="${(atEnd ? x0 - 6 : x1 + 6).toFixed(1)}" y="${(y0 + 14).toFixed(1)}" text-anchor="${atEnd ? 'end' : 'start'}" class="symbol">${escapeXml(shownSymbol(symbol))}</text>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="route">${links.join('')}${nodes.join('')}</svg>`
}

/** Each leg's share of the whole trade, from 0 to 1: its share of its token, times that token's share. */
function shares(route: Route, ids: readonly Address[]): Link[] {
  const taken = new Map<Address, bigint>()
  for (const { tokenIn, amountIn } of route.legs)
    taken.set(tokenIn, (taken.get(tokenIn) ?? 0n) + amountIn)
  const first = route.legs[0]?.tokenIn
  const arrived = new Map<Address, number>(first === undefined ? [] : [[first, 1]])
  return route.legs.map((leg) => {
    const whole = taken.get(leg.tokenIn) ?? 1n
    const ofToken = whole === 0n ? 0 : Number((leg.amountIn * 1_000_000n) / whole) / 1_000_000
    const value = ofToken * (arrived.get(leg.tokenIn) ?? 0)
    arrived.set(leg.tokenOut, (arrived.get(leg.tokenOut) ?? 0) + value)
    return { leg, source: ids.indexOf(leg.tokenIn), target: ids.indexOf(leg.tokenOut), value }
  })
}

function bandLabelX(link: { source: unknown; target: unknown }): number {
  const { x1 = 0 } = link.source as { x1?: number }
  const { x0 = width } = link.target as { x0?: number }
  return (x1 + x0) / 2
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
