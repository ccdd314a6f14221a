// A change of the one entity of a Noun of the system's own, such as the settings: the change that the write lane performs, and
// the request by which a repeated one is recognized.

import type { Change, IdempotencyKey } from '@dotdo/do'
import { canonicalJson, type JsonValue, type NounSchema, ObjectError, type Verb } from 'digital-objects'
import { changedBy } from './changed-by.ts'
import { happenedAt } from './happened.ts'
import { parseBody } from './parse-body.ts'
import type { WriteAsked, WriteParts } from './write.ts'

/** The name of the one entity. */
const entityName = 'tenant'

export interface OneEntityChange {
  readonly noun: NounSchema
  /** The entity; undefined if the tenant has none yet. */
  readonly stored: { readonly id: string } | undefined
  /** Returns the values after the change. Throws an ObjectError to refuse it. */
  readonly values: () => JsonValue
}

/** Call it in the lane. Throws an ObjectError. */
export function changeOneEntity(
  { store }: WriteParts,
  { call, caller }: WriteAsked,
  { noun, stored, values }: OneEntityChange,
): Change {
  const { idempotencyKey, ifVersion } = call
  const { who: actor } = caller.authority
  // Before the first change, the version that readers are shown is 0.
  const isForNone = ifVersion === 0 || (typeof ifVersion === 'object' && 'noneOf' in ifVersion)
  if (stored === undefined && ifVersion !== undefined && !isForNone)
    throw new ObjectError({
      code: 'version_conflict',
      field: 'ifVersion',
      message: `ifVersion expects stored ${noun.name.toLowerCase()}, and this tenant has set none`,
      detail: { currentVersion: 0 },
    })
  return {
    schema: noun,
    verb: verbOf(noun, stored === undefined ? 'create' : 'update'),
    kind: stored === undefined ? 'create' : 'change',
    ...changedBy(caller),
    ...(stored === undefined ? {} : { target: stored.id }),
    ...happenedAt(store, call),
    ...(stored === undefined || ifVersion === undefined ? {} : { ifVersion }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { actor, key: idempotencyKey, ...requestOf(call) } }),
    decide: () => ({ name: entityName, values: values() }),
  }
}

function verbOf(noun: NounSchema, name: 'create' | 'update'): Verb {
  const verb = noun.verbs[name]
  if (verb === undefined) throw new Error(`${noun.name} must have create and update`)
  return verb
}

function requestOf({ verb, ifVersion, at, body }: WriteAsked['call']): Pick<IdempotencyKey, 'request' | 'asSent'> {
  const happened = at === undefined ? [] : [at]
  const request = (of: string): string => JSON.stringify([verb, ifVersion ?? null, of, ...happened])
  return { request: request(canonicalJson(parseBody(body))), asSent: request(body) }
}
