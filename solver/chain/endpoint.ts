/** One node behind one URL, as the pool of nodes sees it. */

/** One request of JSON-RPC. */
export type RpcArgs = { readonly method: string; readonly params?: readonly unknown[] }

/** A node that can be asked, and perhaps tells of new heads. */
export type Endpoint = {
  /** Names the node to people: its URL without its key. */
  readonly name: string
  /** Asks once, without a retry. Rejects with viem's errors. */
  request(args: RpcArgs): Promise<unknown>
  /** Calls `wake` whenever the node may have a new head, and after each reconnect; returns what ends it. */
  watchHeads?(wake: () => void): () => void
  close(): void
}

/** What a reader makes of an answer. `cause` and `why` stand in the node's state when it is quarantined. */
export type Verdict =
  | { readonly kind: 'good' }
  /** It may lack something: another node is asked, and the fuller answer wins. */
  | { readonly kind: 'doubtful'; readonly why: string }
  /** It contradicts itself or what was asked. */
  | { readonly kind: 'wrong'; readonly why: string }

/** Judges an answer by what the caller knows already. */
export type Judge = (answer: unknown) => Verdict

/** The verdict on what nobody can fault. */
export const good: Verdict = { kind: 'good' }
