// `update`: replaces the named fields of an entity.

import { acceptedFields, decideChange, validateUpdate } from 'digital-objects'
import { refNoun } from '../openapi/components.ts'
import { defineEntityWrite, findCrudVerb } from './entity-write.ts'

export const update = defineEntityWrite({
  name: 'update',
  about: 'Replace fields of a {Noun}; null clears a field',
  routes: [{ methods: ['PATCH', 'PUT'], path: '/{Noun}/{id}' }],
  isOffered: ({ noun }) => Object.hasOwn(noun.verbs, 'update'),
  body: { isRequired: false, schema: ({ noun }) => refNoun(noun, 'Update') },

  resolve: (_, { schema, body }) => {
    const verb = findCrudVerb(schema, 'update')
    return {
      verb,
      kind: 'change',
      decide: (context) => decideChange({ schema, verb, input: body, ...context }),
    }
  },
  checkBody: ({ schema, body }) => acceptedFields(validateUpdate(schema, body), `${schema.name}.update`),
})
