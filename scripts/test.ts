/**
 * `npm test`: the Solidity tests, then the TypeScript tests, then one line that counts both.
 *
 * `--long` turns on the long campaigns (100,000 fuzz runs, whole differential runs). The last line,
 * `N passed, N failed, N skipped`, is summed from the two runners' own counts.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import Mocha from 'mocha'

/** Counts as a runner reported them. */
type Counts = { passed: number; failed: number; skipped: number }

/** Suites that a file has been given as its own. */
const fenced = new WeakSet<Mocha.Suite>()
const hooks = ['_beforeAll', '_beforeEach', '_afterEach', '_afterAll'] as const

const long = process.argv.includes('--long')
const patterns = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (long) {
  process.env['ISOPRICE_LONG'] = '1'
  process.env['FUZZ_RUNS'] ??= '100000'
  process.env['INVARIANT_RUNS'] ??= '1000'
  process.env['FC_NUM_RUNS'] ??= '10000'
}

const solidity = patterns.length > 0 ? { passed: 0, failed: 0, skipped: 0 } : solidityTests()
const typescript = await typescriptTests(patterns.length > 0 ? patterns : ['test/**/*.test.ts'])
const passed = solidity.passed + typescript.passed
const failed = solidity.failed + typescript.failed
const skipped = solidity.skipped + typescript.skipped
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

/** Runs Hardhat's own runner and reads its closing counts; a run that dies early counts as one failure. */
function solidityTests(): Counts {
  const run = spawnSync('hardhat', ['test', 'solidity'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
  })
  process.stdout.write(run.stdout)
  process.stderr.write(run.stderr)
  const count = (word: string) =>
    Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(run.stdout)?.[1] ?? 0)
  const counts = { passed: count('passing'), failed: count('failing'), skipped: count('skipped') }
  const diedEarly = run.status !== 0 && counts.failed === 0
  const ranNothing = counts.passed + counts.failed === 0
  return diedEarly || ranNothing ? { ...counts, failed: counts.failed + 1 } : counts
}

/** Runs mocha in this process, so the counts are the runner's own. */
async function typescriptTests(globs: readonly string[]): Promise<Counts> {
  const mocha = new Mocha({ timeout: long ? 3_600_000 : 300_000, reporter: 'spec', color: false })
  mocha.addFile(resolve('test/helpers/setup.ts'))
  for (const file of globs.flatMap((glob) => globSync(glob)).sort()) mocha.addFile(resolve(file))
  mocha.suite.on('post-require', () => fence(mocha.suite))
  await mocha.loadFilesAsync()
  const stats = await new Promise<Mocha.Stats | undefined>((done) => {
    const runner = mocha.run(() => done(runner.stats))
  })
  return {
    passed: stats?.passes ?? 0,
    failed: stats?.failures ?? 1,
    skipped: stats?.pending ?? 0,
  }
}

/**
 * Moves what the file just loaded has put into `root` into a suite of its own: hooks at the top of a file are that
 * file's, as if it were run alone, and not everybody's.
 */
function fence(root: Mocha.Suite): void {
  const own = Mocha.Suite.create(root, '')
  own.root = true
  fenced.add(own)
  // Mocha keeps hooks under these names and has no public way to move them.
  const lists = [root, own] as unknown as readonly Record<(typeof hooks)[number], Mocha.Hook[]>[]
  for (const name of hooks)
    for (const hook of lists[0]?.[name].splice(0) ?? []) {
      hook.parent = own
      lists[1]?.[name].push(hook)
    }
  for (const suite of root.suites.filter((each) => !fenced.has(each))) {
    suite.parent = own
    own.suites.push(suite)
  }
  root.suites = root.suites.filter((each) => fenced.has(each))
}
