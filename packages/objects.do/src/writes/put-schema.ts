// `schema.put`: the whole definition of a Noun of the tenant's own, new or in place of the one it has.

import { ObjectError, parseNoun } from 'digital-objects'
import { defineSchemaWrite, definitionBody, putName, schemaResponse } from './schema-write.ts'

export const putSchema = defineSchemaWrite({
  name: putName,
  about: 'Define an entity type of your own, or replace its definition',
  method: 'PUT',
  body: definitionBody,
  responses: () => ({ 200: schemaResponse, 201: schemaResponse }),

  redefine({ name, body, catalog }) {
    if (catalog.lookup(name) !== undefined && !catalog.own.has(name))
      throw new ObjectError({
        code: 'conflict',
        field: 'name',
        message: `${name} is built in: PATCH adds to its definition`,
      })
    return parseNoun(name, body).$schema.definition
  },
})
