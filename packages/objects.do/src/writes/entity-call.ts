// A write of one entity, with its Noun, its parsed body, and its caller's visibility and permission.

import {
  type Authority,
  type CallOf,
  compileAuthority,
  type NounLookup,
  type NounSchema,
  type Permission,
  type Visibility,
} from 'digital-objects'
import { refuseDisabled } from '../answers/crud-verbs.ts'
import { checkId, findNoun } from '../entities/find-noun.ts'
import { type Body, parseBody } from './parse-body.ts'
import type { WriteAsked, WriteParts } from './write.ts'

export interface EntityCall {
  readonly call: CallOf<'write'>
  /** The Noun, including hidden fields. */
  readonly schema: NounSchema
  readonly body: Body
  /** The body as the caller sent it, without arguments that the server has added. */
  readonly sent: Body
  readonly authority: Authority
  readonly visibility: Visibility
  readonly permission: Permission
  /** Finds any Noun, including hidden Nouns and fields. */
  readonly wholeLookup: NounLookup
}

/** Throws an ObjectError, also for a Noun that the caller may not read. */
export function toEntityCall({ store }: WriteParts, { call, caller }: WriteAsked): EntityCall {
  // Definitions may have changed while the write waited in the lane.
  const { lookup: wholeLookup } = store.catalog.current
  const { authority } = caller
  const { visibility, permission } = compileAuthority(authority, wholeLookup)
  const { name } = findNoun(visibility.lookup, call)
  const schema = findNoun(wholeLookup, { noun: name })
  // A verb that the Noun lacks is refused as such, whatever else is wrong with the call.
  refuseDisabled(schema, call.verb)
  if (call.id !== undefined) checkId(schema, call.id)
  const body = parseBody(call.body)
  return { call, schema, body, sent: body, authority, visibility, permission, wholeLookup }
}
