// `count`: counts the entities of a Noun that match a filter.

import { countBody } from '../entities/read-body.ts'
import { parseCountRequest } from '../entities/read-request.ts'
import { readerAt } from '../entities/reader.ts'
import { openSnapshot } from '../files/files-parts.ts'
import { isForObject } from '../files/is-for-object.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, filter, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const count = defineRead({
  name: 'count',
  about: 'Count {Noun} entities',
  path: '/{Noun}/count',
  parameters: { filter, asOf },
  headers: readHeaders,
  takesFields: true,
  responses: () => ({ 200: jsonResponse('The number of entities', ref('EntityCount')) }),

  parse: parseCountRequest,

  answer(parts, { request, caller }) {
    const reader = readerAt({ ...parts, context: caller.context }, request.asOfMs)
    return { body: countBody(reader.count(request.noun, request.filter)), source: reader.source }
  },

  async answerFromFiles(parts, { request }) {
    const { noun, filter } = request
    if (isForObject(filter)) return undefined
    const all = { filter, sort: [], limit: 0, isCounted: true }
    const found = await openSnapshot(parts).find(noun, all)
    return found === undefined ? undefined : { body: countBody(found.count) }
  },
})
