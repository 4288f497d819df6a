/** EIP-1559's recursion, the tip's raises, and the cap over both. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { nextBaseFee } from '../../solver/core/baseFee.ts'
import { feeCap, feeFields, maxBaseFee, raiseTip } from '../../solver/submit/fees.ts'

const gwei = 10n ** 9n
const anyFee = fc.bigInt({ min: 7n, max: 10n ** 13n })
const anyBlock = fc
  .record({
    baseFeePerGas: anyFee,
    half: fc.bigInt({ min: 2_500n, max: 150_000_000n }),
    fill: fc.nat({ max: 1_000 }),
  })
  .map(({ baseFeePerGas, half, fill }) => ({
    baseFeePerGas,
    gasLimit: 2n * half,
    gasUsed: (2n * half * BigInt(fill)) / 1_000n,
  }))

describe('baseFee.nextBaseFee', () => {
  it('equals geth’s own vectors', () => {
    // go-ethereum, consensus/misc/eip1559/eip1559_test.go, TestCalcBaseFee.
    const parent = { baseFeePerGas: gwei, gasLimit: 20_000_000n }
    const after = (gasUsed: bigint) => nextBaseFee({ ...parent, gasUsed })
    assert.equal(after(10_000_000n), 1_000_000_000n)
    assert.equal(after(9_000_000n), 987_500_000n)
    assert.equal(after(11_000_000n), 1_012_500_000n)
  })

  it('rises by at least 1 wei above the target, and never moves more than an eighth', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        const next = nextBaseFee(block)
        const eighth = block.baseFeePerGas / 8n
        if (2n * block.gasUsed > block.gasLimit) assert.ok(next > block.baseFeePerGas)
        if (2n * block.gasUsed < block.gasLimit) assert.ok(next <= block.baseFeePerGas)
        assert.ok(next >= block.baseFeePerGas - eighth)
        assert.ok(next <= block.baseFeePerGas + (eighth > 1n ? eighth : 1n))
      }),
    )
  })
})

describe('fees.maxBaseFee', () => {
  it('is never below what full blocks ask for', () => {
    fc.assert(
      fc.property(anyBlock, fc.integer({ min: 0, max: 25 }), (block, blocks) => {
        let baseFeePerGas = block.baseFeePerGas
        for (let passed = 0; passed < blocks; passed += 1)
          baseFeePerGas = nextBaseFee({ ...block, gasUsed: block.gasLimit, baseFeePerGas })
        assert.ok(maxBaseFee(block.baseFeePerGas, blocks) >= baseFeePerGas)
      }),
    )
  })

  it('is 1.424 times the base fee for three blocks', () => {
    assert.equal(maxBaseFee(1_000n * gwei, 3) / gwei, 1_423n)
  })
})

describe('fees.raiseTip', () => {
  it('raises by 15 % a block, three times, rounded up', () => {
    const tips = [0, 1, 2, 3, 4, 9].map((missed) => raiseTip(1_000n, missed))
    assert.deepEqual(tips, [1_000n, 1_150n, 1_323n, 1_521n, 1_521n, 1_521n])
    assert.equal(raiseTip(1n, 1), 2n)
  })
})

describe('fees.feeCap', () => {
  it('is the lower of the configured cap and the share of the surplus', () => {
    const surplus = { surplusWei: 10n ** 15n, gasLimit: 500_000n, shareBps: 5_000 }
    assert.equal(feeCap(100n * gwei, surplus), gwei)
    assert.equal(feeCap(gwei / 2n, surplus), gwei / 2n)
    assert.equal(feeCap(100n * gwei), 100n * gwei)
  })
})

describe('fees.feeFields', () => {
  const anyPrice = fc.record({
    tip: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    cap: fc.bigInt({ min: 1n, max: 10n ** 14n }),
    blocks: fc.integer({ min: 1, max: 25 }),
  })

  it('pays the next block, a tip above 0, and never more than the cap', () => {
    fc.assert(
      fc.property(anyBlock, anyPrice, (head, { tip, cap, blocks }) => {
        const next = nextBaseFee(head)
        fc.pre(cap > next)
        const { maxFeePerGas, maxPriorityFeePerGas } = feeFields(head, { tip, cap, blocks })
        assert.ok(maxFeePerGas <= cap)
        assert.ok(maxPriorityFeePerGas > 0n && maxPriorityFeePerGas <= tip)
        assert.ok(maxFeePerGas >= next + maxPriorityFeePerGas)
        if (cap >= maxBaseFee(head.baseFeePerGas, blocks) + tip)
          assert.equal(maxPriorityFeePerGas, tip)
      }),
    )
  })

  it('refuses a cap that does not pay the next block, and a tip of 0', () => {
    const head = { baseFeePerGas: gwei, gasLimit: 20_000_000n, gasUsed: 20_000_000n }
    const expected = { code: 'submit.fee-cap', retryable: true }
    assert.throws(() => feeFields(head, { tip: 1n, cap: nextBaseFee(head), blocks: 3 }), expected)
    assert.throws(() => feeFields(head, { tip: 0n, cap: 10n * gwei, blocks: 3 }), expected)
  })
})
