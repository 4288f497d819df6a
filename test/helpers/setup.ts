/** Runs before every test file: how many runs a property gets, and its seed in the failure message. */
import fc from 'fast-check'

fc.configureGlobal({
  numRuns: Number(process.env['FC_NUM_RUNS'] ?? 2_000),
  ...(process.env['FC_SEED'] ? { seed: Number(process.env['FC_SEED']) } : {}),
})
