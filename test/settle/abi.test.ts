/** The generated ABI is the compiled interface. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { abiSource, lensSource, probeSource, readArtifact } from '../../scripts/generateAbi.ts'
import { buildContracts, ownArtifact } from '../../solver/localnet/artifacts.ts'

describe('settle/abi.ts', () => {
  it('is what `npm run abi` writes now', async function () {
    this.timeout(120_000)
    await buildContracts(['interfaces/ISettlement.sol'])
    const { abi } = ownArtifact('interfaces/ISettlement.sol', 'ISettlement')
    const entries = abi as unknown as Parameters<typeof abiSource>[0]
    const written = readFileSync(new URL('../../solver/settle/abi.ts', import.meta.url), 'utf8')
    assert.equal(await abiSource(entries), written)
  })
})

describe('pools/tickLensCode.ts', () => {
  it('is what `npm run abi` writes now', async function () {
    this.timeout(120_000)
    await buildContracts(['lens/TickLens.sol'])
    const { deployedBytecode } = readArtifact('lens/TickLens.sol')
    const path = new URL('../../solver/pools/tickLensCode.ts', import.meta.url)
    assert.equal(await lensSource(deployedBytecode), readFileSync(path, 'utf8'))
  })
})

describe('market/tokenProbeCode.ts', () => {
  it('is what `npm run abi` writes now', async function () {
    this.timeout(120_000)
    await buildContracts(['lens/TokenProbe.sol'])
    const { deployedBytecode } = readArtifact('lens/TokenProbe.sol')
    const path = new URL('../../solver/market/tokenProbeCode.ts', import.meta.url)
    assert.equal(await probeSource(deployedBytecode), readFileSync(path, 'utf8'))
  })
})
