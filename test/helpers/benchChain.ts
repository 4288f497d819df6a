/** An empty chain in this process to put contracts on and ask them. */
import type { Abi } from 'viem'
import {
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
} from 'viem/utils'
import type { Address, Hex } from '../../solver/core/hex.ts'
import {
  type Artifact,
  type ContractCall,
  requestHex,
  send,
  sendCall,
  setUpGas,
} from '../../solver/localnet/node.ts'
import { startNode } from '../../solver/localnet/runtime.ts'
import type { SnapshotReader } from '../../solver/pools/pool.ts'

/** A chain that mines by itself, with one unlocked account that pays for everything. */
export type BenchChain = {
  readonly from: Address
  /** Deploys a contract and gives its address, lower-case. */
  deploy(artifact: Artifact, args?: readonly unknown[]): Promise<Address>
  /** Sends one transaction and sees it mined. */
  send(to: Address, abi: Abi, name: string, args?: readonly unknown[]): Promise<void>
  /** Asks a contract at the head; rejects when the call reverts. */
  ask(call: Omit<ContractCall, 'value'>): Promise<unknown>
  /** The state that `reader` reads at the head, or `undefined` for no pool. */
  read<state>(reader: SnapshotReader<state>): Promise<state | undefined>
  close(): Promise<void>
}

/** Starts one. */
export async function createBenchChain(): Promise<BenchChain> {
  const { node, close } = await startNode({ allowUnlimitedContractSize: true })
  // The answer's form is the JSON-RPC specification's.
  const [from] = (await node.request({ method: 'eth_accounts' })) as readonly Address[]
  if (from === undefined) throw new TypeError('the node has no account')
  const call = (to: Address, data: Hex) =>
    requestHex(node, 'eth_call', [{ from, to, data, gas: setUpGas }, 'latest'])
  return {
    from,
    async deploy({ abi, bytecode }, args = []) {
      const nonce = await requestHex(node, 'eth_getTransactionCount', [from, 'latest'])
      await send(node, 'deploy', { from, data: encodeDeployData({ abi, bytecode, args }) })
      return lowerCase(getContractAddress({ from, nonce: BigInt(nonce) }))
    },
    send: (to, abi, name, args = []) => sendCall(node, from, { to, abi, name, args }),
    async ask({ to, abi, name, args }) {
      const data = encodeFunctionData({ abi, functionName: name, args })
      const answer = await call(to, data)
      return decodeFunctionResult({ abi, functionName: name, args, data: answer })
    },
    async read(reader) {
      let round = reader.next()
      while (round.done !== true) {
        const answers: (Hex | undefined)[] = []
        for (const { target, data } of round.value)
          answers.push(await call(target, data).catch(() => undefined))
        round = reader.next(answers)
      }
      return round.value
    },
    close,
  }
}

/** `address` in small letters. */
export function lowerCase(address: Address): Address {
  return address.toLowerCase() as Address // digits stay what they are
}
