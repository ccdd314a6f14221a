// The time since which a tenant knows anything: that of its first event, or an earlier one at which an event says that it
// happened (`effective`).

import type { LogReader } from './log-reader.ts'

/** Returns undefined if there is no event up to `through`. */
export function knownSince(
  { sql, log }: { readonly sql: SqlStorage; readonly log: Pick<LogReader, 'timestampOf'> },
  through: number,
): number | undefined {
  // A tenant without events may have no tables.
  const first = through === 0 ? undefined : log.timestampOf(1)
  if (first === undefined) return undefined
  const [earliest] = sql
    .exec<{ ms: number }>(
      'SELECT effective AS ms FROM log WHERE effective IS NOT NULL AND seq <= ? ORDER BY effective LIMIT 1',
      through,
    )
    .toArray()
  return Math.min(first, earliest?.ms ?? first)
}
