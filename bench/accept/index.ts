/** Every acceptance check that is built. A new one is one file and one line here. */
import type { AcceptCheck } from './check.ts'
import benchMarket from './bench.market.ts'
import poolsBlocks from './pools.blocks.ts'
import poolsBytecode from './pools.bytecode.ts'
import poolsEvents from './pools.events.ts'
import poolsLaws from './pools.laws.ts'
import poolsVectors from './pools.vectors.ts'
import marketReorg from './market.reorg.ts'
import marketRestart from './market.restart.ts'
import marketScreen from './market.screen.ts'
import mainBadinput from './main.badinput.ts'
import mainBlocks from './main.blocks.ts'
import mainDifferential from './main.differential.ts'
import mainMainnetFork from './main.mainnet-fork.ts'
import mainPrivate from './main.private.ts'
import mainRoute from './main.route.ts'
import mainStart from './main.start.ts'
import mainTest from './main.test.ts'

/** In the order of the issues. */
export const acceptChecks: readonly AcceptCheck[] = [
  mainStart,
  mainTest,
  mainBlocks,
  mainMainnetFork,
  mainDifferential,
  mainRoute,
  mainPrivate,
  mainBadinput,
  poolsVectors,
  poolsBytecode,
  poolsLaws,
  poolsBlocks,
  poolsEvents,
  marketReorg,
  marketRestart,
  marketScreen,
  benchMarket,
]
