// Enforces the caller's authority on a write: the verb must be granted, names in the body must exist for the caller, and the
// entity must be visible and match the write rule. An error reveals nothing hidden.

import {
  type Change,
  delegatedWorkOf,
  type Identity,
  missingTarget,
  ruleHolds,
  type StoredVersion,
  type WriteGuard,
} from '@dotdo/do'
import {
  type EntityFields,
  type Filter,
  initialValue,
  type JsonValue,
  type NounSchema,
  ObjectError,
  parseId,
  type ReferenceField,
  verbsOfState,
} from 'digital-objects'
import { findNoun } from '../entities/find-noun.ts'
import { Reader } from '../entities/reader.ts'
import { checkDelegated } from './check-delegated.ts'
import type { EntityCall } from './entity-call.ts'
import { forbidden } from './forbidden.ts'
import type { WriteParts } from './write.ts'

export interface GuardedWrite {
  readonly change: Change
  /** Replaces an error of the write by one that reveals nothing hidden. */
  readonly concealed: (error: unknown) => unknown
}

export interface WriteToGuard {
  readonly given: EntityCall
  readonly change: Change
  readonly checkBody: ((given: EntityCall) => void) | undefined
}

/** Throws an ObjectError. */
export function guardWrite(parts: WriteParts, { given, change, checkBody }: WriteToGuard): GuardedWrite {
  const { visibility, permission } = given
  if (visibility.isFull) return { change, concealed: (error) => error }
  const { schema } = given
  const { name } = schema
  const verb = `${name}.${change.verb.name}`
  const seen = findNoun(visibility.lookup, { noun: name })
  // An update that makes a verb's move needs both permissions.
  const asked = given.call.verb === 'update' ? 'update' : change.verb.name
  if (!permission.mayCall(name, asked)) throw forbidden(`this caller may not call ${name}.${asked}`)
  checkBody?.({ ...given, schema: seen })
  if (!permission.mayCall(name, change.verb.name)) throw forbidden(`this caller may not call ${verb}`)
  const decide: Change['decide'] = (context) => {
    const fields = change.decide(context)
    checkState(given, { change, before: context.current, after: fields })
    checkReferences(parts, { given, seen, current: context.current })
    return fields
  }
  const hidden = (field: string): boolean => isHidden(field, schema, seen)
  return {
    change: { ...change, decide, guard: guardOf(parts, given) },
    concealed: (error) => conceal(error, verb, hidden),
  }
}

/** A creation or a rollback brings an entity to a state only if the caller may call a verb that leads there. */
function checkState(
  { schema, permission }: EntityCall,
  {
    change,
    before,
    after,
  }: {
    readonly change: Change
    readonly before: EntityFields | undefined
    readonly after: EntityFields | undefined
  },
): void {
  if (after === undefined || change.verb.category !== 'crud' || change.kind === 'remove') return
  const needed = verbsOfState(schema, { before: change.kind === 'create' ? undefined : before, after })
  if (needed.length === 0 || needed.some((verb) => permission.mayCall(schema.name, verb))) return
  const { state = '' } = schema
  throw forbidden(
    `this caller may not call ${schema.name}.${needed.join(' or ')}, which brings ${state} to ${String(after[state])}`,
  )
}

/** Returns the guard of changes of the Noun's entities. */
export function guardOf(
  { store }: Pick<WriteParts, 'store'>,
  { schema, visibility, permission, authority }: Pick<EntityCall, 'schema' | 'visibility' | 'permission' | 'authority'>,
): WriteGuard {
  const { name } = schema
  const { state, sql } = store
  const point = {
    seq: undefined,
    table: (noun: string) => (state.hasTable(noun) ? state.table(noun) : undefined),
    hasList: (quoted: string) => state.hasList(quoted),
  }
  const holds = (rule: Filter | undefined, version: StoredVersion, noun = name): boolean =>
    rule === undefined || ruleHolds(rule, { noun, version }, { sql, point })
  return {
    isVisible: (version) => holds(visibility.rows(name), version),
    sees(id) {
      const prefix = parseId(id)?.prefix
      const noun = store.catalog.current.nouns.find(({ idPrefix }) => idPrefix === prefix)
      if (noun === undefined || visibility.lookup(noun.name) === undefined || !state.hasTable(noun.name)) return false
      const version = state.get(state.tableOf(noun), id)
      return version !== undefined && holds(visibility.rows(noun.name), version, noun.name)
    },
    checkWritable(version) {
      if (!holds(permission.writableRows(name), version)) throw forbidden(`this caller may not write this ${name}`)
    },
    checkGrants(changed) {
      const { identity } = store.keys
      if (identity === undefined) return
      checkDelegated(identity, schema, { ...changed, authority })
      checkGranting(identity, schema, changed)
    },
  }
}

/** The owner of delegated work is checked with the work. */
function checkGranting(
  identity: Identity,
  schema: NounSchema,
  { before, after }: { readonly before: EntityFields | undefined; readonly after: EntityFields | undefined },
): void {
  const { name } = schema
  const { granting } = identity
  if (after === undefined || !Object.hasOwn(granting, name)) return
  const owner = delegatedWorkOf(identity, schema)?.owner
  const given = granting[name]?.find(
    (field) => field !== owner && !isSame(after[field] ?? null, before?.[field] ?? initialValue(schema, field)),
  )
  if (given !== undefined) throw forbidden(`only a caller who may do everything may set ${given} of ${name}`)
}

/** Refuses a reference to an entity that the caller cannot see, with the error for a missing entity. */
function checkReferences(
  { store }: WriteParts,
  write: { readonly given: EntityCall; readonly seen: NounSchema; readonly current: EntityFields | undefined },
): void {
  const { given, seen, current } = write
  const { call, schema, body, visibility } = given
  const aliases = seen.verbs[call.verb]?.effect.argumentAliases ?? {}
  const reader = new Reader({ ...given, store, context: '' })
  for (const [name, value] of Object.entries(body)) {
    const field = schema.fields[Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name]
    if (field?.kind !== 'reference' || value === null || isSame(value, current?.[field.name])) continue
    for (const id of [value].flat()) if (!isSeen(reader, field, id)) throw missingTarget(schema.name, field, id)
  }

  function isSeen(from: Reader, field: ReferenceField, id: JsonValue): boolean {
    const target = field.to
      .map((name) => visibility.lookup(name))
      .find((noun) => noun !== undefined && String(id).startsWith(`${noun.idPrefix}_`))
    return target !== undefined && from.get(target, String(id)) !== undefined
  }
}

function isSame(value: JsonValue, current: JsonValue | undefined): boolean {
  return JSON.stringify(value) === JSON.stringify(current)
}

function isHidden(field: string, schema: NounSchema, seen: NounSchema): boolean {
  const [name = ''] = field.split('.')
  return Object.hasOwn(schema.fields, name) && !Object.hasOwn(seen.fields, name)
}

/** Conceals faults of hidden fields, which the body cannot name, so they depend on data that the caller cannot see. */
function conceal(error: unknown, verb: string, hidden: (field: string) => boolean): unknown {
  if (!(error instanceof ObjectError)) return error
  const { field, faults = [] } = error
  const names = [...(field === undefined ? [] : [field]), ...faults.map((fault) => fault.field)]
  if (!names.some(hidden)) return error
  const code = error.code === 'validation_error' ? 'forbidden' : error.code
  return new ObjectError({ code, message: `${verb} depends on fields that this caller may not see` })
}
