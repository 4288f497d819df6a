/** The form of one acceptance check, and where the recorded data lie. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What one run of a check saw. */
export type Verdict = {
  readonly ok: boolean
  /** The measured number in a few words, for example `0 differences in 30,000 swaps`. */
  readonly figure: string
}

/** One line of an issue or of the requirements, run by `npm run accept -- <id>`. */
export type AcceptCheck = {
  readonly id: string
  /** The number to reach, in a few words. */
  readonly threshold: string
  /** True when the check reads the recorded data that a clone does not have. */
  readonly needsSharedData?: boolean
  /** `say` takes progress for a person; it goes to stderr. */
  run(say: (line: string) => void): Promise<Verdict>
}

/** The folder of recorded chain and market data, beside the checkout; absent in most clones. */
export const sharedData = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** True when the recorded data are there. */
export const hasSharedData = existsSync(sharedData)
