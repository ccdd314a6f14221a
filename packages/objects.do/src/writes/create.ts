// `create`: a new entity.

import { type EntityFields, validateCreate } from 'digital-objects'
import { acceptedFields } from '../entities/accepted-fields.ts'
import { refNoun, writeResponses } from '../openapi/components.ts'
import { createHeaders } from '../openapi/parameters.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, findCrudVerb } from './entity-write.ts'

export const create = defineEntityWrite({
  name: 'create',
  about: 'Create a {Noun}',
  routes: [{ methods: ['POST'], path: '/{Noun}' }],
  isOffered: ({ noun }) => Object.hasOwn(noun.verbs, 'create'),
  body: { isRequired: true, schema: ({ noun }) => refNoun(noun, 'Create') },
  parameters: createHeaders,
  responses: ({ noun }) => writeResponses(noun, 201),

  resolve: (_, given) => ({
    verb: findCrudVerb(given.schema, 'create'),
    kind: 'create',
    decide: () => createdFields(given),
  }),
  checkBody: createdFields,
})

function createdFields({ schema, body }: EntityCall): EntityFields {
  return acceptedFields(validateCreate(schema, body), `${schema.name}.create`)
}
