/** Every command. A new one is one file and one line here. */
import { blocks } from './blocks.ts'
import type { CliCommand } from './command.ts'
import { doctor } from './doctor.ts'
import { localnet } from './localnet.ts'
import { market } from './market.ts'
import { pools } from './pools.ts'
import { replay, verify } from './proof.ts'
import { quote } from './quote.ts'
import { quotes } from './quotes.ts'
import { record } from './record.ts'
import { serve } from './serve.ts'
import { sign } from './sign.ts'
import { snapshot } from './snapshot.ts'

/** In the order of `isoprice --help`. */
export const commands: readonly CliCommand[] = [
  quote,
  quotes,
  verify,
  replay,
  sign,
  serve,
  localnet,
  pools,
  market,
  snapshot,
  blocks,
  record,
  doctor,
]
