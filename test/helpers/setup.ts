/**
 * Runs before every test file: how many runs a property gets, and from which seed.
 *
 * The default run is the same on every machine, so a red build is red again when it is looked at. The long
 * campaign draws new seeds; `FC_SEED` replays one that a failure printed.
 */
import * as fc from 'fast-check'

const defaultSeed = 20_260_101
const isLong = process.env['ISOPRICE_LONG'] === '1'
const seed = process.env['FC_SEED'] ?? (isLong ? undefined : String(defaultSeed))

fc.configureGlobal({
  numRuns: Number(process.env['FC_NUM_RUNS'] ?? 2_000),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
})
