// `status`: shows the size of the tenant, the lag of its files, and its pending work.

import type { TenantStore } from '@dotdo/do'
import type { Status } from 'digital-objects'
import { Reader } from '../entities/reader.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead, type ReadParts } from './read.ts'

export const status = defineRead({
  name: 'status',
  about: 'Show the size of the tenant, the lag of its files, and its pending work',
  path: '/status',
  listedAs: { tag: 'status', operationId: 'status.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The status', ref('Status')) }),

  parse: () => ({}),

  answer(parts, { caller: { tenant, context } }) {
    const { store } = parts
    parts.recorder?.log()
    const status: Status = {
      $type: 'Status',
      tenant,
      context,
      bookmark: store.bookmark,
      events: store.events.head,
      oldest: formatTimestamp(store.isReady ? store.events.timestampOf(1) : undefined),
      newest: formatTimestamp(store.events.head === 0 ? undefined : store.events.headAtMs),
      entities: countEntities(parts, context),
      files: filesStatus(store),
      clock: store.clockStatus(),
      outbox: store.outboxCounts(),
      // Their errors may tell of data that the caller does not see.
      jobs: parts.visibility.isFull ? store.jobs() : [],
    }
    return { body: JSON.stringify(status), source: 'object' }
  },
})

function countEntities(parts: ReadParts, context: string): Record<string, number> {
  const reader = new Reader({ ...parts, context })
  const counts = parts.store.state.nounsWithTables().flatMap((noun) => {
    const schema = parts.lookup(noun)
    const count = schema === undefined ? 0 : reader.countAll(schema)
    return count === 0 ? [] : [[noun, count] as const]
  })
  return Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function filesStatus(store: TenantStore): Status['files'] {
  const position = store.filesPosition()
  return position === undefined ? null : { ...position, lagEvents: store.events.head - position.seq }
}

function formatTimestamp(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString()
}
