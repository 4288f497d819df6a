/**
 * A local chain whose pools can be asked what they would do with a swap: contracts/localnet/Prober.sol runs it on
 * the real bytecode and leaves no trace.
 */
import type { Abi } from 'viem'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { buildContracts, ownArtifact } from '../../solver/localnet/artifacts.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { sendCall } from '../../solver/localnet/node.ts'
import { poolManagerArtifact } from '../../solver/localnet/venues.ts'
import { isRouted, type RoutedState } from '../../solver/route/routed.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import { ask, readPool } from './localnet.ts'

/** A local chain with the prober on it, rich in every token. Probes change nothing, so states are read once. */
export type ProbedChain = LocalChain & {
  readonly proberAbi: Abi
  readonly stateOf: (pool: PoolRef) => Promise<RoutedState>
}

const proberSource = 'localnet/Prober.sol'
const prober: Address = '0x9b0be00000000000000000000000000000009b0b'

/** Starts a local chain for probing. A third of its V4 pools charge a protocol fee. */
export async function createProbedChain(seed?: number): Promise<ProbedChain> {
  await buildContracts([proberSource])
  const artifact = ownArtifact(proberSource, 'Prober')
  const chain = await createLocalChain({ seed, contracts: [{ address: prober, artifact }] })
  for (const { address } of chain.tokens)
    if (address !== zeroAddress) await chain.fund(prober, address, 2n ** 113n)
  await chargeProtocolFees(chain)
  const states = new Map<PoolRef, Promise<RoutedState>>()
  const stateOf = (pool: PoolRef) => {
    const state = states.get(pool) ?? readRouted(chain, pool)
    states.set(pool, state)
    return state
  }
  return { ...chain, proberAbi: artifact.abi, stateOf }
}

/** The local chain's pools are all of kinds that routes cross. */
async function readRouted({ provider }: LocalChain, pool: PoolRef): Promise<RoutedState> {
  const state = await readPool(provider, pool)
  if (!isRouted(state)) throw new TypeError(`a pool of kind ${state.kind} on the local chain`)
  return state
}

async function chargeProtocolFees({ provider, accounts, pools }: LocalChain): Promise<void> {
  const from = accounts.deployer.address
  const to = mainnet.uniswapV4PoolManager
  const { abi } = poolManagerArtifact()
  await provider.request({ method: 'evm_setAutomine', params: [true] })
  await sendCall(provider, from, { to, abi, name: 'setProtocolFeeController', args: [from] })
  const chosen = pools.filter(({ kind }) => kind === 'uniswapV4').filter((_, at) => at % 3 === 1)
  for (const [at, { tokens, feePips: fee, tickSpacing, hooks }] of chosen.entries()) {
    const [currency0, currency1] = tokens
    const key = { currency0, currency1, fee, tickSpacing, hooks }
    // 12 bits each way, at most 1,000 pips; not the same both ways.
    const protocolFee = ((1_000 - 317 * at) << 12) | (250 + 111 * at)
    await sendCall(provider, from, { to, abi, name: 'setProtocolFee', args: [key, protocolFee] })
  }
  await provider.request({ method: 'evm_setAutomine', params: [false] })
}

/** What the prober answers, as viem decodes it. For V2 the amounts are the reserves after. */
export type Answer = {
  readonly ok: boolean
  readonly amount0: bigint
  readonly amount1: bigint
  readonly sqrtPriceX96: bigint
  readonly tick: number
  readonly liquidity: bigint
}

/** Arguments of one probe, as the prober's interface names them. */
export type Asked = Readonly<Record<string, boolean | bigint>>

/** One call of a pool and what it must answer; fields that are absent are not compared. */
export type Probe = { readonly asked: Asked; readonly expected: Partial<Answer> }

/** Probes of one `eth_call` at first: some 100,000 gas each, but millions where a walk is long. */
const probesPerCall = 10

/** Asks a real pool some swaps at once; rejects where they take more gas than a call has. */
export type AskSome = (asked: readonly Asked[]) => Promise<readonly Answer[]>

/** Puts all probes to a pool, in order. */
export async function probeInTurn(ask: AskSome, probes: readonly Probe[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < probes.length; start += probesPerCall)
    answers.push(...(await probeSome(ask, probes.slice(start, start + probesPerCall))))
  return answers
}

/** Asks all at once, or by halves where that takes more gas than a call has. */
async function probeSome(ask: AskSome, probes: readonly Probe[]): Promise<readonly Answer[]> {
  try {
    return await ask(probes.map(({ asked }) => asked))
  } catch (cause) {
    if (probes.length === 1) throw cause
    const half = probes.length >> 1
    const first = await probeSome(ask, probes.slice(0, half))
    return [...first, ...(await probeSome(ask, probes.slice(half)))]
  }
}

/** How the prober of `chain` asks the pool of `state`. */
export function askerOf(chain: ProbedChain, state: RoutedState): AskSome {
  const [name, where] = targetOf(state)
  return async (asked) => {
    const answers = await ask(chain.provider, prober, chain.proberAbi, name, [...where, asked])
    return answers as Answer[] // the shape that the prober's interface declares
  }
}

function targetOf(state: RoutedState): [name: string, args: readonly unknown[]] {
  if (state.kind === 'uniswapV2') return ['tryV2', [state.id]]
  if (state.kind === 'uniswapV3') return ['tryV3', [state.id]]
  return ['tryV4', [mainnet.uniswapV4PoolManager, state.poolKey]]
}
