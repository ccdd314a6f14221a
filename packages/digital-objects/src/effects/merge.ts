// Merging entities of one Noun: the survivor fills its empty fields from the others, all references to them move to it, and
// they are deleted.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { ReadRelated } from '../noun/amount-expression.ts'
import { crudVerb } from '../noun/make-schema.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import { referredIds } from '../noun/referred-ids.ts'
import type { NounSchema, StoredField, Verb } from '../noun/schema.ts'
import { checkValue } from '../noun/validate-value.ts'
import { isUnderItself } from '../rules/check-acyclic.ts'
import {
  commitChangesMax,
  type EffectParts,
  type EffectReader,
  type FollowingChanges,
  type MadeChange,
  tooManyChanges,
} from './following-change.ts'
import { referringFields } from './references-to.ts'

/** Limits the entities that one call merges. */
const mergedMax = 100

/** Returns the name of the argument with the ids to merge; undefined if the verb does not merge. */
export function mergeArgument({ effect }: Verb): string | undefined {
  return effect.related?.find((related) => related.kind === 'merge')?.from
}

export interface MergeSource {
  readonly id: string
  readonly fields: EntityFields
}

/** Returns the entities to merge into `id`. Throws an ObjectError unless they exist and are others. */
export function mergeSources(
  call: { readonly schema: NounSchema; readonly verb: Verb; readonly id: string; readonly from: string },
  given: JsonValue | undefined,
  get: EffectReader['get'],
): readonly MergeSource[] {
  const { schema, verb, id, from } = call
  const ids = [...new Set(referredIds(given))]
  const isForm = typeof given === 'string' || (Array.isArray(given) && given.every((one) => typeof one === 'string'))
  const place = `${schema.name}.${verb.name}`
  if (!isForm || ids.length === 0 || ids.length > mergedMax) {
    const message = `expects the id of a ${schema.name}, or a list of 1 to ${mergedMax} ids`
    throw new ObjectError({
      code: 'validation_error',
      field: from,
      message: `${place}: '${from}' ${message}`,
      faults: [{ field: from, message }],
    })
  }
  return ids.map((other) => {
    const fields = other === id ? undefined : get(schema, other)
    if (fields !== undefined) return { id: other, fields }
    const message =
      other === id ? `'${other}' cannot be merged into itself` : `there is no ${schema.name} '${other.slice(0, 80)}'`
    throw new ObjectError({ code: 'invalid_reference', field: from, message: `${place}: ${message}` })
  })
}

/** Returns the survivor's fields, with empty ones filled from the first source that has a value. Unique ones wait. */
export function mergedFields(
  { schema, id, read }: Pick<MadeChange, 'schema' | 'id'> & { readonly read: ReadRelated },
  fields: EntityFields,
  sources: readonly MergeSource[],
): EntityFields {
  const blanks = blanksOf({ schema, id, fields, isUnique: false }, sources)
  const merged = new Set(sources.map((source) => source.id))
  // A value above which the survivor or a merged entity stands would put the survivor under itself.
  const circles = amountRulesOf(schema).acyclic.filter((field) =>
    [id, ...merged].some((one) => isUnderItself(schema, { id: one, field, start: blanks[field], read })),
  )
  return { ...fields, ...Object.fromEntries(Object.entries(blanks).filter(([name]) => !circles.includes(name))) }
}

export function* mergeChanges(made: MadeChange, from: string, parts: EffectParts): FollowingChanges {
  const { schema, verb, id, after } = made
  const { reader } = parts
  const sources = mergeSources({ schema, verb, id, from }, made.input[from], reader.get)
  const merged = new Set(sources.map((source) => source.id))
  for (const [target, { schema: noun, fields }] of findReferring({ schema, id, merged }, parts)) {
    const current = reader.get(noun, target)
    const input = current === undefined ? {} : movedFields(current, fields, { target, merged, id })
    if (Object.keys(input).length > 0)
      yield { schema: noun, verb: noun.verbs['update'] ?? crudVerb('update'), target, input, level: 1 }
  }
  const remove = schema.verbs['delete'] ?? crudVerb('delete')
  for (const { id: target } of sources) yield { schema, verb: remove, target, input: {}, level: 1, isRuled: true }
  // A unique value is free only when its entity is deleted.
  const fields = reader.get(schema, id) ?? after
  const unique = blanksOf({ schema, id, fields, isUnique: true }, sources)
  if (Object.keys(unique).length > 0)
    yield { schema, verb: schema.verbs['update'] ?? crudVerb('update'), target: id, input: unique, level: 1 }
}

type ReferringEntities = Map<string, { readonly schema: NounSchema; readonly fields: Set<StoredField> }>

/** Returns the entities that refer to a merged one, the merged ones themselves excepted. */
function findReferring(
  { schema, merged }: { readonly schema: NounSchema; readonly id: string; readonly merged: ReadonlySet<string> },
  { nouns, reader }: EffectParts,
): ReferringEntities {
  const referring: ReferringEntities = new Map()
  for (const source of merged)
    for (const { schema: noun, field } of referringFields(nouns, schema.name)) {
      for (const target of reader.referring(noun, { field, id: source, limit: commitChangesMax + 1 })) {
        if (merged.has(target)) continue
        const known = referring.get(target)
        if (known === undefined) referring.set(target, { schema: noun, fields: new Set([field]) })
        else known.fields.add(field)
      }
      if (referring.size > commitChangesMax) throw tooManyChanges()
    }
  return referring
}

/** A list keeps its order and has the survivor once. A reference of the survivor to itself is cleared where it may be. */
function movedFields(
  current: EntityFields,
  fields: ReadonlySet<StoredField>,
  { target, merged, id }: { readonly target: string; readonly merged: ReadonlySet<string>; readonly id: string },
): Readonly<Record<string, JsonValue>> {
  const moved: Record<string, JsonValue> = {}
  for (const { name, many, required } of fields) {
    const ids: string[] = []
    for (const one of referredIds(current[name])) {
      const next = merged.has(one) ? id : one
      const isSelf = next === target && merged.has(one) && !required
      if (!isSelf && !(next === id && ids.includes(id))) ids.push(next)
    }
    const [first = null] = ids
    moved[name] = many ? (ids.length === 0 ? null : ids) : first
  }
  return moved
}

function blanksOf(
  survivor: {
    readonly schema: NounSchema
    readonly id: string
    readonly fields: EntityFields
    readonly isUnique: boolean
  },
  sources: readonly MergeSource[],
): Readonly<Record<string, JsonValue>> {
  const { schema, id, fields, isUnique } = survivor
  const ids = new Set([id, ...sources.map((source) => source.id)])
  const filled: Record<string, JsonValue> = {}
  for (const field of Object.values(schema.fields)) {
    if (field.kind === 'reverse' || field.name === schema.state || fields[field.name] !== undefined) continue
    if (isUnique !== hasUniqueValues(schema, field)) continue
    for (const source of sources) {
      const value = source.fields[field.name]
      // A reference between the merged entities would lead from the survivor to itself, or to a deleted one.
      const isOwn = field.kind === 'reference' && referredIds(value).some((one) => ids.has(one))
      const checked = value === undefined || isOwn ? undefined : checkValue(field, value)
      if (checked?.ok !== true || checked.value === null) continue
      filled[field.name] = checked.value
      break
    }
  }
  return filled
}

function hasUniqueValues({ indexes }: NounSchema, { name, unique }: StoredField): boolean {
  return unique || indexes.some((index) => index.unique && index.field === name)
}
