// `metrics`: shows the values of all metrics of the business.

import { parseAsOf } from '../entities/read-request.ts'
import { allMetrics, metricsAt } from '../metrics/metric-report.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const metrics = defineRead({
  name: 'metrics',
  about: 'Show all metrics of the business by group',
  path: '/metrics',
  listedAs: { tag: 'metrics', operationId: 'metrics.list' },
  parameters: { asOf },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The metrics', ref('MetricValues')) }),

  parse: ({ parameters }) => ({ asOfMs: parseAsOf(parameters) }),

  answer(parts, { request: { asOfMs }, caller: { context, tenant } }) {
    const at = metricsAt({ parts, context, tenant, asOfMs })
    const { currency, untilMs } = at
    const body = { $type: 'Metrics', asOf: new Date(untilMs - 1).toISOString(), currency, ...allMetrics(at) }
    return { body: JSON.stringify(body), source: asOfMs === undefined ? 'object' : 'log' }
  },
})
