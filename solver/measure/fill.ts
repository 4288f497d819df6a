/** What the chain says happened: fills read from a settlement's receipt, and what the receiver really got. */
import { decodeEventLog, toEventSelector } from 'viem/utils'
import type { Log } from '../chain/block.ts'
import { type Address, type Hex, toAddress } from '../core/hex.ts'
import { settlementAbi } from '../settle/abi.ts'

/** One order filled. Amounts are base units. */
export type Fill = {
  readonly digest: Hex
  readonly owner: Address
  readonly sold: bigint
  /** What the contract credited to the receiver. */
  readonly bought: bigint
}

/**
 * The fills that `settlement` reported in one receipt, in order.
 *
 * @param logs - All logs of the transaction.
 * @param settlement - Address of the settlement contract; logs of others are passed over, and so are logs that the
 *   contract cannot have made: a node that lies must not stop who reads.
 */
export function readFills(logs: readonly Log[], settlement: Address): readonly Fill[] {
  return logs
    .filter((log) => toAddress(log.address) === settlement)
    .flatMap((log) => {
      const event = decoded(log)
      if (event?.eventName !== 'Fill') return []
      const { order, owner, sold, bought } = event.args
      return [{ digest: order, owner: toAddress(owner), sold, bought }]
    })
}

/** The event in `log`; `undefined` when it is none of the settlement's, or cut short. */
function decoded({ topics, data }: Log) {
  try {
    return decodeEventLog({ abi: settlementAbi, topics: topics as [Hex, ...Hex[]], data })
  } catch {
    return undefined
  }
}

/** keccak256("Fill(bytes32,address,uint256,uint256)"): the first topic of a settlement's fills. */
export const fillTopic: Hex = toEventSelector('Fill(bytes32,address,uint256,uint256)')

/** keccak256("Transfer(address,address,uint256)") */
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/**
 * What `holder` gained of `token` by the transfers of one receipt, in base units; negative when it lost.
 * A second witness beside the contract's own event: it holds for tokens that log what they move.
 */
export function netTransferred(logs: readonly Log[], token: Address, holder: Address): bigint {
  const word = `0x${holder.slice(2).padStart(64, '0')}`
  let net = 0n
  for (const { address, topics, data } of logs) {
    if (toAddress(address) !== token || topics[0] !== transferTopic || topics.length !== 3) continue
    // One word; a node may cut it short.
    if (data.length !== 66) continue
    if (topics[2] === word) net += BigInt(data)
    if (topics[1] === word) net -= BigInt(data)
  }
  return net
}
