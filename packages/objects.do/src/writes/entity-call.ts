// A write of one entity, with its Noun, its body parsed, and what its caller may see and do.

import {
  type CallOf,
  compileAuthority,
  type NounLookup,
  type NounSchema,
  type Permission,
  type Visibility,
} from 'digital-objects'
import { checkId, findNoun } from '../entities/find-noun.ts'
import { type Body, parseBody } from './parse-body.ts'
import type { WriteAsked, WriteParts } from './write.ts'

export interface EntityCall {
  readonly call: CallOf<'write'>
  /** The Noun, whole. */
  readonly schema: NounSchema
  readonly body: Body
  readonly visibility: Visibility
  readonly permission: Permission
  /** All Nouns, whole. */
  readonly wholeLookup: NounLookup
}

/** Throws an ObjectError. A Noun that the caller may not read is none. */
export function toEntityCall({ store }: WriteParts, { call, caller }: WriteAsked): EntityCall {
  // Definitions may have changed while the write waited for its turn.
  const { lookup: wholeLookup } = store.catalog.current
  const { visibility, permission } = compileAuthority(caller.authority, wholeLookup)
  const { name } = findNoun(visibility.lookup, call)
  const schema = findNoun(wholeLookup, { noun: name })
  if (call.id !== undefined) checkId(schema, call.id)
  return { call, schema, body: parseBody(call.body), visibility, permission, wholeLookup }
}
