/**
 * Our router and others on the same markets, each in its own process; every plan is run again in exact integers.
 * `npm run bench:routers [-- --quick] [-- --json] [-- --only ROUTERS] [-- --markets MARKETS] [-- --out FOLDER]`.
 *
 * The first run installs the other routers beside this file (Node's own package manager, exact versions).
 * A full run writes bench/results/routers and the tables of docs/routing.md; a quick one only where `--out` says.
 */
import { execFileSync, fork } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type RouterName, isRouterName, routers } from './adapters/index.ts'
import type { Report } from './plan.ts'
import { withTables } from './markdown.ts'
import { tableOf } from './report.ts'
import { type Result, type RouterRun, compare } from './compare.ts'
import { speedOf } from './speed.ts'
import { type UniverseSpec, openUniverse, universeSpecs } from './universes.ts'
import { writeResults } from './write.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const docsPage = fileURLToPath(new URL('../../docs/routing.md', import.meta.url))
const resultsFolder = fileURLToPath(new URL('../results/routers/', import.meta.url))
/** Wei per gas unit: none, and the ten gwei of the goals. */
const gasPrices = [0n, 10n ** 10n] as const

async function main(): Promise<void> {
  const isQuick = process.argv.includes('--quick')
  const only = optionOf('--only')?.split(',')
  const names = Object.keys(routers)
    .filter(isRouterName)
    .filter((name) => only?.includes(name) ?? true)
  if (names.some((name) => !routers[name].isOurs)) install()
  const results: Result[] = []
  const markets = optionOf('--markets')?.split(',')
  for (const spec of universeSpecs(isQuick)) {
    if (markets?.includes(spec.name) === false) continue
    const universe = await openUniverse(spec)
    const runs: RouterRun[] = []
    for (const name of names) {
      const run = await runRouter(name, spec, timeLimitMs(isQuick))
      say(
        `${spec.name}  ${name}: ${run.answers.length} answers${run.fault ? `, ${run.fault}` : ''}`,
      )
      runs.push(run)
    }
    for (const gasPrice of gasPrices) results.push(compare(universe, runs, gasPrice))
  }
  const isWhole = !isQuick && only === undefined && markets === undefined
  const folder = optionOf('--out') ?? (isWhole ? resultsFolder : undefined)
  if (folder !== undefined) await writeResults(folder, results)
  if (folder === resultsFolder) await writeDocs(results)
  console.log(
    process.argv.includes('--json')
      ? JSON.stringify(results)
      : `${tableOf(results)}\n\n${speedOf(results)}`,
  )
}

function timeLimitMs(isQuick: boolean): number {
  return isQuick ? 30_000 : 150_000
}

/** Runs one router on one market in a process of its own, and ends it when its time is over. */
function runRouter(name: RouterName, spec: UniverseSpec, limitMs: number): Promise<RouterRun> {
  const args = [name, JSON.stringify(spec), JSON.stringify(gasPrices.map(String))]
  const child = fork(`${here}child.ts`, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  return new Promise((resolve) => {
    const run: RouterRun = { name, answers: [], pools: undefined, rssBytes: undefined, isFit: true }
    let isDone = false
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, limitMs)
    // Its messages are what `child.ts` sends.
    child.on('message', (report: Report) => {
      if (report.type === 'answer') run.answers.push(report)
      if (report.type === 'open') run.pools = report.pools
      if (report.type === 'unfit') run.isFit = false
      if (report.type === 'end') run.rssBytes = report.rssBytes
      if (report.type === 'end' || report.type === 'unfit') isDone = true
    })
    child.on('exit', (code) => {
      clearTimeout(timer)
      if (isLate) run.fault = `stopped after ${limitMs / 1_000} s`
      else if (!isDone) run.fault = `ended with code ${code}`
      resolve(run)
    })
  })
}

/** Puts the tables of a full run into the page that explains them. */
async function writeDocs(results: readonly Result[]): Promise<void> {
  await writeFile(docsPage, withTables(await readFile(docsPage, 'utf8'), results))
}

/** Installs the locked packages unless they are there, from this lock or a later one. */
function install(): void {
  const installed = `${here}node_modules/.package-lock.json`
  const writtenMs = (path: string) => statSync(path).mtimeMs
  if (existsSync(installed) && writtenMs(installed) >= writtenMs(`${here}package-lock.json`)) return
  say('installing the other routers')
  // Their install scripts are not needed.
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
}

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

function say(line: string): void {
  console.error(line)
}

await main()
