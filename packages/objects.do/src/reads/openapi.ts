// `openapi`: the OpenAPI document of the tenant.

import { jsonResponse } from '../openapi/components.ts'
import { describeTenant } from '../openapi/describe-tenant.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'
import { surfacedNouns } from './surfaced-nouns.ts'

export const openapi = defineRead({
  name: 'openapi',
  about: 'Describe the tenant as an OpenAPI 3.1 document',
  path: '/openapi',
  listedAs: { tag: 'schema', operationId: 'openapi.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The document', { type: 'object', additionalProperties: true }) }),

  parse: () => ({}),

  answer(parts, { caller }) {
    const { operations, services, recorder } = parts
    recorder?.definitions()
    const nouns = surfacedNouns(parts, caller)
    const document = describeTenant({ operations, services, nouns, tenantUrl: caller.context })
    return { body: JSON.stringify(document), source: 'object' }
  },
})
