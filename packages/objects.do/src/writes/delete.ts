// `delete`: removes an entity from the present. Its past stays readable.

import { findCrudVerb } from '../answers/crud-verbs.ts'
import { emptyResponse } from '../openapi/components.ts'
import { defineEntityWrite } from './entity-write.ts'

export const remove = defineEntityWrite({
  name: 'delete',
  about: 'Delete a {Noun}; its past stays readable',
  routes: [{ methods: ['DELETE'], path: '/{Noun}/{id}' }],
  needs: 'delete',
  responses: () => ({ 204: emptyResponse('Deleted', 'The entity is deleted') }),

  resolve: (_, { schema }) => ({
    verb: findCrudVerb(schema, 'delete'),
    kind: 'remove',
    decide: ({ current }) => current ?? {},
  }),
})
