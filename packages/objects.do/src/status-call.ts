// The tenant's status, counted in its object.

import type { TenantStore } from '@dotdo/do'
import type { Status } from 'digital-objects'
import type { ReadCall } from './call.ts'
import { refuseOthers } from './parameters.ts'
import type { ReadParts, ReadResult } from './read-call.ts'

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

function filesStatus({ lake, isReady, events }: TenantStore): Status['files'] {
  if (lake === undefined) return null
  const { seq, revision } = isReady ? lake.position : { seq: 0, revision: 0 }
  return { seq, revision, lagEvents: events.head - seq }
}

function momentText(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString()
}
