/** A layered map is the map that plain copying would give. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { withEntries } from '../../solver/market/layeredMap.ts'

type Value = { readonly n: number }
const changes = fc.array(fc.tuple(fc.nat(40), fc.option(fc.nat(9).map((n): Value => ({ n })))), {
  maxLength: 6,
})

describe('layeredMap.withEntries', () => {
  it('is, after any changes, what plain maps become, and leaves every earlier map as it was', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.array(changes, { maxLength: 30 }), (size, steps) => {
        let map: ReadonlyMap<number, Value> = new Map(
          Array.from({ length: size }, (_, n): [number, Value] => [n, { n }]),
        )
        const plain = new Map(map)
        const earlier: [ReadonlyMap<number, Value>, Map<number, Value>][] = []
        for (const step of steps) {
          earlier.push([map, new Map(plain)])
          map = withEntries(map, new Map(step))
          for (const [id, value] of new Map(step))
            if (value === null) plain.delete(id)
            else plain.set(id, value)
        }
        for (const [layered, copy] of [...earlier, [map, plain] as const]) {
          assert.equal(layered.size, copy.size)
          const sorted = [...layered].sort(([a], [b]) => a - b)
          assert.deepEqual(
            sorted,
            [...copy].sort(([a], [b]) => a - b),
          )
          assert.deepEqual(
            [...layered.keys()],
            [...layered].map(([id]) => id),
          )
          assert.deepEqual(
            [...layered.values()],
            [...layered].map(([, value]) => value),
          )
          for (let id = 0; id <= 40; id++) {
            assert.equal(layered.get(id), copy.get(id))
            assert.equal(layered.has(id), copy.has(id))
          }
          const seen: number[] = []
          layered.forEach((_, id, whole) => assert.ok(seen.push(id) > 0 && whole === layered))
          assert.deepEqual(seen, [...layered.keys()])
        }
      }),
    )
  })

  it('gives the same map back for no changes', () => {
    const map = new Map([[1, { n: 1 }]])
    assert.equal(withEntries(map, new Map()), map)
  })
})
