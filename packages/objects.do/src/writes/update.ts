// `update`: replaces the named fields of an entity.

import { type EntityFields, type JsonValue, validateUpdate } from 'digital-objects'
import { acceptedFields } from '../entities/accepted-fields.ts'
import { refNoun } from '../openapi/components.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, findCrudVerb } from './entity-write.ts'

export const update = defineEntityWrite({
  name: 'update',
  about: 'Replace fields of a {Noun}; null clears a field',
  routes: [{ methods: ['PATCH', 'PUT'], path: '/{Noun}/{id}' }],
  isOffered: ({ noun }) => Object.hasOwn(noun.verbs, 'update'),
  body: { isRequired: false, schema: ({ noun }) => refNoun(noun, 'Update') },

  resolve: (_, given) => ({
    verb: findCrudVerb(given.schema, 'update'),
    kind: 'change',
    decide: ({ current }) => merge(current, namedFields(given)),
  }),
  checkBody: namedFields,
})

function namedFields({ schema, body }: EntityCall): EntityFields {
  return acceptedFields(validateUpdate(schema, body), `${schema.name}.update`)
}

function merge(current: EntityFields | undefined, patch: EntityFields): EntityFields {
  const fields: Record<string, JsonValue> = { ...current }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields
}
