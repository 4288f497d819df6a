/** An Ethereum mainnet of one's own, in the process: real bytecode, look-alike tokens, funded pools. */
import { numberToHex } from 'viem/utils'
import type { Address } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import type { PoolRef } from '../pools/pool.ts'
import { createAccounts, type LocalAccounts, startBalance } from './accounts.ts'
import { buildContracts } from './artifacts.ts'
import { deployAt } from './deploy.ts'
import { fund } from './fund.ts'
import type { Artifact, HiddenNode } from './node.ts'
import { planPools } from './plan.ts'
import { defaultSeed, poolSeeds, startBaseFee } from './pools.ts'
import { type RunningNode, startFork, startNode } from './runtime.ts'
import { seederSource, seedPools } from './seeder.ts'
import { deployTokens, localTokens, tokenSources } from './tokens.ts'
import { deployVenues } from './venues.ts'

/**
 * How far in the past the first block lies: the set-up mines about a hundred blocks in a second, and each is at
 * least a second younger than the one before, so the head would else run ahead of the clock.
 */
const setUpMs = 1_200_000

/** A chain in this process: its node is reachable from nowhere else. */
export type OwnChain = {
  /** The node; it mines only when told to (`evm_mine`). */
  readonly provider: HiddenNode
  readonly chainId: 1
  readonly accounts: LocalAccounts
  /** Adds base units of a token (the zero address: wei) to `holder` at once; see {@link fund}. */
  fund(holder: Address, token: Address, amount: bigint): Promise<void>
  /** Ends the node; it answers nothing after. */
  close(): Promise<void>
}

/** An {@link OwnChain} with the table's market on it. */
export type LocalChain = OwnChain & {
  /** The native currency under the zero address first. */
  readonly tokens: readonly Token[]
  readonly pools: readonly PoolRef[]
}

/** A contract to put on the chain before it stops mining by itself. */
export type Deployment = {
  readonly address: Address
  readonly artifact: Artifact
  readonly args?: readonly unknown[] | undefined
}

/**
 * Starts a chain of id 1 with the venues of `chains/mainnet.ts` at their addresses and the pools of `pools.ts`.
 *
 * The first run compiles the token look-alikes (seconds); later runs find them in `artifacts/`.
 *
 * @param options - `seed` moves prices and positions around the table (default {@link defaultSeed}); `contracts`
 *   are deployed last, in order; `say` takes progress lines for a person.
 * @returns The chain, its head at the clock's time, with mining by itself switched off.
 * @throws {BuildFailedError} `localnet.build-failed`.
 * @throws {SetUpFailedError} `localnet.set-up-failed`.
 *
 * @example
 * const chain = await createLocalChain()
 * await chain.fund(chain.accounts.owner(0).address, mainnetTokens.USDC.address, 5_000_000_000n)
 */
export async function createLocalChain(
  options: {
    readonly seed?: number | undefined
    readonly contracts?: readonly Deployment[] | undefined
    readonly say?: ((line: string) => void) | undefined
  } = {},
): Promise<LocalChain> {
  const { seed = defaultSeed, contracts = [], say = () => undefined } = options
  await buildContracts([...tokenSources, seederSource], say)
  const accounts = createAccounts()
  const deployer = accounts.deployer.address
  const running = await startNode({
    ...nodeSettings(accounts),
    initialDate: new Date(Date.now() - setUpMs),
  })
  const { node } = running
  await deployTokens(node, deployer)
  await deployVenues(node, deployer)
  const pools = await seedPools(node, deployer, planPools(poolSeeds, seed))
  for (const { address, artifact, args } of contracts)
    await deployAt(node, deployer, address, artifact, args)
  // The set-up's gas and purse went through these two.
  for (const { address } of [accounts.deployer, accounts.builder])
    await node.request({
      method: 'hardhat_setBalance',
      params: [address, numberToHex(startBalance)],
    })
  await stopMining(node)
  await mineNow(node)
  say(`chain up · chain id 1 · ${pools.length} pools of real V2, V3, V4 bytecode`)
  return { ...ownChain(running, accounts), tokens: localTokens, pools }
}

/**
 * Starts a chain that continues another one, in this process too.
 *
 * Calls at the pinned block run under the rules of its time; what is mined on top runs under the newest. So mine
 * one block first before new contracts are put on an old one.
 *
 * @param url - JSON-RPC endpoint of the upstream; only what is touched is read from it.
 * @param blockNumber - The last block taken from the upstream.
 * @returns The fork, its head at `blockNumber`, with mining by itself switched off.
 */
export async function forkOf(url: string, blockNumber: bigint): Promise<OwnChain> {
  const accounts = createAccounts()
  const forking = { enabled: true, url, blockNumber }
  const running = await startFork({ ...nodeSettings(accounts), forking })
  await stopMining(running.node)
  return ownChain(running, accounts)
}

function ownChain({ node, close }: RunningNode, accounts: LocalAccounts): OwnChain {
  return {
    provider: node,
    chainId: 1,
    accounts,
    fund: (holder, token, amount) => fund(node, holder, token, amount),
    close,
  }
}

function nodeSettings(accounts: LocalAccounts) {
  return {
    accounts: accounts.all.map(({ privateKey }) => ({ privateKey, balance: startBalance })),
    coinbase: accounts.builder.address,
    initialBaseFeePerGas: startBaseFee,
  }
}

/** An empty block at the clock's time and the promised base fee: from here on all follows the usual rules. */
async function mineNow(node: HiddenNode): Promise<void> {
  const baseFee = numberToHex(startBaseFee)
  await node.request({ method: 'hardhat_setNextBlockBaseFeePerGas', params: [baseFee] })
  const now = Math.floor(Date.now() / 1_000)
  await node.request({ method: 'evm_setNextBlockTimestamp', params: [now] })
  await node.request({ method: 'evm_mine' })
}

async function stopMining(node: HiddenNode): Promise<void> {
  await node.request({ method: 'evm_setAutomine', params: [false] })
}
