/** Plain SVG plots with logarithmic axes. */

/** One named set of points. */
export type Series = {
  readonly title: string
  readonly colour: string
  /** Both above 0; others are drawn at the axis. */
  readonly points: readonly (readonly [number, number])[]
  /** True to join the points in their order. */
  readonly isLine?: boolean
}

/** What a plot shows. */
export type Plot = {
  readonly title: string
  readonly xTitle: string
  readonly yTitle: string
  /** Smallest values shown; what is below is drawn there. */
  readonly xMin: number
  readonly yMin: number
  readonly series: readonly Series[]
}

const width = 760
const height = 420
const frame = { left: 74, right: 210, top: 40, bottom: 52 } as const

/** The plot as an SVG document. Pure. */
export function svgOf(plot: Plot): string {
  const xs = axisOf(
    plot.series.flatMap(({ points }) => points.map(([x]) => x)),
    plot.xMin,
  )
  const ys = axisOf(
    plot.series.flatMap(({ points }) => points.map(([, y]) => y)),
    plot.yMin,
  )
  const x = (value: number) => round(frame.left + xs.at(value) * (width - frame.left - frame.right))
  const y = (value: number) =>
    round(height - frame.bottom - ys.at(value) * (height - frame.top - frame.bottom))
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(frame.left, 22, plot.title, 'font-size="14"'),
    ...xs.marks.flatMap((mark) => [
      line([x(mark), frame.top], [x(mark), height - frame.bottom], '#ddd'),
      text(x(mark), height - frame.bottom + 16, label(mark), 'text-anchor="middle"'),
    ]),
    ...ys.marks.flatMap((mark) => [
      line([frame.left, y(mark)], [width - frame.right, y(mark)], '#ddd'),
      text(frame.left - 6, y(mark) + 4, label(mark), 'text-anchor="end"'),
    ]),
    text((frame.left + width - frame.right) / 2, height - 14, plot.xTitle, 'text-anchor="middle"'),
    text(frame.left, 36, plot.yTitle, 'font-size="11" fill="#555"'),
    // The first series is drawn last, above the others.
    ...plot.series.toReversed().flatMap((series) => marksOf(series, x, y)),
    ...plot.series.flatMap((series, index) => [
      `<circle cx="${width - frame.right + 16}" cy="${frame.top + 10 + 20 * index}" r="4" fill="${series.colour}"/>`,
      text(width - frame.right + 26, frame.top + 14 + 20 * index, series.title),
    ]),
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}

function marksOf(
  { points, colour, isLine = false }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const path = points.map((point) => `${x(point[0])},${y(point[1])}`).join(' ')
  const dots = points.map(
    (point) =>
      `<circle cx="${x(point[0])}" cy="${y(point[1])}" r="3" fill="${colour}" fill-opacity="0.75"/>`,
  )
  return isLine
    ? [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`, ...dots]
    : dots
}

/** A logarithmic axis of whole decades around `values`. */
function axisOf(values: readonly number[], min: number) {
  const low = Math.floor(Math.log10(Math.max(min, Math.min(...values, Infinity))))
  const most = Math.max(...values.filter(Number.isFinite), 10 * min)
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)))
  const marks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const bottom = 10 ** low
  return {
    marks,
    at: (value: number) => (Math.log10(Math.max(bottom, value)) - low) / (high - low),
  }
}

function line(from: readonly number[], to: readonly number[], colour: string): string {
  return `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" stroke="${colour}"/>`
}

function text(x: number, y: number, words: string, style = ''): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${round(x)}" y="${round(y)}" ${style}>${safe}</text>`
}

function label(value: number): string {
  return value >= 1e-3 && value < 1e5
    ? String(Number(value.toPrecision(1)))
    : value.toExponential(0)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
