// `event`: reads one event of the log by its id.

import { logRowToText } from '@dotdo/do'
import { ObjectError, parseEventId } from 'digital-objects'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { eventVisibilityOf, recordEvents } from './event-page.ts'
import { defineRead } from './read.ts'

export const event = defineRead({
  name: 'event',
  about: 'Read one event',
  path: '/events/{id}',
  listedAs: { tag: 'log', operationId: 'events.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The event', ref('LogEvent')) }),

  parse: ({ id = '' }) => ({ id }),

  answer(parts, { request: { id }, caller }) {
    const { store } = parts
    const visibility = eventVisibilityOf(parts)
    const secondMs = parseEventId(id)
    recordEvents(parts)
    const row = secondMs === undefined || !store.isReady ? undefined : store.events.byId(id, secondMs)
    if (row === undefined || !visibility.isVisible(row))
      throw new ObjectError({
        code: 'not_found',
        message: `no event '${id.slice(0, 64)}'`,
        detail: { id: id.slice(0, 64) },
      })
    return { body: logRowToText(visibility.shown(row), caller.context), source: 'log' }
  },
})
