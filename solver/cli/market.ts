/** `isoprice market`: commands on market files. */
import type { CliCommand } from './command.ts'
import { addCheck } from './marketCheck.ts'
import { addDiff } from './marketDiff.ts'
import { addSnapshot } from './snapshot.ts'

/** Registers `market snapshot`, `market diff` and `market check`. */
export const market: CliCommand = {
  register(program, run) {
    const group = program
      .command('market')
      .description('market files: read one from a node, compare two, check one')
    for (const add of [addSnapshot, addDiff, addCheck]) add(group, run)
  },
}
