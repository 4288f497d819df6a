/**
 * Many contract reads in a few requests.
 *
 * A small EVM program makes the calls one after the other and packs their results. It needs nothing on chain,
 * so it works at every block: the node either runs it as code put at an unused address (a state override) or,
 * where it knows no overrides, as the constructor of a contract that is never created. Every call gets the
 * same fixed gas, so no call can starve the ones behind it; when the gas of the request runs low the program
 * stops early and the rest goes into the next request.
 */
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { Call } from './block.ts'
import { type ChainNode, ChainUnreachableError } from './client.ts'
import { BadAnswerError, readHex, toQuantity } from './quantity.ts'

/** How a batch is read. */
export type BatchOptions = {
  /** The block whose state is read: a number, or the newest when absent. */
  readonly block?: bigint | undefined
  /** How the program reaches the node; absent tries the override first. */
  readonly via?: 'override' | 'create' | undefined
  /** Called once per request with the number of calls answered. */
  readonly onRequest?: ((answered: number) => void) | undefined
}

type Via = 'override' | 'create'

/**
 * Gas of one request, tried from left to right: just below what geth grants a call unless told otherwise, then
 * below the 16,777,216 that one transaction may have since Osaka, which some nodes hold calls to as well.
 */
const requestGas = [48_000_000n, 16_000_000n] as const
/** Gas of one call; a view of an AMM needs some ten thousand. A call that needs more counts as reverted. */
const callGas = 2_000_000
/** Bytes of packed calls in one request; a constructor's code is limited to 49,152 bytes (EIP-3860). */
const inputMax = { override: 400_000, create: 48_000 }
/** Calls in the first request. A constructor's result is limited to 24,576 bytes (EIP-170): halving finds how many. */
const callsMax = { override: 4_000, create: 360 }
/** Gas kept back for what follows a call; a constructor pays 200 gas for each byte that it returns. */
const spareGas = { override: 500_000, create: 5_500_000 }
/** An address without code or balance; its last bytes read "batch" in ASCII. */
const programAddress: Address = '0x0000000000000000000000000000006261746368'

/**
 * Makes all `calls` at one block and returns their results in the same order.
 *
 * @param calls - Views; `value` is not sent.
 * @returns For each call its return data, or `undefined` where it reverted, needed more than 2,000,000 gas,
 *   returned more than 65,535 bytes or nothing, as an address without code does.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 * @throws {NodeRefusedError} `chain.refused`, when the node refuses even a single call.
 * @throws {BadAnswerError} `chain.bad-answer`, when the answer is not the program's.
 */
export async function readCalls(
  node: ChainNode,
  calls: readonly Call[],
  options: BatchOptions = {},
): Promise<(Hex | undefined)[]> {
  const results: (Hex | undefined)[] = []
  let via: Via = options.via ?? 'override'
  // Halved when a node refuses; each request answers at least one call, so the loop ends.
  let most = callsMax[via]
  while (results.length < calls.length) {
    const chunk = nextChunk(calls, results.length, { most, bytes: inputMax[via], via })
    if (chunk.length === 0) {
      // Without overrides there is no lens.
      results.push(undefined)
      continue
    }
    const answer = await ask(node, chunk, via, options.block)
    if (answer.kind === 'unsupported' && options.via === undefined && via === 'override') {
      via = 'create'
      most = callsMax.create
    } else if (answer.kind !== 'results') {
      if (lowersGas(node)) continue
      if (chunk.length === 1) throw answer.cause
      most = Math.max(1, Math.floor(chunk.length / 2))
    } else {
      results.push(...answer.results)
      options.onRequest?.(answer.results.length)
    }
  }
  return results
}

type Answer =
  | { readonly kind: 'results'; readonly results: readonly (Hex | undefined)[] }
  /** The node ran something else: it does not know state overrides. */
  | { readonly kind: 'unsupported'; readonly cause: Error }
  | { readonly kind: 'refused'; readonly cause: Error }

/** Which entry of {@link requestGas} a node is asked with: what it refused once it is not asked again. */
const gasSteps = new WeakMap<ChainNode, number>()

function gasOf(node: ChainNode): bigint {
  return requestGas[gasSteps.get(node) ?? 0] ?? requestGas[1]
}

/** True when there was a smaller gas limit to try; a refusal may have been about that. */
function lowersGas(node: ChainNode): boolean {
  const step = gasSteps.get(node) ?? 0
  if (step + 1 >= requestGas.length) return false
  gasSteps.set(node, step + 1)
  return true
}

/** The next calls that fit one request. No contract is asked with two different codes in one. */
function nextChunk(
  calls: readonly Call[],
  from: number,
  { most, bytes, via }: { most: number; bytes: number; via: Via },
): readonly Call[] {
  let to = from
  const codes = new Map<Address, Hex | undefined>()
  for (let size = 0; to < calls.length && to - from < most; to++) {
    const { target, data, lens } = calls[to] ?? { target: programAddress, data: '0x' }
    if (via === 'create' && lens !== undefined) break
    if (codes.has(target) && codes.get(target) !== lens) break
    const isNew = lens !== undefined && !codes.has(target)
    codes.set(target, lens)
    size += 22 + byteLength(data) + (isNew ? byteLength(lens) : 0)
    if (size > bytes && to > from) break
  }
  return calls.slice(from, to)
}

async function ask(
  node: ChainNode,
  calls: readonly Call[],
  via: Via,
  block: bigint | undefined,
): Promise<Answer> {
  const input = calls.map(packCall).join('')
  const program = batchProgram(via)
  const tag = block === undefined ? 'latest' : toQuantity(block)
  const gas = toQuantity(gasOf(node))
  const params =
    via === 'create'
      ? [{ data: `0x${program}${input}`, gas }, tag]
      : [{ to: programAddress, data: `0x${input}`, gas }, tag, overridesOf(calls, program)]
  let answer: unknown
  try {
    answer = await node.request({ method: 'eth_call', params })
  } catch (error) {
    const cause =
      error instanceof Error ? error : new BadAnswerError({ what: 'error', value: error })
    if (cause instanceof ChainUnreachableError) throw cause
    return {
      kind: via === 'override' && isAboutParameters(cause) ? 'unsupported' : 'refused',
      cause,
    }
  }
  const results = unpack(readHex(answer, 'result of eth_call'), calls.length)
  const cause = new BadAnswerError({ what: 'batch result', value: answer })
  return results === undefined ? { kind: 'unsupported', cause } : { kind: 'results', results }
}

/** The program at its own address, and each lens at the contract that it looks into. */
function overridesOf(calls: readonly Call[], program: string): Record<Address, { code: Hex }> {
  const lenses = calls.flatMap(({ target, lens }): [Address, { code: Hex }][] =>
    lens === undefined ? [] : [[target, { code: lens }]],
  )
  return { ...Object.fromEntries(lenses), [programAddress]: { code: `0x${program}` } }
}

/** By the node's own words alone: an error of a client library repeats the request, parameters and all. */
function isAboutParameters(error: Error): boolean {
  const words = error instanceof BaseError ? error.facts['node'] : error.message
  return typeof words === 'string' && /argument|param|override/i.test(words)
}

/** Target, length of the data in two bytes, data. */
function packCall({ target, data }: Call): string {
  return target.slice(2) + byteLength(data).toString(16).padStart(4, '0') + data.slice(2)
}

/** A status byte, length in two bytes, return data; or `undefined` when `packed` is nothing of the kind. */
function unpack(packed: Hex, calls: number): (Hex | undefined)[] | undefined {
  const results: (Hex | undefined)[] = []
  let at = 2
  while (at < packed.length) {
    const status = packed.slice(at, at + 2)
    const end = at + 6 + 2 * Number.parseInt(packed.slice(at + 2, at + 6), 16)
    if (!(status === '00' || status === '01') || end > packed.length) return undefined
    const data = packed.slice(at + 6, end)
    results.push(status === '01' && data !== '' ? `0x${data}` : undefined)
    at = end
  }
  return results.length === 0 || results.length > calls ? undefined : results
}

function byteLength(data: Hex): number {
  return (data.length - 2) / 2
}

/**
 * The program, in hex without 0x. The stack inside the loop is [i, o, n]: where the next call is read, where
 * the next result is written, and where the calls end and the results begin, all in memory.
 *
 * Input stands behind the code (a constructor) or in the call data (an override); both are copied, and one of
 * them is empty. Only instructions of Constantinople (2019) are used.
 */
export function batchProgram(via: Via): string {
  const gas = callGas.toString(16).padStart(8, '0')
  const needed = Math.ceil((callGas * 64) / 63) + spareGas[via]
  const head = hex(
    // n1 = codesize - length; codecopy(0, length, n1)
    '60LL 80 38 03 80 91 6000 39',
    // calldatacopy(n1, 0, calldatasize); n = n1 + calldatasize
    '36 6000 82 37 36 01',
    // o = n; i = 0
    '80 6000',
  )
  const body = hex(
    // loop: while i < n, and the gas is enough
    '5b 82 81 10 15 60EE 57',
    `63${needed.toString(16).padStart(8, '0')} 5a 10 60EE 57`,
    // [target, length, i, o, n] from the word at i
    '80 51 80 6050 1c 61ffff 16 90 6060 1c',
    // ok = staticcall(gas, target, i + 22, length, 0, 0)
    `6000 80 83 85 6016 01 84 63${gas} fa`,
    // ok = ok and returndatasize < 65,536: a longer answer would not fit the length before it, and what stands
    // behind a wrong length reads as the answers of the next calls
    '62010000 3d 10 16',
    // size = ok * returndatasize; mstore(o, (ok << 16 | size) << 232)
    '80 3d 02 80 91 6010 1b 17 60e8 1b 85 52',
    // returndatacopy(o + 3, 0, size)
    '80 6000 86 6003 01 3e',
    // o += size + 3; i += length + 22
    '6003 01 84 01 93 50 50 01 6016 01 60SS 56',
  )
  // end: return(n, o - n)
  const tail = hex('5b 50 81 90 03 90 f3')
  const start = head.length / 2
  const end = start + body.length / 2
  const places: Readonly<Record<string, number>> = { LL: end + tail.length / 2, EE: end, SS: start }
  return (head + body + tail).replace(/LL|EE|SS/g, (name) =>
    (places[name] ?? 0).toString(16).padStart(2, '0'),
  )
}

function hex(...lines: readonly string[]): string {
  return lines.join('').replaceAll(' ', '')
}
