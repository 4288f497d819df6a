import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { keccak256, size } from 'viem/utils'
import { uniswapV2Deployments, uniswapV3Deployments } from '../../solver/pools/deployments.ts'
import {
  buildContracts,
  ownArtifact,
  packageArtifact,
  permit2Code,
} from '../../solver/localnet/artifacts.ts'
import { root } from '../../solver/localnet/runtime.ts'

describe('artifacts.packageArtifact', () => {
  it('reads the very code that mainnet’s pool addresses are derived from', () => {
    const pair = packageArtifact('@uniswap/v2-core/build/UniswapV2Pair.json')
    assert.equal(keccak256(pair.bytecode), uniswapV2Deployments[0].initCodeHash)
    const pool = packageArtifact(
      '@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json',
    )
    assert.equal(keccak256(pool.bytecode), uniswapV3Deployments[0].initCodeHash)
  })
})

describe('artifacts.permit2Code', () => {
  it('is as long as the code on mainnet', () => {
    assert.equal(size(permit2Code()), 9_152)
  })
})

describe('artifacts.buildContracts', () => {
  it('says when the compiler has nothing to show for a file', async () => {
    const asked = buildContracts(['localnet/NoSuchContract.sol'])
    await assert.rejects(asked, { code: 'localnet.build-failed' })
  })
})

describe('artifacts.ownArtifact', () => {
  it('says so with a code when there is no such artefact', () => {
    assert.throws(() => ownArtifact('localnet/NoSuchContract.sol', 'NoSuchContract'), {
      code: 'localnet.build-failed',
    })
  })
})

describe('artifacts.buildContracts on what an interrupted write left', () => {
  const files = ['First.sol', 'Second.sol']
  let folder = ''
  const at = (path: string) => join(folder, path)
  const first = () => at('artifacts/contracts/First.sol/First.json')
  const second = () => at('artifacts/contracts/Second.sol/Second.json')
  const isWhole = (path: string) => {
    const { bytecode } = JSON.parse(readFileSync(path, 'utf8')) as { bytecode: string }
    return bytecode.length > 10
  }
  /** How often the compiler is asked to bring `files` up to date. */
  const build = async (names: readonly string[] = files) => {
    const said: string[] = []
    await buildContracts(names, (line) => said.push(line), folder)
    return said.length
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isoprice-artifacts-'))
    for (const file of ['hardhat.config.ts', 'package.json']) cpSync(join(root, file), at(file))
    symlinkSync(join(root, 'node_modules'), at('node_modules'))
    mkdirSync(at('contracts'))
    for (const name of ['First', 'Second'])
      writeFileSync(
        at(`contracts/${name}.sol`),
        `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\ncontract ${name} { uint256 public held; }\n`,
      )
    assert.equal(await build(), 1)
    assert.equal(await build(), 0)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('makes a truncated artefact again, and with it one of another source', async () => {
    truncateSync(first(), 40)
    truncateSync(second(), 0)
    assert.equal(await build(['First.sol']), 1)
    assert.ok(isWhole(first()))
    assert.equal(await build(), 1)
    assert.ok(isWhole(second()))
    assert.equal(await build(), 0)
  })

  it('makes an artefact again that is JSON of something else', async () => {
    writeFileSync(first(), '{}')
    assert.equal(await build(), 1)
    assert.ok(isWhole(first()))
  })

  it('needs no whole compiler cache', async () => {
    truncateSync(at('cache/compile-cache.json'), 40)
    truncateSync(first(), 40)
    assert.equal(await build(), 1)
    assert.ok(isWhole(first()))
  })

  it('starts from nothing when the folders themselves are in the way', async () => {
    truncateSync(first(), 40)
    rmSync(at('artifacts/build-info'), { recursive: true })
    // A file where the compiler writes a folder: its own build cannot get past this.
    writeFileSync(at('artifacts/build-info'), '')
    assert.equal(await build(), 1)
    assert.ok(isWhole(first()))
  })

  it('says what the compiler says when the source is at fault', async () => {
    truncateSync(first(), 40)
    writeFileSync(at('contracts/Broken.sol'), 'contract {')
    await assert.rejects(build(['Broken.sol']), { code: 'localnet.build-failed' })
  })
})
