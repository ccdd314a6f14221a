// `settings`: shows the tenant's settings, with defaults for those that are not set.

import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseAsOf } from '../entities/read-request.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const settings = defineRead({
  name: 'settings',
  about: "Show the tenant's settings",
  path: '/settings',
  listedAs: { tag: 'settings', operationId: 'settings.get' },
  parameters: { asOf },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('All settings', ref('Settings')) }),

  parse: ({ parameters }) => ({ asOfMs: parseAsOf(parameters) }),

  answer({ store, recorder }, { request: { asOfMs }, caller }) {
    requireFullAuthority(caller, 'a setting')
    recorder?.definitions()
    if (asOfMs === undefined) {
      const version = store.settings.stored()?.version
      const body = JSON.stringify(store.settings.current)
      return { body, source: 'object', ...(version === undefined ? {} : { version }) }
    }
    return { body: JSON.stringify(store.settings.at(store.sealAt(asOfMs))), source: 'log' }
  },
})
