// `create`: a new entity.

import type { DecideContext } from '@dotdo/do'
import { decideChange, type EntityFields } from 'digital-objects'
import { findCrudVerb } from '../answers/crud-verbs.ts'
import { refNoun, writeResponses } from '../openapi/components.ts'
import { entityCreateParameters } from '../openapi/parameters.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite } from './entity-write.ts'

export const create = defineEntityWrite({
  name: 'create',
  about: 'Create a {Noun}',
  routes: [{ methods: ['POST'], path: '/{Noun}' }],
  needs: 'create',
  body: { isRequired: true, schema: ({ noun }) => refNoun(noun, 'Create') },
  parameters: entityCreateParameters,
  responses: ({ noun }) => writeResponses(noun, 201),

  resolve: (_, given) => ({
    verb: findCrudVerb(given.schema, 'create'),
    kind: 'create',
    decide: (context) => createdFields(given, context),
  }),
  checkBody: (given) => createdFields(given, { nowMs: 0 }),
})

function createdFields(
  { schema, body }: EntityCall,
  context: Pick<DecideContext, 'nowMs'> & Partial<DecideContext>,
): EntityFields | undefined {
  return decideChange({ schema, verb: findCrudVerb(schema, 'create'), input: body, ...context, current: undefined })
}
