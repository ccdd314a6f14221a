// `schema`: describes one Noun.

import { findNoun } from '../entities/find-noun.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { nounToSchemaOutput } from '../openapi/schema-output.ts'
import { defineRead } from './read.ts'

export const schema = defineRead({
  name: 'schema',
  about: 'Describe one entity type: fields, relations and verbs',
  path: '/schema/{noun}',
  listedAs: { tag: 'schema', operationId: 'schema.get' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The entity type', ref('EntityType')) }),

  parse: (call, lookup) => ({ noun: findNoun(lookup, call) }),

  answer({ store, recorder }, { request }) {
    recorder?.definitions()
    const { noun } = request
    const { version } = store.catalog.stored(noun.name) ?? { version: 0 }
    const origin = store.catalog.current.own.has(noun.name) ? 'own' : 'built-in'
    const body = JSON.stringify({ ...nounToSchemaOutput(noun), origin, definitionVersion: version })
    return { body, source: 'object' }
  },
})
