// `events`: lists the tenant's log, in pages that `after` continues. The same path also serves live events.

import { type NounSchema, ObjectError, type Parameters, isEntityIdOf, parseEventPattern } from 'digital-objects'
import { parseCount } from '../entities/parameters.ts'
import { eventsResponse } from '../openapi/components.ts'
import { after, cursor, eventLimit, readHeaders } from '../openapi/parameters.ts'
import { type EventChoice, eventPageBody, type EventRows, noEvents, visibleChoice, visiblePage } from './event-page.ts'
import { defineRead, type ReadParts } from './read.ts'

/** Limits `actor`, which is an id or a word such as `anonymous`. */
const actorCharactersMax = 256

export const events = defineRead({
  name: 'events',
  about: 'List the log, oldest first; over a WebSocket or as text/event-stream, live',
  path: '/events',
  listedAs: { tag: 'log', operationId: 'events.list' },
  parameters: {
    after,
    cursor,
    limit: eventLimit,
    type: {
      component: 'eventType',
      about: 'A pattern of event types: Deal.*, *.Created, Deal.Won',
      schema: { type: 'string' },
    },
    entity: { component: 'entity', about: 'List events of one entity, by its id', schema: { type: 'string' } },
    actor: {
      component: 'actor',
      about: 'List events of one actor',
      schema: { type: 'string', minLength: 1, maxLength: actorCharactersMax },
    },
  },
  headers: readHeaders,
  responses: () => ({ 200: eventsResponse }),

  parse({ parameters }) {
    const afterName = parameters['cursor'] === undefined ? 'after' : 'cursor'
    return {
      limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: 1_000, code: 'invalid_limit' }),
      after: parseCount(parameters, { name: afterName, fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
      choice: parseChoice(parameters),
      entity: parameters['entity'],
    }
  },

  answer(parts, { request, caller }) {
    return { body: eventPageBody(parts, readEvents(parts, request), caller.context), source: 'log' }
  },
})

interface EventsRequest {
  readonly after: number
  readonly limit: number
  readonly choice: EventChoice
  readonly entity: string | undefined
}

function readEvents(parts: ReadParts, { after, limit, choice, entity: id }: EventsRequest): EventRows {
  const noun = id === undefined ? undefined : nounOfEntity(parts, id)
  const { events: log, isReady } = parts.store
  if (!isReady) return noEvents
  if (noun !== undefined && id !== undefined) {
    return visiblePage(parts, { noun, id, after, limit, choice })
  }
  const page = log.read({ after, limit, ...visibleChoice(parts, choice) })
  return { ...page, hasMore: page.readThrough < log.head }
}

function parseChoice({ type, actor }: Parameters): EventChoice {
  return {
    ...(type === undefined ? {} : { pattern: parseEventPattern(type) }),
    ...(actor === undefined ? {} : { actor: parseActor(actor) }),
  }
}

function parseActor(actor: string): string {
  if (actor.length > 0 && actor.length <= actorCharactersMax) return actor
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'actor',
    message: `actor expects 1 to ${actorCharactersMax} characters, got ${actor.length}`,
  })
}

function nounOfEntity(parts: ReadParts, id: string): NounSchema {
  const noun = parts.schemas().find((schema) => isEntityIdOf(schema, id))
  if (noun !== undefined) return noun
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'entity',
    message: `entity expects an entity's id, got ${JSON.stringify(id.slice(0, 64))}`,
  })
}
