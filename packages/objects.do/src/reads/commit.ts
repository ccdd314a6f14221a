// `commit`: reads the events that one commit wrote together.

import { commitToText, parseCommitNumber, readCommit } from '../commits/logged-commit.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { eventVisibilityOf, recordEvents } from './event-page.ts'
import { defineRead } from './read.ts'

export const commit = defineRead({
  name: 'commit',
  about: 'Read one commit: the events that were written together',
  path: '/commits/{id}',
  listedAs: { tag: 'log', operationId: 'commits.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The commit', ref('Commit')) }),

  parse: ({ id = '' }) => ({ number: parseCommitNumber(id) }),

  answer(parts, { request: { number }, caller }) {
    const { store } = parts
    recordEvents(parts)
    const visibility = eventVisibilityOf(parts)
    const found = readCommit(store.events, number, visibility)
    return { body: commitToText(found, { visibility, context: caller.context }), source: 'log' }
  },
})
