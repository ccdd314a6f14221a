// `rules`: shows what each role of the tenant may do, and what needs the approval of a person.

import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseAsOf } from '../entities/read-request.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { asOf, readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const rules = defineRead({
  name: 'rules',
  about: 'Show what each role of the tenant may do, and what needs the approval of a person',
  path: '/rules',
  listedAs: { tag: 'access', operationId: 'rules.get' },
  parameters: { asOf },
  headers: readHeaders,
  responses: () => ({
    200: jsonResponse('All roles, including the built-in ones, and the rules of approval', ref('Rules')),
  }),

  parse: ({ parameters }) => ({ asOfMs: parseAsOf(parameters) }),

  answer({ store, recorder }, { request: { asOfMs }, caller }) {
    requireFullAuthority(caller, 'a rule')
    recorder?.definitions()
    if (asOfMs !== undefined) return { body: JSON.stringify(store.rules.at(store.sealAt(asOfMs))), source: 'log' }
    const version = store.rules.stored()?.version
    const { approvals } = store.rules.values
    const body = JSON.stringify({ roles: store.rules.current, approvals, version: version ?? 0 })
    return { body, source: 'object', ...(version === undefined ? {} : { version }) }
  },
})
