// `history.get`: shows how many lines of the tenant's past are loaded.

import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const historyState = defineRead({
  name: 'history.get',
  about: "Show how many lines of the tenant's past are loaded, and whether more are accepted",
  path: '/history',
  listedAs: { tag: 'history', operationId: 'history.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The lines that are in', ref('LoadedHistory')) }),

  parse: () => ({}),

  answer({ store, recorder }) {
    recorder?.log()
    return { body: JSON.stringify(store.history.state()), source: 'object' }
  },
})
