// What a tenant is, in short: how much there is, how far its files are behind, and what work is owed.

import type { TenantStore } from '@dotdo/do'
import type { ReadCall } from './call.ts'
import { refuseOthers } from './parameters.ts'
import type { ReadParts, ReadResult } from './read-call.ts'

export interface Status {
  readonly $type: 'Status'
  readonly tenant: string
  readonly context: string
  /** The newest point of the log, as answers carry it. */
  readonly bookmark: string
  /** Of the log: also the `seq` of the newest. */
  readonly events: number
  /** Moments of the first and the newest event. */
  readonly oldest: string | null
  readonly newest: string | null
  /** Those that live, by type; types that have none are left out. */
  readonly entities: Readonly<Record<string, number>>
  /** Up to which event the files are, which revision of them, and how many events they lack; null where none are kept. */
  readonly files: { readonly seq: number; readonly revision: number; readonly lagEvents: number } | null
  /** Work that commits owe: that will be done, and that was given up. */
  readonly outbox: { readonly waiting: number; readonly parked: number }
}

export function answerStatus(parts: ReadParts, call: Extract<ReadCall, { read: 'status' }>): ReadResult {
  refuseOthers(call.parameters, ['strong'])
  const { tenant, context } = call
  const { store } = parts
  const status: Status = {
    $type: 'Status',
    tenant,
    context,
    bookmark: store.bookmark,
    events: store.events.head,
    oldest: momentText(store.isReady ? store.events.momentOf(1) : undefined),
    newest: momentText(store.events.head === 0 ? undefined : store.events.headAtMs),
    entities: countEntities(store),
    files: filesStatus(store),
    outbox: store.isReady ? store.outbox.counts() : { waiting: 0, parked: 0 },
  }
  return { body: JSON.stringify(status), source: 'object' }
}

function countEntities({ state }: TenantStore): Record<string, number> {
  const counts = state.standing().flatMap((noun) => {
    const table = state.table(noun)
    const count = table === undefined ? 0 : state.countPresent(table)
    return count === 0 ? [] : [[noun, count] as const]
  })
  return Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function filesStatus({ flusher, isReady, events }: TenantStore): Status['files'] {
  if (flusher === undefined) return null
  const { seq, revision } = isReady ? flusher.manifest : { seq: 0, revision: 0 }
  return { seq, revision, lagEvents: events.head - seq }
}

function momentText(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString()
}
