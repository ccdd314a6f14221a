// `at`: the time at which a write's change happened, which may be earlier than its commit.

import { formatDatetime, parseDatetime } from '../base/datetime.ts'

export const happenedAtRule = 'a past timestamp with an offset, such as 2026-01-15T10:00:00Z'

/** Returns the timestamp in its one form, UTC with milliseconds, or undefined if the value is none. */
export function parseHappenedAt(value: unknown): string | undefined {
  const ms = typeof value === 'string' ? parseDatetime(value) : undefined
  return ms === undefined ? undefined : formatDatetime(ms)
}
