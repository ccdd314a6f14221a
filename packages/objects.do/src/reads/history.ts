// `history`: lists the events of one entity, which may have been deleted.

import { findEntity, notFound } from '../entities/find-noun.ts'
import { parseCount } from '../entities/parameters.ts'
import { eventsResponse } from '../openapi/components.ts'
import { after, eventLimit, readHeaders } from '../openapi/parameters.ts'
import { eventPageBody, visiblePage } from './event-page.ts'
import { defineRead } from './read.ts'

export const history = defineRead({
  name: 'history',
  about: 'List the events of one {Noun}, oldest first',
  path: '/{Noun}/{id}/history',
  parameters: { after, limit: eventLimit },
  headers: readHeaders,
  responses: () => ({ 200: eventsResponse }),

  parse(call, lookup) {
    const { parameters } = call
    return {
      ...findEntity(lookup, call),
      limit: parseCount(parameters, { name: 'limit', fallback: 25, min: 1, max: 1_000, code: 'invalid_limit' }),
      after: parseCount(parameters, { name: 'after', fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
    }
  },

  answer(parts, { request, caller }) {
    const page = visiblePage(parts, request)
    if (page.rows.length === 0 && !page.hasMore && request.after === 0) throw notFound(request.noun, request.id)
    return { body: eventPageBody(parts, page, caller.context), source: 'log' }
  },
})
