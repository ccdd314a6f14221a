// `status`: shows the size of the tenant, the lag of its files, and its pending work.

import type { TenantStore } from '@dotdo/do'
import type { Status } from 'digital-objects'
import { Reader } from '../entities/reader.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { parseFlag } from '../entities/parameters.ts'
import { parseAsOf } from '../entities/read-request.ts'
import { alertsAt } from '../metrics/alerts.ts'
import { allMetrics, type MetricReadOptions, metricsAt } from '../metrics/metric-report.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead, type ReadParts } from './read.ts'

export const status = defineRead({
  name: 'status',
  about: 'Show the size of the tenant, the lag of its files, and its pending work',
  path: '/status',
  listedAs: { tag: 'status', operationId: 'status.get' },
  parameters: {
    metrics: {
      component: 'statusMetrics',
      about: 'Add the metrics of the business, and alerts',
      schema: { type: 'boolean' },
    },
    asOf,
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The status', ref('Status')) }),

  parse({ parameters }) {
    const asOfMs = parseAsOf(parameters)
    return { asOfMs, hasMetrics: parseFlag(parameters, 'metrics') || asOfMs !== undefined }
  },

  answer(parts, { request: { hasMetrics, asOfMs }, caller: { tenant, context } }) {
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
      // Every reader of an amount or a month needs them, also callers who may not read the settings.
      currency: store.settings.current.currency,
      timeZone: store.settings.current.timeZone,
      entities: countEntities(parts, context),
      files: filesStatus(store),
      clock: store.clockStatus(),
      outbox: store.outboxCounts(),
      // Their errors may tell of data that the caller does not see.
      jobs: parts.visibility.isFull ? store.jobs() : [],
      ...(hasMetrics ? businessStatus({ parts, context, tenant, asOfMs }) : {}),
    }
    return { body: JSON.stringify(status), source: 'object' }
  },
})

function businessStatus(options: MetricReadOptions): Pick<Status, 'asOf' | 'currency' | 'metrics' | 'alerts'> {
  const at = metricsAt(options)
  const { currency, untilMs } = at
  return { asOf: new Date(untilMs - 1).toISOString(), currency, metrics: allMetrics(at), alerts: alertsAt(at) }
}

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
