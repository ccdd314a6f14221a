// `clock`: shows the tenant's clock, and whether it is a test clock.

import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const clock = defineRead({
  name: 'clock',
  about: "Show the tenant's clock",
  path: '/clock',
  listedAs: { tag: 'clock', operationId: 'clock.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The clock', ref('Clock')) }),

  parse: () => ({}),

  answer({ store, recorder }) {
    recorder?.log()
    return { body: JSON.stringify(store.clockState()), source: 'object' }
  },
})
