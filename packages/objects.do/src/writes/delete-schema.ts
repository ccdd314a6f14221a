// `schema.delete`: removes a Noun of the tenant's own that has no entities. Its past stays readable.

import { dryRunResponse, emptyResponse } from '../openapi/components.ts'
import { defineSchemaWrite } from './schema-write.ts'

export const deleteSchema = defineSchemaWrite({
  name: 'schema.delete',
  about: 'Remove an entity type of your own that has no entities; its past stays readable',
  method: 'DELETE',
  responses: () => ({ 200: dryRunResponse, 204: emptyResponse('Removed', 'The definition is removed') }),
})
