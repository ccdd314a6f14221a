// `update`: replaces the named fields of an entity. An update that sends another state is the verb that leads there.

import type { DecideContext } from '@dotdo/do'
import {
  acceptedFields,
  checkMovedTo,
  decideChange,
  type EntityFields,
  validateUpdate,
  type Verb,
  verbOfMove,
} from 'digital-objects'
import { findCrudVerb } from '../answers/crud-verbs.ts'
import { refNoun } from '../openapi/components.ts'
import type { EntityCall } from './entity-call.ts'
import { defineEntityWrite, type Resolved } from './entity-write.ts'
import { guardOf } from './guard-write.ts'
import type { WriteParts } from './write.ts'

export const update = defineEntityWrite({
  name: 'update',
  about: 'Replace fields of a {Noun}; null clears a field',
  routes: [{ methods: ['PATCH', 'PUT'], path: '/{Noun}/{id}' }],
  needs: 'update',
  body: { isRequired: false, schema: ({ noun }) => refNoun(noun, 'Update') },

  resolve: (parts, given) => {
    const { schema, body } = given
    const verb = findCrudVerb(schema, 'update')
    const moving = movingVerb(parts, given)
    const decide = (context: DecideContext): EntityFields | undefined =>
      decideChange({ schema, verb, input: body, ...context })
    return moving === undefined ? { verb, kind: 'change', decide } : { ...decideMove(given, moving), kind: 'change' }
  },
  checkBody: ({ schema, body }) => acceptedFields(validateUpdate(schema, body), `${schema.name}.update`),
})

/** The present state is that of the commit, since a write is resolved in the lane. A forced update stays an update. */
function movingVerb(parts: WriteParts, given: EntityCall): Verb | undefined {
  const { call, schema, body, visibility } = given
  const { state } = parts.store
  if (schema.state === undefined || !Object.hasOwn(body, schema.state)) return undefined
  if (call.id === undefined || call.force !== undefined || !parts.store.isReady) return undefined
  const version = state.get(state.tableOf(schema), call.id)
  // An entity that the caller cannot see is as missing to it as any other.
  if (version === undefined || (!visibility.isFull && !guardOf(parts, given).isVisible(version))) return undefined
  return verbOfMove(schema, { before: version.fields, sent: body })
}

function decideMove({ schema, body }: EntityCall, verb: Verb): Pick<Resolved, 'verb' | 'decide'> {
  const decide = (context: DecideContext): EntityFields | undefined => {
    acceptedFields(validateUpdate(schema, body), `${schema.name}.update`)
    const after = decideChange({ schema, verb, input: body, ...context })
    if (after !== undefined) checkMovedTo(schema, { verb, sent: body, after })
    return after
  }
  return { verb, decide }
}
