// A write of one entity: it becomes a change that the write lane performs. What depends on the entity's present state
// runs inside the lane, in `decide`.

import { createHash } from 'node:crypto'
import { type Change, withContext, type Written } from '@dotdo/do'
import { type CallOf, type NounSchema, ObjectError, type Verb } from 'digital-objects'
import { checkId, findNoun } from '../entities/find-noun.ts'
import { entityResponse, type Json } from '../openapi/components.ts'
import type { Described, Operation } from '../openapi/operation.ts'
import { writeHeaders } from '../openapi/parameters.ts'
import { type Body, parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

/** The call, with its Noun and its body parsed. */
export interface EntityCall {
  readonly call: CallOf<'write'>
  readonly schema: NounSchema
  readonly body: Body
}

export type Resolved = Pick<Change, 'verb' | 'kind' | 'decide'>

export interface EntityWriteDefinition extends Pick<Operation, 'name' | 'about' | 'routes' | 'isOffered' | 'body'> {
  /** 200 with the entity unless given. */
  readonly responses?: (described: Described) => Json
  /** Throws an ObjectError. */
  readonly resolve: (parts: WriteParts, given: EntityCall) => Resolved
}

export function defineEntityWrite(definition: EntityWriteDefinition): Write {
  const { resolve, responses = ({ noun }) => ({ 200: entityResponse(noun) }), ...described } = definition
  return {
    kind: 'write',
    ...described,
    parameters: writeHeaders,
    responses,
    async perform(parts, asked) {
      const makeChange = (): Change => toChange(parts, asked, resolve)
      // A request that is refused makes no tables for a tenant that was never written to.
      if (!parts.store.isReady) makeChange()
      const { tenant, context } = asked.caller
      const written = await parts.store.write(makeChange, { name: tenant, context })
      return toResult(written, context)
    },
  }
}

/** For `create`, `update` and `delete`, which a Noun's definition can take away. */
export function findCrudVerb(schema: NounSchema, name: 'create' | 'update' | 'delete'): Verb {
  const verb = Object.hasOwn(schema.verbs, name) ? schema.verbs[name] : undefined
  if (verb !== undefined) return verb
  throw new ObjectError({
    code: 'verb_disabled',
    message: `${schema.name} takes no ${name}: its definition takes the verb away`,
  })
}

function toChange(parts: WriteParts, { call, caller }: WriteAsked, resolve: EntityWriteDefinition['resolve']): Change {
  // Definitions may have changed while the write waited for its turn.
  const schema = findNoun(parts.store.catalog.current.lookup, call)
  const { id, ifVersion, idempotencyKey } = call
  const { actor, via, onBehalfOf } = caller
  if (id !== undefined) checkId(schema, id)
  const resolved = resolve(parts, { call, schema, body: parseBody(call.body) })
  if (resolved.kind !== 'create' && id === undefined) {
    throw new ObjectError({
      code: 'invalid_id',
      field: 'id',
      message: `${schema.name}.${call.verb} expects the id of the ${schema.name} it is for`,
    })
  }
  return {
    schema,
    ...resolved,
    actor,
    via,
    ...(id === undefined ? {} : { target: id }),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(ifVersion === undefined ? {} : { ifVersion }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { actor, key: idempotencyKey, hash: hashOf(call) } }),
  }
}

function toResult({ row, kind, isReplay }: Written, context: string): WriteResult {
  return {
    body: kind === 'deleted' ? '' : withContext(row, context),
    version: row.version,
    // A restored entity continues its versions, so it was not created.
    ...(row.version === 1 ? { createdId: row.target } : {}),
    ...(isReplay ? { isReplay } : {}),
  }
}

/** Stored with the key: the same request must have the same hash in every version of this program. */
function hashOf({ noun, verb, id, ifVersion, body }: CallOf<'write'>): string {
  return createHash('sha256')
    .update(JSON.stringify([noun, verb, id ?? null, ifVersion ?? null, body]))
    .digest('hex')
}
