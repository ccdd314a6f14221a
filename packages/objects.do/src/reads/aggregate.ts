// `aggregate`: computes sums, averages and other values over the entities of a Noun that match a filter, in groups.

import { type AggregateResults, toAggregateResults } from 'digital-objects'
import { parseAggregateRequest } from '../entities/read-request.ts'
import { readerAt } from '../entities/reader.ts'
import { openSnapshot } from '../files/files-parts.ts'
import { isForObject } from '../files/is-for-object.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { aggregateParameters } from '../openapi/aggregate-parameters.ts'
import { asOf, filter, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const aggregate = defineRead({
  name: 'aggregate',
  about: 'Compute counts, sums, averages and other values over {Noun} entities, in groups',
  path: '/{Noun}/aggregate',
  parameters: { filter, ...aggregateParameters, asOf },
  headers: readHeaders,
  takesFields: true,
  responses: () => ({ 200: jsonResponse('The groups', ref('Aggregate')) }),

  parse: parseAggregateRequest,

  answer(parts, { request, caller }) {
    const reader = readerAt({ ...parts, context: caller.context }, request.asOfMs)
    const groups = reader.aggregate(request)
    return { body: bodyOf(toAggregateResults(request.aggregate, groups.all)), source: reader.source }
  },

  async answerFromFiles(parts, { request }) {
    if (isForObject(request.filter)) return undefined
    const groups = await openSnapshot(parts).aggregate(request.noun, request)
    return groups === undefined ? undefined : { body: bodyOf(toAggregateResults(request.aggregate, groups.all)) }
  },
})

function bodyOf(results: AggregateResults): string {
  return JSON.stringify(results)
}
