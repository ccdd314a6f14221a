// `schemas`: describes all Nouns that the caller's host shows.

import { parseFlag } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { nounToSchemaOutput } from '../openapi/schema-output.ts'
import { defineRead } from './read.ts'
import { surfacedNouns } from './surfaced-nouns.ts'

export const schemas = defineRead({
  name: 'schemas',
  about: 'Describe all entity types: fields, relations and verbs',
  path: '/schema',
  listedAs: { tag: 'schema', operationId: 'schema.list' },
  parameters: {
    defined: { about: 'Only entity types that the tenant defined or added to', schema: { type: 'boolean' } },
  },
  headers: readHeaders,
  responses: () => ({
    200: jsonResponse('Entity types by name', { type: 'object', additionalProperties: ref('EntityType') }),
  }),

  parse: ({ parameters }) => ({ isDefined: parseFlag(parameters, 'defined') }),

  answer(parts, { request, caller }) {
    parts.recorder?.definitions()
    const defined = new Set(parts.store.catalog.current.entries.map(({ name }) => name))
    const definitions = surfacedNouns(parts, caller)
      .filter(({ name }) => !request.isDefined || defined.has(name))
      .map((noun) => [noun.name, nounToSchemaOutput(noun)])
    return { body: JSON.stringify(Object.fromEntries(definitions)), source: 'object' }
  },
})
