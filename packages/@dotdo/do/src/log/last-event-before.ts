// The event after which the tables have the state of a time. Events have the time of their commit, in which they are also
// ordered, but an event may say that it happened earlier (`effective`).

import type { LogReader } from './log-reader.ts'
import { typeOfRow } from './stored-event.ts'

export interface EventBefore {
  readonly timeMs: number
  /** The last event that is known. */
  readonly through: number
  /** The Nouns whose state is read. */
  readonly nouns: ReadonlySet<string>
}

/** Limits the events that one call examines. */
const examinedMax = 20_000

/**
 * Returns the `seq` after which these Nouns have the state that was true just before a time, as known after `through`. Returns
 * undefined if there is none: then some of their events were recorded late, and others in between happened after the time.
 */
export function lastEventBefore(
  { sql, log }: { readonly sql: SqlStorage; readonly log: Pick<LogReader, 'seqAt'> },
  { timeMs, through, nouns }: EventBefore,
): number | undefined {
  const last = Math.min(log.seqAt(timeMs - 1), through)
  // An event never happens after its commit, so those up to `last` are all of before.
  const late = sql
    .exec<{ seq: number; name: string }>(
      `SELECT seq, ${typeOfRow} AS name FROM log WHERE effective < ? AND seq > ? AND seq <= ? LIMIT ?`,
      timeMs,
      last,
      through,
      examinedMax + 1,
    )
    .toArray()
  if (late.length > examinedMax) return undefined
  const own = late.filter(({ name }) => nouns.has(name.slice(0, name.indexOf('.'))))
  const end = own.reduce((most, { seq }) => Math.max(most, seq), last)
  if (end === last) return last
  if (end - last > examinedMax) return undefined
  const between = sql
    .exec<{ name: string }>(
      `SELECT DISTINCT ${typeOfRow} AS name FROM log WHERE seq > ? AND seq <= ? AND coalesce(effective, at) >= ?`,
      last,
      end,
      timeMs,
    )
    .toArray()
  return between.some(({ name }) => nouns.has(name.slice(0, name.indexOf('.')))) ? undefined : end
}
