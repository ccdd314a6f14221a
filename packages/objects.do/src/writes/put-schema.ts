// `schema.put`: defines a Noun of the tenant's own, or replaces its whole definition.

import { checkNounName, ObjectError, parseNoun } from 'digital-objects'
import { defineSchemaWrite, definitionBody, newSchemaResponse, putName, schemaResponse } from './schema-write.ts'

export const putSchema = defineSchemaWrite({
  name: putName,
  about: 'Define an entity type of your own, or replace its definition',
  method: 'PUT',
  body: definitionBody,
  responses: () => ({ 200: schemaResponse, 201: newSchemaResponse }),

  redefine({ name, body, catalog, stored }) {
    if (catalog.lookup(name) !== undefined && !catalog.own.has(name))
      throw new ObjectError({
        code: 'conflict',
        field: 'name',
        message: `${name} is built in: use PATCH to add to its definition`,
      })
    // Only a Noun that was there before a service's may take its place.
    if (stored === undefined)
      checkNounName(
        name,
        catalog.nouns.flatMap((noun) => (noun.service === undefined ? [] : noun.name)),
      )
    return parseNoun(name, body).$schema.definition
  },
})
