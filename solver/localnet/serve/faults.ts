/** How a relay misbehaves when a test asks it to. */

/**
 * `drop` acknowledges and forgets; `429` and `5xx` refuse; `hang` never answers; `wrong-hash` takes the
 * bundle and acknowledges another; `malformed` answers no JSON; `echo` refuses and repeats what it got;
 * `leak` also publishes; `unbundle` takes the first transaction only.
 */
export type RelayFault =
  | 'none'
  | 'drop'
  | '429'
  | '5xx'
  | 'hang'
  | 'wrong-hash'
  | 'malformed'
  | 'echo'
  | 'leak'
  | 'unbundle'
