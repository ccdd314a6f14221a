// A change that follows from another one, in the same commit, as data. Effects are planned one change at a time: each plan is
// a generator that reads the state as the changes before it have left it.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { TenantSettings } from '../settings/tenant-settings.ts'
import type { ReadRecords } from '../verb/list-value.ts'
import type { NounLookup, NounSchema, ReferenceField, Verb } from '../noun/schema.ts'

/** Limits the changes of one commit. */
export const commitChangesMax = 1_000
/** Limits the effects of effects, counted from the change that a caller asked for. */
export const effectLevelsMax = 8

export interface FollowingChange {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The entity; absent if the change creates one. */
  readonly target?: string
  /** The arguments of the verb. For `create` and `update` the fields; null clears one. */
  readonly input: Readonly<Record<string, JsonValue>>
  /** The distance from the change that it follows: 1, unless a deletion cascades further. */
  readonly level: number
  /** True for a deletion whose consequences for other entities are in the same plan. */
  readonly isRuled?: true
}

/** Takes the id of the entity of each change, once that change is made. */
export type FollowingChanges = Generator<FollowingChange, void, string>

/** The change that was just made. */
export interface MadeChange {
  readonly schema: NounSchema
  readonly verb: Verb
  readonly id: string
  /** The fields after the change; the last ones of a deleted entity. */
  readonly after: EntityFields
  /** The fields before the change; absent if it created the entity. */
  readonly before?: EntityFields
  /** The verb whose effect the change is, such as `Payment.capture`; absent for a change that a caller asked for. */
  readonly cause?: string
  /** The tenant's settings. */
  readonly settings?: TenantSettings
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
  readonly isRuled?: boolean
}

/** Reads live entities as they are at that point of the commit. */
export interface EffectReader {
  readonly get: (schema: NounSchema, id: string) => EntityFields | undefined
  /**
   * Returns the id of the oldest entity with all these values, as they are stored, and with any value in the fields of `has`.
   * One of the fields with values is indexed.
   */
  readonly find: (
    schema: NounSchema,
    values: Readonly<Record<string, JsonValue>>,
    has: readonly string[],
  ) => string | undefined
  /** Returns the ids of at most `limit` entities whose reference `field` has the id. */
  readonly referring: (
    schema: NounSchema,
    reference: { readonly field: ReferenceField; readonly id: string; readonly limit: number },
  ) => readonly string[]
  readonly records: ReadRecords
}

export interface EffectParts {
  /** The tenant's Nouns. */
  readonly nouns: readonly NounSchema[]
  readonly lookup: NounLookup
  readonly reader: EffectReader
}

export function tooManyChanges(): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    message: `a commit has at most ${commitChangesMax} changes, effects included: nothing was changed`,
  })
}

export function tooDeep({ name }: NounSchema, verb: string): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    message: `effects follow each other for at most ${effectLevelsMax} levels, and ${name}.${verb} would be one more: nothing was changed`,
  })
}
