/** What one pool pays for an exact input, as a float: the kernel's closed form for the label search. */
import { at, indexAt } from './arrays.ts'
import type { Kernel } from './kernel.ts'

/**
 * Base units that pool `i` pays for `size` base units of token 0 (`isForward`) or token 1; relative error about
 * 1e-14. -1 when the pool cannot take so much.
 */
export function payout(kernel: Kernel, i: number, isForward: boolean, size: number): number {
  return isForward ? payoutOf1(kernel, i, size) : payoutOf0(kernel, i, size)
}

function payoutOf1(kernel: Kernel, i: number, size: number): number {
  const { bound, liquidity, sum0, sum1 } = kernel
  const start = indexAt(kernel.first, i)
  const own = indexAt(kernel.current, i)
  const taken = size * at(kernel.kept0, i)
  if (taken > -at(sum0, start + i)) return -1
  let k = own
  let from = at(kernel.sqrtPrice, i)
  let done0 = 0
  let done1 = 0
  if (taken > -at(sum0, own + i)) {
    // The highest segment whose lower bound is reached by no less than `taken`.
    let low = start
    let high = own - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (-at(sum0, middle + i) >= taken) low = middle
      else high = middle - 1
    }
    k = low
    from = at(bound, k + i + 1)
    done0 = -at(sum0, k + i + 1)
    done1 = -at(sum1, k + i + 1)
  }
  const l = at(liquidity, k)
  const rest = taken - done0
  return l > 0 ? done1 + (rest * from * from) / (1 + (rest * from) / l) : done1
}

function payoutOf0(kernel: Kernel, i: number, size: number): number {
  const { bound, liquidity, sum0, sum1 } = kernel
  const last = indexAt(kernel.first, i + 1) - 1
  const own = indexAt(kernel.current, i)
  const taken = size * at(kernel.kept1, i)
  if (taken > at(sum1, last + i + 1)) return -1
  let k = own
  let from = at(kernel.sqrtPrice, i)
  let done0 = 0
  let done1 = 0
  if (taken > at(sum1, own + i + 1)) {
    let low = own + 1
    let high = last
    while (low < high) {
      const middle = (low + high) >> 1
      if (at(sum1, middle + i + 1) >= taken) high = middle
      else low = middle + 1
    }
    k = low
    from = at(bound, k + i)
    done0 = at(sum0, k + i)
    done1 = at(sum1, k + i)
  }
  const l = at(liquidity, k)
  const rest = taken - done1
  return l > 0 ? done0 + rest / (from * (from + rest / l)) : done0
}
