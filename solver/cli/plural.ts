/** Counts as people read them. */

/** `1 pool`, `2 pools`: `count` with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
