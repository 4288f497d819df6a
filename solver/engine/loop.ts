/** Keeps the line running: follows the chain, takes turns, and comes back after whatever a node does. */
import { followHead } from '../chain/head.ts'
import { limits } from '../core/limits.ts'
import { marketTopics } from '../market/market.ts'
import { fillTopic, readFills } from '../measure/fill.ts'
import type { EngineOptions } from './options.ts'
import { beginTurn, giveUpLanding, seeFill, undoFills } from './landing.ts'
import { codeOf, isCaughtUp, readWanted, reread, tell } from './reading.ts'
import type { State } from './turn.ts'

/** Faults after which the market cannot go on from where it is and must be read again. */
const rereadCodes = new Set(['market.gap', 'market.reorg-too-deep', 'chain.reorg-too-deep'])
/** Faults of a node that pass: an answer that is missing, late or nonsense. */
const passingCodes =
  /^(chain\.(unreachable|refused|bad-answer|disagreement|reorg-too-deep)|market\.(gap|moved|reorg-too-deep))$/

/**
 * Follows the chain and settles open orders until `signal` aborts. A node's fault is waited out, longer each
 * time; meanwhile the view grows stale and quotes are refused. Anything else is a bug: it is kept in
 * `state.failure`, so that the doors can say that nothing will be settled any more, and thrown.
 */
export async function runLoop(
  options: EngineOptions,
  state: State,
  signal: AbortSignal,
): Promise<void> {
  const { pollMs = 500, onEvent = () => undefined } = options
  let failures = 0
  while (!signal.aborted) {
    try {
      await follow(options, state, signal, () => {
        failures = 0
      })
    } catch (error) {
      const code = codeOf(error)
      if (!passingCodes.test(code)) {
        state.failure = error
        throw error
      }
      failures += 1
      const pauseMs = Math.min(pollMs * 2 ** failures, limits.followAgainMs)
      onEvent(`the chain cannot be followed (${code}); again in ${(pauseMs / 1_000).toFixed(1)} s`)
      await pause(pauseMs, signal)
      if (rereadCodes.has(code)) await reread(options, state).catch(() => undefined)
    }
  }
  // What is on its way is not left alone: the turn ends by itself, or with the node.
  await state.turn
}

async function follow(
  options: EngineOptions,
  state: State,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const { client, market, settlement, clock, pollMs = 500 } = options
  const from = market.view().block
  if (from === undefined) return
  const topics = [...marketTopics, fillTopic]
  const onLook = () => {
    state.lookedAt = clock.now()
  }
  const choices = { from, before: market.past(), topics, pollMs, signal, onLook }
  for await (const event of followHead(client, choices)) {
    const change = market.apply(event)
    // What the event says of orders is noted before anything that may fail and be tried again: it is not told twice.
    if (event.kind === 'reorg') undoFills(options, state, event.ancestor.number)
    if (event.kind === 'block') {
      for (const fill of readFills(event.logs, settlement))
        seeFill(options, state, fill, event.block.number)
      giveUpLanding(state, event.block.number)
    }
    tell(options, (listener) => listener.applied?.(event, change))
    await readWanted(options, state, change)
    onProgress()
    if (event.kind === 'block' && isCaughtUp(options)) await options.watch?.()
    if (isCaughtUp(options)) beginTurn(options, state)
    market.reprice()
    if (state.failure !== undefined) throw state.failure
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
