// Counts the events that have led to each other before a commit: a handler's commit names the event that caused it.

import { ArchivedEvents, type TenantStore } from '@dotdo/do'
import { parseEventId } from 'digital-objects'

/** Ends at a limit, or at an event that has left the object: it is old. */
export function causesOf({ events }: TenantStore, commit: number, limit: number): number {
  let first = commit
  for (let causes = 0; ; causes++) {
    const [start] = events.read({ after: first - 1, limit: 1, isHeadOnly: true }).rows
    const cause = start?.causedBy ?? undefined
    const secondMs = cause === undefined ? undefined : parseEventId(cause)
    if (cause === undefined || secondMs === undefined || causes >= limit) return causes
    try {
      const found = events.byId(cause, secondMs)
      if (found === undefined) return causes + 1
      first = found.commit
    } catch (error) {
      if (error instanceof ArchivedEvents) return causes + 1
      throw error
    }
  }
}
