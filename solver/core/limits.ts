/** Every bound of a loop, a queue or a size, each with why it has that value (house 5.9). */

/** Bounds that hold for every deployment. */
export const limits = {
  /** Largest token amount of an order: uint128 on chain, so a product of two fits 256 bits. */
  amountMax: 2n ** 128n - 1n,
  /** Oldest head a quote may be made on, in seconds: two slots of Ethereum. */
  viewAgeSeconds: 24n,
  /** Longest time since the head was last seen to be the view's block, in seconds: half a slot of Ethereum. */
  lookAgeSeconds: 6n,
  /** Legs in one plan. 255 fits the program's one-byte count; gas ends a plan long before. */
  legs: 255,
  /** Blocks that a settlement is tried for: three, as the largest batch auction on mainnet does. */
  deadlineBlocks: 3,
  /** Raises of the tip for one settlement: 1.15^3 is half as much again, the rest is the cap's work. */
  tipRaises: 3,
  /** Failed simulations after which a settlement is dropped: the first may be a passing state. */
  simulationFailures: 2,
  /** Account nonces that the outbox looks back: at one a block, the 64 blocks to finality. */
  outboxNonces: 64n,
  /** Bytes read of one relay's answer: real answers have hundreds. */
  relayAnswerBytes: 1_000_000,
  /** Transactions in one bundle, as relays refuse more. */
  bundleTransactions: 100,
  /** Raw bytes in one bundle, as relays refuse more. */
  bundleBytes: 300_000,
  /** Bundles that a local builder simulates for one block: far above what one machine sends. */
  blockBundles: 64,
  /** Bundles that a local relay keeps: a flood ends in a refusal, not in a full memory. */
  relayBundles: 10_000,
  /** Blocks ahead that a private transaction or a bundle may name. */
  targetBlocksAhead: 25,
  /** Public transactions of one account, as geth guarantees slots for. */
  publicPerAccount: 16,
  /** Public transactions in all, as geth's pool holds. */
  publicPool: 5_120,
  /** Things that a filter keeps between two polls; the oldest go first. */
  filterItems: 10_000,
  /** Filters and subscriptions that one local node serves. */
  filters: 1_000,
  /** Bytes of one request to a local server: above the largest bundle in hex. */
  requestBytes: 2_000_000,
  /** Bytes that a local node remembers of its public traffic for leak audits. */
  auditBytes: 64_000_000,
  /** Ports tried upward when the wanted one is taken. */
  portTries: 100,
  /** Orders that one process keeps: each open one is planned at every block. */
  bookOrders: 10_000,
  /** Open orders of one owner: more would make everybody else wait for free. */
  openPerOwner: 64,
  /** Settlements tried in one turn: when the best fails the next gets its chance, up to a point. */
  triesPerTurn: 8,
  /** Blocks that an order rests at most after failing again and again; it doubles from 1. */
  restBlocks: 256,
  /** Longest pause before the chain is followed again, in milliseconds. */
  followAgainMs: 30_000,
  /** Looks for a receipt that one node had and another has not yet, a quarter of a second apart. */
  receiptLooks: 40,
  /** Pools that a market takes in by itself: ten times what the deepest routes need, about 500 MB. */
  marketPools: 50_000,
  /** Created pools that one block may bring: more than any block of mainnet ever did. */
  newPoolsPerBlock: 256,
  /** Blocks until a pool that was not there is read again; doubled each further time. */
  dormantBlocks: 8n,
  /** Pools that were not there when they were read, remembered until they log something. */
  dormantPools: 10_000,
  /** One block in so many is checked against the chain: once a minute on mainnet. */
  watchEveryBlocks: 5,
  /** Pools read each time: 5,000 pools are seen about twice a day for one request a minute. */
  watchSample: 16,
  /** Blocks that a pool rests after it differed from the chain, about ten minutes; doubled each further time. */
  quarantineBlocks: 50n,
  /** The longest such rest: about a day. */
  quarantineBlocksMax: 7_200n,
  /** Tokens tried in one request: gas ends it before, at 14 of plain tokens with 16 million. */
  screenBatch: 64,
  /** Tokens screened in one go: about a minute of a public node's requests. */
  screenTokens: 2_000,
  /** Blocks after which a token is tried again, about a day: owners change fees. */
  screenAgainBlocks: 7_200n,
} as const
