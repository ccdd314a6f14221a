// `analysis`: computes what an entity of the product says now: the steps of a funnel, the variants of an experiment, the
// progress of a goal.

import {
  type Entity,
  type NounRole,
  type NounSchema,
  ObjectError,
  type Parameters,
  timeBuckets,
  unreachable,
} from 'digital-objects'
import { findEntity, notFound } from '../entities/find-noun.ts'
import { parseAsOf } from '../entities/read-request.ts'
import { metricsAt } from '../metrics/metric-report.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { dateOrTimestamp, durationPattern } from '../openapi/field-schema.ts'
import { asOf, filter, readHeaders } from '../openapi/parameters.ts'
import { analyzeExperiment } from '../product/experiment-analysis.ts'
import { analyzeFunnel } from '../product/funnel-analysis.ts'
import { parseFunnelQuestion } from '../product/funnel-question.ts'
import { analyzeGoal } from '../product/goal.ts'
import { type ProductParts, productReader } from '../product/product-parts.ts'
import { defineRead, type ReadParts } from './read.ts'

const string = { type: 'string' } as const
const analyzed = ['funnel', 'experiment', 'goal'] as const
type Analyzed = (typeof analyzed)[number]

/** Experiments have a time of their own, and goals that of their metric. */
const ofFunnels = { isOffered: ({ role }: NounSchema): boolean => role === 'funnel' }

interface Request {
  readonly noun: NounSchema
  readonly role: Analyzed
  readonly id: string
  readonly asOfMs: number | undefined
  readonly parameters: Parameters
}

export const analysis = defineRead({
  name: 'analysis',
  about: 'Analyze one {Noun}, as its events and metrics are now',
  path: '/{Noun}/{id}/analysis',
  isOffered: ({ noun }) => roleOf(noun.role) !== undefined,
  parameters: {
    from: {
      ...ofFunnels,
      component: 'analysisFrom',
      about: 'The beginning of the time of a funnel, a date or a timestamp',
      schema: dateOrTimestamp,
    },
    to: {
      ...ofFunnels,
      component: 'analysisTo',
      about: 'The end of the time of a funnel; a date includes that day',
      schema: dateOrTimestamp,
    },
    within: {
      ...ofFunnels,
      component: 'analysisWithin',
      about: 'The time in which all steps of a funnel are taken, as an ISO 8601 duration such as P7D',
      schema: { type: 'string', pattern: durationPattern },
    },
    step: {
      ...ofFunnels,
      component: 'analysisStep',
      about: 'Adds the units of a funnel by the period in which they began',
      schema: { type: 'string', enum: timeBuckets },
    },
    by: {
      ...ofFunnels,
      component: 'analysisBy',
      about: 'Adds the units of a funnel by a field of their first step',
      schema: string,
    },
    filter: {
      ...filter,
      ...ofFunnels,
      component: 'analysisFilter',
      about: 'Limits a funnel to units whose first step matches, in JSON',
    },
    asOf,
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The analysis', ref('Analysis')) }),

  parse(call, lookup): Request {
    const { noun, id } = findEntity(lookup, call)
    const role = roleOf(noun.role)
    if (role === undefined)
      throw new ObjectError({
        code: 'not_found',
        field: 'type',
        message: `${noun.name} has no analysis: only entity types with the role ${analyzed.join(', ')} have`,
      })
    return { noun, id, role, asOfMs: parseAsOf(call.parameters), parameters: call.parameters }
  },

  answer(parts, { request, caller: { context, tenant } }) {
    const { noun, id, asOfMs } = request
    const product = { ...parts, context, tenant, asOfMs }
    const reader = productReader(product)
    const version = reader.get(noun, id)
    if (version === undefined) throw notFound(noun, id)
    const body = analyze(product, request, reader.toEntity(noun, version))
    return { body: JSON.stringify({ $type: 'Analysis', of: id, ...body }), source: reader.source }
  },
})

function roleOf(role: NounRole | undefined): Analyzed | undefined {
  return analyzed.find((one) => one === role)
}

function analyze(parts: ProductParts & ReadParts, { noun, role, parameters }: Request, entity: Entity): object {
  const { context, tenant, asOfMs } = parts
  const metrics = metricsAt({ parts, context, tenant, asOfMs })
  const { untilMs, zone, catalog } = metrics
  switch (role) {
    case 'experiment':
      return analyzeExperiment({ ...parts, catalog }, entity, untilMs)
    case 'goal':
      return {
        target: entity['target'],
        direction: entity['direction'],
        ...analyzeGoal({ ...parts, metrics }, noun, entity),
      }
    case 'funnel':
      return analyzeFunnel(parts, entity, parseFunnelQuestion(parameters, { zone, untilMs }))
    default:
      return unreachable(role)
  }
}
