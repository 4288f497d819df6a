/**
 * A lock that one process holds by a file with its pid: taken by `link`, which like O_EXCL succeeds for one only,
 * and which never shows a file without its text.
 */
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { BaseError } from '../core/errors.ts'

/** Who holds a lock. `started` tells two processes of one pid apart; empty where the system does not say. */
type Holder = { readonly pid: number; readonly started: string }

/** Tries to take over from a dead holder; another process may be faster each time. */
const triesMax = 5

/**
 * Takes the lock `path`, also from a holder that is dead.
 *
 * @returns Gives the lock back. A second call does nothing.
 * @throws {StoreLockedError} `store.locked`, naming the pid that holds it; also when that is this process.
 */
export function takeLock(path: string): () => void {
  const self: Holder = { pid: process.pid, started: startOf(process.pid) }
  const draft = `${path}.${self.pid}`
  for (let left = triesMax; left > 0; left--) {
    writeFileSync(draft, JSON.stringify(self))
    try {
      linkSync(draft, path)
      return releaseOnce(path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      unlinkSync(draft)
    }
    const holder = readHolder(path)
    if (holder !== undefined && (left === 1 || isAlive(holder)))
      throw new StoreLockedError({ path, pid: holder.pid })
    if (holder !== undefined) removeStale(path, holder)
  }
  throw new StoreLockedError({ path, pid: undefined })
}

function releaseOnce(path: string): () => void {
  let isHeld = true
  return () => {
    if (isHeld) rmSync(path, { force: true })
    isHeld = false
  }
}

/** `undefined` when the lock is gone meanwhile. A file that is none of ours counts as a dead holder's. */
function readHolder(path: string): Holder | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const found = /^\{"pid":(\d+),"started":"(\d*)"\}$/.exec(text)
  return { pid: Number(found?.[1] ?? 0), started: found?.[2] ?? '' }
}

/** Takes the dead holder's file away, and only that: one that a faster process has put there goes back. */
function removeStale(path: string, seen: Holder): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  const moved = readHolder(aside)
  try {
    if (moved?.pid !== seen.pid || moved.started !== seen.started) linkSync(aside, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(aside)
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: alive, and another user's.
    if (codeOf(error) === 'ESRCH') return false
  }
  return started === '' || started === startOf(pid)
}

/** When the process started, in ticks since boot; empty where there is no /proc. A pid is used again, also at once. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold blanks; the start is the twentieth field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Another process has the database open. Two at once would ruin it. */
export class StoreLockedError extends BaseError {
  override readonly code = 'store.locked'

  constructor({ path, pid }: { path: string; pid: number | undefined }) {
    super(`Process ${pid ?? '(unknown)'} has the database open.`, {
      facts: { pid, lock: path },
      hint: 'Stop that process first, or give this one a database of its own.',
    })
  }
}
