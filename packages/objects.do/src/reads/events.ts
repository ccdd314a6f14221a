// `events`: lists the tenant's log, in pages that `after` continues and that never end inside a commit. The same path also
// serves live events.

import { actorCharactersMax, parseEventSelection } from '@dotdo/do'
import { isEntityIdOf, ObjectError, type Parameters } from 'digital-objects'
import { parseCount } from '../entities/parameters.ts'
import { eventsResponse } from '../openapi/components.ts'
import { idPatternOf } from '../openapi/field-schema.ts'
import { after, eventLimit, readHeaders } from '../openapi/parameters.ts'
import { eventPageBody, type EventRows, noEvents, recordEvents, visibleChoice, visiblePage } from './event-page.ts'
import { defineRead, type ReadParts } from './read.ts'

/** One alternative of an event pattern. */
const onePattern = '([*]|([*]|[A-Za-z][A-Za-z0-9]*)[.]([*]|[A-Za-z][A-Za-z0-9]*))'

export const events = defineRead({
  name: 'events',
  about: 'List the log, oldest first; over a WebSocket or as text/event-stream, live',
  path: '/events',
  listedAs: { tag: 'log', operationId: 'events.list' },
  parameters: {
    after,
    cursor: {
      component: 'eventCursor',
      about: 'The cursor of the previous page, in place of `after`',
      schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
    },
    limit: eventLimit,
    type: {
      component: 'eventType',
      about: 'A pattern of event types: Deal.*, *.Created, Deal.Won',
      schema: { type: 'string', maxLength: 1_024, pattern: `^${onePattern}(,${onePattern}){0,15}$` },
    },
    entity: {
      component: 'entity',
      about: 'List events of one entity, by its id',
      schema: { type: 'string', pattern: idPatternOf(['[a-z][a-z0-9]*']) },
    },
    actor: {
      component: 'actor',
      about: 'List events of one actor',
      schema: { type: 'string', minLength: 1, maxLength: actorCharactersMax },
    },
  },
  headers: readHeaders,
  responses: () => ({ 200: eventsResponse }),

  parse({ parameters }) {
    if (parameters['cursor'] !== undefined && parameters['after'] !== undefined)
      throw new ObjectError({
        code: 'invalid_parameter',
        field: 'after',
        message: 'after has no effect beside cursor, which is the place to continue from: expected one of them',
      })
    const afterName = parameters['cursor'] === undefined ? 'after' : 'cursor'
    return {
      limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: 1_000, code: 'invalid_limit' }),
      after: parseCount(parameters, { name: afterName, fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
      parameters,
    }
  },

  answer(parts, { request, caller }) {
    return { body: eventPageBody(parts, readEvents(parts, request), caller.context), source: 'log' }
  },
})

interface EventsRequest {
  readonly after: number
  readonly limit: number
  readonly parameters: Parameters
}

function readEvents(parts: ReadParts, { after, limit, parameters }: EventsRequest): EventRows {
  const schemas = parts.schemas()
  const { entity: id, ...choice } = parseEventSelection(parameters, () => schemas)
  const { events: log, isReady } = parts.store
  if (!isReady) return noEvents
  const noun = id === undefined ? undefined : schemas.find((schema) => isEntityIdOf(schema, id))
  if (noun !== undefined && id !== undefined) {
    return visiblePage(parts, { noun, id, after, limit, choice, isWhole: true })
  }
  recordEvents(parts)
  const page = log.read({ after, limit, isWhole: true, ...visibleChoice(parts, choice) })
  return { ...page, hasMore: page.readThrough < log.head }
}
