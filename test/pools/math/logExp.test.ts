/** Balancer's powers: recorded values of an independent port, and the bounds that the contracts promise. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../../bench/accept/check.ts'
import { stableBalance, stableInvariant } from '../../../solver/pools/math/balancerStable.ts'
import {
  complement,
  wad,
  wadDivDown,
  wadDivUp,
  wadMulDown,
  wadMulUp,
  wadPowDown,
  wadPowUp,
} from '../../../solver/pools/math/fixedPoint.ts'
import { exp, ln, pow } from '../../../solver/pools/math/logExp.ts'
import { weightedIn, weightedOut } from '../../../solver/pools/math/weighted.ts'

/** Lines `name argument … = result` of BowTiedDevil/degenbot @ 1fb8d74 (MIT). */
const snapshot = 'degenbot-golden/rust/crates/degenbot-math/tests/oracle_balancer_snapshot.txt'

type Oracle = (args: readonly bigint[], texts: readonly string[]) => bigint | undefined

const formOf = (text: string | undefined) => (text === 'V1' ? 'logarithm' : 'products')
const listOf = (text = '[]') => (text.match(/\d+/g) ?? []).map(BigInt)
const sides = ([
  balanceIn = 0n,
  weightIn = 0n,
  balanceOut = 0n,
  weightOut = 0n,
]: readonly bigint[]) => ({
  balanceIn,
  weightIn,
  balanceOut,
  weightOut,
})
const swapped = (
  texts: readonly string[],
  change: (amount: bigint) => readonly [number, bigint],
) => {
  const [amp = '', list, , , amount = '', invariant = ''] = texts
  const [index, delta] = change(BigInt(amount))
  const balances = listOf(list)
  const moved = balances.with(index, (balances[index] ?? 0n) + delta)
  return { amp: BigInt(amp), balances, moved, invariant: BigInt(invariant) }
}

const oracles: Readonly<Record<string, Oracle>> = {
  fp_mul_down: ([a = 0n, b = 0n]) => wadMulDown(a, b),
  fp_mul_up: ([a = 0n, b = 0n]) => wadMulUp(a, b),
  fp_div_down: ([a = 0n, b = 0n]) => wadDivDown(a, b),
  fp_div_up: ([a = 0n, b = 0n]) => wadDivUp(a, b),
  fp_complement: ([a = 0n]) => complement(a),
  fp_pow_down: ([x = 0n, y = 0n], texts) => wadPowDown(x, y, formOf(texts[2])),
  fp_pow_up: ([x = 0n, y = 0n], texts) => wadPowUp(x, y, formOf(texts[2])),
  lm_exp: ([x = 0n]) => exp(x),
  lm_ln: ([x = 0n]) => ln(x),
  lm_pow: ([x = 0n, y = 0n]) => pow(x, y),
  wm_out_given_in: (args, texts) => weightedOut(sides(args), args[4] ?? 0n, formOf(texts[5])),
  wm_in_given_out: (args, texts) => weightedIn(sides(args), args[4] ?? 0n, formOf(texts[5])),
  sm_invariant_d_p: (_, [amp = '', list]) =>
    stableInvariant(BigInt(amp), listOf(list), 'truncated'),
  sm_invariant_p_d_up: (_, [amp = '', list]) =>
    stableInvariant(BigInt(amp), listOf(list), 'roundedUp'),
  sm_out_given_in(_, texts) {
    const [from, to] = [Number(texts[2]), Number(texts[3])]
    const { amp, balances, moved, invariant } = swapped(texts, (amount) => [from, amount])
    return (balances[to] ?? 0n) - (stableBalance(amp, moved, invariant, to) ?? 0n) - 1n
  },
  sm_in_given_out(_, texts) {
    const [from, to] = [Number(texts[2]), Number(texts[3])]
    const { amp, balances, moved, invariant } = swapped(texts, (amount) => [to, -amount])
    return (stableBalance(amp, moved, invariant, from) ?? 0n) - (balances[from] ?? 0n) + 1n
  },
}

describe("Balancer's fixed-point maths", () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('gives every recorded value', () => {
    const lines = readFileSync(join(sharedData, snapshot), 'utf8').trim().split('\n')
    let compared = 0
    for (const line of lines) {
      const [left = '', expected = ''] = line.split(' = ')
      const [name = '', ...texts] = left.split(' ')
      const oracle = oracles[name]
      // What overflows there reverts in the contract; the vault's balances keep far below.
      if (oracle === undefined || expected.startsWith('ERROR')) continue
      const args = texts.map((text) => (/^-?\d+$/.test(text) ? BigInt(text) : 0n))
      assert.equal(String(oracle(args, texts)), expected, line)
      compared += 1
    }
    assert.ok(compared >= 200, `${compared} lines`)
  })
})

describe('logExp.pow', () => {
  const base = fc.bigInt({ min: 10n ** 15n, max: 10n ** 21n })
  const power = fc.bigInt({ min: 10n ** 16n, max: 5n * wad })

  it('is within 10^-14 of the true power where the contract promises it', () => {
    fc.assert(
      fc.property(base, power, (x, y) => {
        const truth = (Number(x) / 1e18) ** (Number(y) / 1e18)
        const ours = Number(pow(x, y)) / 1e18
        // Floats themselves are good to some 10^-13 here; below 10^-12 of 1 digits run out.
        assert.ok(Math.abs(ours - truth) <= 1e-12 * truth + 1e-17, `${ours} instead of ${truth}`)
      }),
    )
  })

  it('lies between the two rounded forms', () => {
    fc.assert(
      fc.property(base, power, (x, y) => {
        for (const form of ['logarithm', 'products'] as const) {
          const [low, high] = [wadPowDown(x, y, form), wadPowUp(x, y, form)]
          assert.ok(low !== undefined && high !== undefined && low <= high)
        }
        assert.ok((wadPowDown(x, y, 'logarithm') ?? 0n) <= (pow(x, y) ?? 0n))
      }),
    )
  })

  it('has no answer where the contract reverts', () => {
    assert.equal(pow(2n ** 255n, wad), undefined)
    assert.equal(pow(2n * wad, 2n ** 254n / 10n ** 20n), undefined)
    assert.equal(pow(10n ** 6n, 10n * wad), undefined)
    assert.equal(pow(100n * wad, 29n * wad), undefined)
    assert.equal(wadPowUp(10n ** 6n, 10n * wad, 'products'), undefined)
    assert.equal(wadPowDown(10n ** 6n, 10n * wad, 'products'), undefined)
  })

  it('takes 1, 2 and 4 by multiplication where the contract does', () => {
    assert.equal(wadPowUp(3n * wad, 4n * wad, 'products'), 81n * wad)
    assert.equal(wadPowDown(3n * wad, 2n * wad, 'products'), 9n * wad)
    assert.ok((wadPowUp(3n * wad, 4n * wad, 'logarithm') ?? 0n) > 81n * wad)
  })
})
