/**
 * Logs: one JSON line each, on stderr. Integers beyond a double stay exact, as decimal text, and what must not
 * leak is cut out at any depth before the line is made; of URLs, which may carry keys, the origin alone is left.
 */
import { pino } from 'pino'
import { BaseError } from '../core/errors.ts'
import { withoutKeys } from '../core/keyless.ts'

/** What a line says besides its sentence. */
export type Facts = Readonly<Record<string, unknown>>

/** Where lines go. `info` is for edges, `warn` for retries, `error` for whatever a person must read. */
export type Log = {
  info(facts: Facts, sentence: string): void
  warn(facts: Facts, sentence: string): void
  error(facts: Facts, sentence: string): void
  /** A log whose lines all carry `facts` too. */
  child(facts: Facts): Log
}

/** How to log. */
export type LogOptions = {
  /** Takes whole lines, each with its newline; absent is stderr. */
  readonly destination?: { write(line: string): void } | undefined
  /** The least important level that is written; `info` when absent. */
  readonly level?: 'info' | 'warn' | 'error' | 'silent' | undefined
  /** Milliseconds since 1970; absent is the wall clock. */
  readonly nowMs?: (() => number) | undefined
}

/** Field names, lower-case, whose values never reach a log. */
const secret = new Set(['signature', 'privatekey', 'raw', 'calldata'])
const redacted = '[redacted]'
/** Fields of the line itself. */
const reserved = new Set(['level', 'time', 'msg'])
/** Objects within one another; what is deeper is left out. It ends cycles too. */
const depthMax = 8
/** Entries of one list or object; what is beyond is counted. */
const entriesMax = 200

/** Starts a log. It throws nothing, whatever it is given. */
export function createLog(options: LogOptions = {}): Log {
  const { destination, level = 'info', nowMs = Date.now } = options
  const settings = {
    level,
    base: {},
    timestamp: () => `,"time":${nowMs()}`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  // Synchronous: the line before a crash is the one that is needed.
  return wrap(pino(settings, destination ?? pino.destination({ dest: 2, sync: true })), {})
}

function wrap(sink: ReturnType<typeof pino>, carried: Facts): Log {
  const lineOf = (facts: Facts) => cleanFields({ ...carried, ...facts }, 0)
  return {
    info: (facts, sentence) => sink.info(lineOf(facts), withoutKeys(sentence)),
    warn: (facts, sentence) => sink.warn(lineOf(facts), withoutKeys(sentence)),
    error: (facts, sentence) => sink.error(lineOf(facts), withoutKeys(sentence)),
    child: (facts) => wrap(sink, { ...carried, ...facts }),
  }
}

function cleanFields(fields: Facts, depth: number): Record<string, unknown> {
  const names = Object.keys(fields)
  const kept = names.slice(0, entriesMax).map((name): [string, unknown] => {
    const isReserved = depth === 0 && reserved.has(name)
    return [isReserved ? `${name}_` : name, isSecret(name) ? redacted : read(fields, name, depth)]
  })
  const more = names.length - kept.length
  return Object.fromEntries(more > 0 ? [...kept, ['more', more]] : kept)
}

function isSecret(name: string): boolean {
  return secret.has(name.toLowerCase().replace(/[_-]/g, ''))
}

/** A getter may throw; a log may not. */
function read(fields: Facts, name: string, depth: number): unknown {
  try {
    return clean(fields[name], depth + 1)
  } catch {
    return '[unreadable]'
  }
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutKeys(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'symbol' || typeof value === 'function') return `[${typeof value}]`
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > depthMax) return '[deeper]'
  if (value instanceof Error) return cleanError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Map) return cleanFields(Object.fromEntries(value.entries()), depth)
  if (value instanceof Set) return cleanList([...value], depth)
  if (Array.isArray(value)) return cleanList(value, depth)
  return cleanFields(value as Facts, depth)
}

function cleanList(list: readonly unknown[], depth: number): unknown[] {
  const kept = list.slice(0, entriesMax).map((each) => clean(each, depth + 1))
  const more = list.length - kept.length
  return more > 0 ? [...kept, `${more} more`] : kept
}

/** The first line alone of an error of ours: the others repeat its facts, which are cleaned by name. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, cause } = error
  const own = error instanceof BaseError ? ownFields(error) : {}
  return cleanFields(
    {
      name,
      message: error instanceof BaseError ? message.split('\n')[0] : message,
      ...own,
      ...(cause === undefined ? {} : { cause }),
    },
    depth,
  )
}

function ownFields({ code, facts, retryable }: BaseError): Facts {
  return { code, facts, retryable }
}
