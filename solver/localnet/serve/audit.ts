/** Everything that crossed the public sockets, so that a leak can be searched for afterwards. */
import { limits } from '../../core/limits.ts'

/** What was recorded, oldest first. */
export type AuditRecord = {
  readonly received: readonly string[]
  readonly sent: readonly string[]
  /** Messages that were forgotten because the record was full: 0 or the audit is not complete. */
  readonly forgotten: number
}

/** A recorder of public traffic. */
export type Audit = {
  received(text: string): void
  sent(text: string): void
  read(): AuditRecord
}

/** Makes a recorder that keeps the last `limits.auditBytes` characters. */
export function createAudit(): Audit {
  const kept: { readonly direction: 'received' | 'sent'; readonly text: string }[] = []
  let size = 0
  let forgotten = 0
  const keep = (direction: 'received' | 'sent', text: string) => {
    kept.push({ direction, text })
    size += text.length
    while (size > limits.auditBytes) {
      size -= kept.shift()?.text.length ?? size
      forgotten += 1
    }
  }
  const of = (direction: 'received' | 'sent') =>
    kept.filter((each) => each.direction === direction).map(({ text }) => text)
  return {
    received: (text) => keep('received', text),
    sent: (text) => keep('sent', text),
    read: () => ({ received: of('received'), sent: of('sent'), forgotten }),
  }
}
