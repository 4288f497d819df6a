import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import type { CurveCryptoState } from '../../solver/pools/curveCryptoState.ts'
import { rebalance, tricrypto } from '../helpers/cryptoFixtures.ts'

describe('curveCrypto.codec', () => {
  const text = (state: CurveCryptoState) => {
    const tokens = new Map(
      state.tokens.map((address) => [address, { chainId: 1, address, symbol: '', decimals: 18 }]),
    )
    const view = { chainId: 1, tokens, pools: new Map([[state.id, state]]) }
    return formatSnapshot(toSnapshot(view))
  }
  const refuses = (change: (json: string) => string) =>
    assert.throws(() => parseSnapshot(change(text({ ...tricrypto, rebalance }))), {
      code: 'market.snapshot-invalid',
    })

  it('gives back all that it wrote', () => {
    for (const state of [
      tricrypto,
      { ...tricrypto, rebalance: { ...rebalance, notAdjusted: true } },
      { ...tricrypto, aMultiplier: 100n, isRamping: true },
    ]) {
      const [back] = [...parseSnapshot(text(state)).view.pools.values()]
      assert.deepEqual(back, state)
    }
  })

  it('refuses unknown variants, short lists, odd precisions and fees of all', () => {
    refuses((json) => json.replace('"tri"', '"four"'))
    refuses((json) => json.replace('"tri"', '"two"'))
    refuses((json) => json.replace('"299001874677259",', ''))
    refuses((json) => json.replace('"1000000000000"', '"1000000000001"'))
    refuses((json) => json.replace('"30000000"', '"10000000000"'))
    refuses((json) => json.replace('"1707629"', '"0"'))
    refuses((json) => json.replace('"41952985913651663327876",', ''))
  })
})
