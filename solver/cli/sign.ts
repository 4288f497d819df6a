/** `isoprice sign`: makes and signs an intent, or prints the typed data for a wallet to sign. */
import { mainnetTokens } from '../chain/chains/mainnet.ts'
import { type Address, isAddressText, toAddress, zeroAddress } from '../core/hex.ts'
import { parseInteger, toJson } from '../core/units.ts'
import { flagsFor, requireWellFormed } from '../intents/check.ts'
import { fundingTypedData, hashOrder } from '../intents/eip712.ts'
import type { Funding, Order } from '../intents/order.ts'
import { signedOrderToJson } from '../intents/orderJson.ts'
import { signerOf, signOrder } from '../intents/sign.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { accountFromEnvironment } from './keys.ts'
import { parseNumberOption } from './numberOption.ts'

type Options = {
  sell: string
  buy: string
  amount: string
  limit: string
  limitEnd?: string
  decayStart?: string
  decayEnd?: string
  validFor: string
  validTo?: string
  nonce?: string
  owner?: string
  receiver?: string
  funding: string
  settlement: string
  chainId: string
  typedData?: boolean
  json?: boolean
}

/** The variable that holds the owner's key. */
const keyVariable = 'ISOPRICE_OWNER_KEY'

/** Registers `sign`. */
export const sign: CliCommand = {
  register(program, run) {
    program
      .command('sign')
      .description(`sign an intent with the key in ${keyVariable}, or print its typed data`)
      .requiredOption('--sell <token>', 'address, or the symbol of a well-known mainnet token')
      .requiredOption('--buy <token>', 'address or symbol')
      .requiredOption('--amount <integer>', 'base units to sell')
      .requiredOption('--limit <integer>', 'least base units to buy for the whole amount')
      .requiredOption('--settlement <address>', 'the settlement contract')
      .option('--limit-end <integer>', 'limit from --decay-end on; the same as --limit when absent')
      .option('--decay-start <seconds>', 'Unix seconds at which the limit begins to fall')
      .option('--decay-end <seconds>', 'Unix seconds from which the limit is --limit-end')
      .option('--valid-for <seconds>', 'how long from now a fill is allowed', '300')
      .option('--valid-to <seconds>', 'Unix seconds of the last moment; overrides --valid-for')
      .option(
        '--nonce <integer>',
        'unused nonce of the owner; the time in milliseconds when absent',
      )
      .option('--owner <address>', 'account that signs; needed with --typed-data')
      .option('--receiver <address>', 'who gets the buy token; the owner when absent')
      .option('--funding <way>', '"allowance" (to the settlement) or "permit2"', 'allowance')
      .option('--chain-id <number>', 'EIP-155 chain id', '1')
      .option('--typed-data', 'print what a wallet signs instead of signing')
      .option('--json', 'print one line of JSON instead of indented JSON')
      .action(run((io, options: Options) => signIntent(io, options)))
  },
}

async function signIntent(io: Io, options: Options): Promise<number> {
  const account = options.typedData === true ? undefined : accountFromEnvironment(keyVariable)
  const owner = account === undefined ? requireOwner(options) : toAddress(account.address)
  if (account !== undefined && options.owner !== undefined && addressOf(options.owner) !== owner)
    throw new UsageError(
      '--owner is not the account of the key.',
      `Leave --owner out, or set ${keyVariable} to its key.`,
    )
  const order = orderOf(options, owner)
  const domain = {
    chainId: Number(parseNumberOption('--chain-id', options.chainId)),
    settlement: addressOf(options.settlement),
  }
  const indent = options.json === true ? undefined : 2
  if (account === undefined) {
    requireWellFormed(order, domain)
    const typedData = fundingTypedData(order, domain, fundingOf(options))
    io.print(toJson({ digest: hashOrder(order, domain), typedData }, indent))
    return exitCodes.ok
  }
  const signed = await signOrder(order, domain, fundingOf(options), signerOf(account))
  io.print(toJson(signedOrderToJson(signed), indent))
  return exitCodes.ok
}

function orderOf(options: Options, owner: Address): Order {
  const now = Math.floor(Date.now() / 1_000)
  const receiver = options.receiver === undefined ? owner : addressOf(options.receiver)
  const parties = { owner, receiver, auctioneer: zeroAddress }
  const limitStart = parseInteger(options.limit, 'limit')
  const decayStart = secondsOr(now, '--decay-start', options.decayStart)
  return {
    ...parties,
    sellToken: tokenOf(options.sell),
    buyToken: tokenOf(options.buy),
    amount: parseInteger(options.amount, 'amount'),
    limitStart,
    limitEnd:
      options.limitEnd === undefined ? limitStart : parseInteger(options.limitEnd, 'limitEnd'),
    decayStart,
    decayEnd: secondsOr(decayStart, '--decay-end', options.decayEnd),
    validTo: validToOf(options, now),
    nonce:
      options.nonce === undefined
        ? BigInt(Date.now())
        : parseNumberOption('--nonce', options.nonce),
    flags: flagsFor(parties),
  }
}

/** The last moment of a fill in Unix seconds. */
function validToOf({ validTo, validFor }: Options, now: number): number {
  const last =
    validTo === undefined
      ? now + Number(parseNumberOption('--valid-for', validFor))
      : Number(parseNumberOption('--valid-to', validTo))
  if (last > now) return last
  throw new UsageError(
    validTo === undefined ? '--valid-for 0 leaves no time.' : `--valid-to ${last} is past.`,
    `It is ${now} now: give a later time, for example --valid-for 300.`,
  )
}

function secondsOr(
  otherwise: number,
  option: '--decay-start' | '--decay-end',
  text: string | undefined,
): number {
  return text === undefined ? otherwise : Number(parseNumberOption(option, text))
}

function requireOwner(options: Options): Address {
  if (options.owner === undefined)
    throw new UsageError(
      '--typed-data needs --owner.',
      'Give the address of the account that will sign.',
    )
  return addressOf(options.owner)
}

function fundingOf(options: Options): Funding {
  if (options.funding === 'allowance' || options.funding === 'permit2') return options.funding
  throw new UsageError('--funding is unknown.', 'Give "allowance" or "permit2".')
}

function addressOf(text: string): Address {
  if (isAddressText(text)) return toAddress(text)
  throw new UsageError(`"${text.slice(0, 50)}" is not an address.`, 'Give 0x and 40 hex digits.')
}

function tokenOf(text: string): Address {
  const known = Object.entries(mainnetTokens).find(([symbol]) => symbol === text)
  if (known !== undefined) return known[1].address
  if (isAddressText(text)) return toAddress(text)
  throw new UsageError(
    `"${text.slice(0, 50)}" is neither an address nor the symbol of a well-known token.`,
    `Give 0x and 40 hex digits, or one of ${Object.keys(mainnetTokens).join(', ')}.`,
  )
}
