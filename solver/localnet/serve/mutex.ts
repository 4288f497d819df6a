/** One at a time: what keeps a reader from seeing a block that is only being tried. */

/** Runs `task` after every task before it has ended, and gives what it gives. */
export type Mutex = <value>(task: () => Promise<value>) => Promise<value>

/** Makes a lock. Tasks run in the order of the calls; one that rejects does not stop the next. */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => undefined)
    return result
  }
}
