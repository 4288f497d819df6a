/** `main.badinput`: bad input at every door gives its own stable code and a hint, and moves nothing. */
import { runBadInputs } from '../../test/helpers/badInputs.ts'
import type { AcceptCheck } from './check.ts'

const check: AcceptCheck = {
  id: 'main.badinput',
  threshold: '>= 40 cases, each its code and a hint, nothing sent, balances unchanged',
  async run(say) {
    const results = await runBadInputs(say)
    const right = results.filter(
      ({ code, expected, hasHint, nothingMoved }) => code === expected && hasHint && nothingMoved,
    )
    const codes = new Set(right.map(({ code }) => code))
    return {
      ok: right.length === results.length && results.length >= 40,
      figure: `${right.length} of ${results.length} cases refused with their code (${codes.size} codes) and a hint, nothing moved`,
    }
  },
}

export default check
