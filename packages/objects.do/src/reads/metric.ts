// `metric`: shows one metric with its previous value, and as a series.

import { ObjectError, type Parameters, type TimeBucket, timeBuckets } from 'digital-objects'
import { parseAsOf } from '../entities/read-request.ts'
import { metricReport, metricsAt, type SeriesAsked } from '../metrics/metric-report.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const string = { type: 'string' } as const

export const metric = defineRead({
  name: 'metric',
  about: 'Show one metric of the business, and its series',
  path: '/metrics/{id}',
  listedAs: { tag: 'metrics', operationId: 'metrics.get' },
  parameters: {
    from: { component: 'metricFrom', about: 'The beginning of a series, a date or a timestamp', schema: string },
    to: { component: 'metricTo', about: 'The end of a series; a date includes that day', schema: string },
    step: {
      component: 'metricStep',
      about: 'The periods of a series; without it, and without from, the answer has no series',
      schema: { type: 'string', enum: timeBuckets },
    },
    compare: {
      component: 'metricCompare',
      about: 'Adds the series of as many periods before',
      schema: { type: 'string', enum: ['previous'] },
    },
    asOf,
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The metric', ref('MetricReport')) }),

  parse: ({ id = '', parameters }) => ({ name: id, asOfMs: parseAsOf(parameters), series: parseSeries(parameters) }),

  answer(parts, { request: { name, asOfMs, series }, caller: { context, tenant } }) {
    const at = metricsAt({ parts, context, tenant, asOfMs })
    const body = JSON.stringify(metricReport(at, name, series))
    return { body, source: asOfMs === undefined ? 'object' : 'log' }
  },
})

function parseSeries(parameters: Parameters): SeriesAsked | undefined {
  const { from, to, step, compare } = parameters
  if (compare !== undefined && compare !== 'previous') throw wrong('compare', 'previous', compare)
  if (from === undefined && to === undefined && step === undefined) {
    if (compare === undefined) return undefined
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'compare',
      message: 'compare adds the series of earlier periods: it expects step, from or to beside it',
    })
  }
  const known: TimeBucket | undefined = step === undefined ? 'day' : timeBuckets.find((one) => one === step)
  if (known === undefined) throw wrong('step', timeBuckets.join(', '), step)
  return { step: known, from, to, isCompared: compare === 'previous' }
}

function wrong(field: string, expected: string, got = ''): ObjectError {
  const message = `${field} expects ${expected}, got '${got.slice(0, 64)}'`
  return new ObjectError({ code: 'invalid_parameter', field, message })
}
