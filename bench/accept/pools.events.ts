/** `pools.events`: four recorded days of V3 pools, every swap predicted from the state that the events before it left. */
import {
  type EventReplay,
  readDay,
  readDecoded,
  recordedDays,
  replayDay,
  rowsThatDiffer,
} from '../../test/helpers/poolEvents.ts'
import type { AcceptCheck } from './check.ts'

/** Same-liquidity swaps of the four days as they were recorded: a run that sees fewer has not read all. */
const recordedSwaps = 9_141
/** The day that comes a second time, decoded by another program. */
const [decodedDay] = recordedDays

const check: AcceptCheck = {
  id: 'pools.events',
  threshold:
    'every swap at unchanged liquidity exact in both amounts, price and tick; 0 drifts; a fee of a millionth more is noticed',
  needsSharedData: true,
  async run(say) {
    const days = recordedDays.map((day) => ({ day, logs: readDay(day) }))
    const seen = days.map(({ day, logs }) => replayDay(day, logs))
    const control = days.map(({ day, logs }) =>
      replayDay(day, logs, (state) => ({ ...state, feePips: state.feePips + 1 })),
    )
    for (const replay of seen) say(lineOf(replay))
    for (const miss of seen.flatMap(({ misses }) => misses)) say(miss)
    const drifts = rowsThatDiffer(decodedDay, readDay(decodedDay), readDecoded(decodedDay))
    for (const drift of drifts) say(drift)

    const total = sum(seen)
    const dearer = sum(control)
    const ok =
      total.same === recordedSwaps &&
      total.exact === total.same &&
      drifts.length === 0 &&
      dearer.exact < total.exact / 1_000
    return {
      ok,
      figure:
        `${total.exact} of ${total.same} swaps at unchanged liquidity exact (${total.priceLimit} of them stopped at a price), ` +
        `${drifts.length} drifts; of ${total.crossing} that cross ticks, which the recording does not list, ` +
        `${total.known} exact by ticks known from earlier swaps and ${total.revealed} by one more; ` +
        `control ${dearer.exact} exact`,
    }
  },
}

export default check

function sum(replays: readonly EventReplay[]) {
  const add = (of: (replay: EventReplay) => number) =>
    replays.reduce((total, replay) => total + of(replay), 0)
  return {
    same: add(({ sameLiquidity }) => sameLiquidity),
    exact: add(({ exact }) => exact.exactIn + exact.exactOut + exact.priceLimit),
    priceLimit: add(({ exact }) => exact.priceLimit),
    crossing: add(({ crossing }) => crossing.known + crossing.revealed + crossing.several),
    known: add(({ crossing }) => crossing.known),
    revealed: add(({ crossing }) => crossing.revealed),
  }
}

function lineOf({ file, events, swaps, sameLiquidity, exact, misses, crossing }: EventReplay) {
  const { exactIn, exactOut, priceLimit } = exact
  const { known, revealed, several } = crossing
  return (
    `${file}: ${events} events, ${swaps} swaps, ${sameLiquidity} at unchanged liquidity ` +
    `(${exactIn} exact-in, ${exactOut} exact-out, ${priceLimit} to a price, ${misses.length} missed), ` +
    `crossing ${known} known, ${revealed} reveal one tick, ${several} several`
  )
}
