// `schemas`: the definitions of all Nouns that the caller's host surfaces.

import { jsonResponse } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { nounToSchemaOutput } from '../openapi/schema-output.ts'
import { defineRead } from './read.ts'
import { surfacedNouns } from './surfaced-nouns.ts'

export const schemas = defineRead({
  name: 'schemas',
  about: 'Describe all entity types: fields, relations and verbs',
  path: '/schema',
  listedAs: { tag: 'schema', operationId: 'schema.list' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('Definitions by name', { type: 'object' }) }),

  parse: () => ({}),

  answer(parts, { caller }) {
    const definitions = surfacedNouns(parts, caller).map((noun) => [noun.name, nounToSchemaOutput(noun)])
    return { body: JSON.stringify(Object.fromEntries(definitions)), source: 'object' }
  },
})
