// The consequences of a deletion for the entities that refer to the deleted one, by the rule of each reference.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { DeletionFate } from '../noun/deletion-rule.ts'
import { crudVerb } from '../noun/make-schema.ts'
import { referredIds } from '../noun/referred-ids.ts'
import type { NounSchema, ReferenceField } from '../noun/schema.ts'
import {
  commitChangesMax,
  effectLevelsMax,
  type EffectParts,
  type FollowingChanges,
  type MadeChange,
  tooDeep,
  tooManyChanges,
} from './following-change.ts'
import { referringFields } from './references-to.ts'

interface Deleted {
  readonly schema: NounSchema
  readonly id: string
  readonly level: number
}

interface Restriction {
  readonly deleted: Deleted
  readonly noun: string
  readonly field: string
  readonly id: string
}

interface Consequences {
  /** Entities in the order of their distance from the deleted one. */
  readonly cascade: Deleted[]
  /** Entities with references to deleted ones, which are removed from those fields. */
  readonly clear: Map<string, { readonly schema: NounSchema; readonly fields: Set<ReferenceField> }>
  readonly restrictions: Restriction[]
  readonly gone: Set<string>
}

/**
 * Plans the deletions that cascade, then the references to clear. A referring entity that is deleted itself restricts nothing.
 * Throws an ObjectError `conflict` if a rule restricts the deletion.
 */
export function* deletionChanges({ schema, id }: MadeChange, parts: EffectParts): FollowingChanges {
  const found = findConsequences({ schema, id, level: 0 }, parts)
  const restriction = found.restrictions.find((one) => !found.gone.has(one.id))
  if (restriction !== undefined) throw restricted(restriction, found)
  for (const { schema: noun, id: target, level } of found.cascade)
    yield { schema: noun, verb: noun.verbs['delete'] ?? crudVerb('delete'), target, input: {}, level, isRuled: true }
  for (const [target, { schema: noun, fields }] of found.clear) {
    if (found.gone.has(target)) continue
    const current = parts.reader.get(noun, target)
    if (current === undefined) continue
    const input = clearedFields(current, fields, found.gone)
    yield { schema: noun, verb: noun.verbs['update'] ?? crudVerb('update'), target, input, level: 1 }
  }
}

function findConsequences(root: Deleted, { nouns, reader }: EffectParts): Consequences {
  const found: Consequences = { cascade: [], clear: new Map(), restrictions: [], gone: new Set([root.id]) }
  const queue: Deleted[] = [root]
  for (let deleted = queue.shift(); deleted !== undefined; deleted = queue.shift()) {
    for (const { schema, field } of referringFields(nouns, deleted.schema.name)) {
      if (field.onDelete === 'keep') continue
      const ids = reader.referring(schema, { field, id: deleted.id, limit: commitChangesMax + 1 })
      for (const id of ids) {
        if (found.gone.has(id)) continue
        const fate = fateOf(field, () => reader.get(schema, id))
        if (fate === 'restrict') found.restrictions.push({ deleted, noun: schema.name, field: field.name, id })
        if (fate === 'clear') addCleared(found, { schema, field, id })
        if (fate !== 'cascade') continue
        const next = { schema, id, level: deleted.level + 1 }
        if (next.level > effectLevelsMax) throw tooDeep(schema, 'delete')
        found.gone.add(id)
        found.cascade.push(next)
        queue.push(next)
      }
      if (found.cascade.length + found.clear.size > commitChangesMax) throw tooManyChanges()
    }
  }
  return found
}

function addCleared(
  { clear }: Consequences,
  { schema, field, id }: { readonly schema: NounSchema; readonly field: ReferenceField; readonly id: string },
): void {
  const known = clear.get(id)
  if (known === undefined) clear.set(id, { schema, fields: new Set([field]) })
  else known.fields.add(field)
}

function fateOf({ onDelete: rule }: ReferenceField, read: () => EntityFields | undefined): DeletionFate {
  if (typeof rule === 'string') return rule
  const value = read()?.[rule.restrictWhile.field]
  return typeof value === 'string' && rule.restrictWhile.values.includes(value) ? 'restrict' : rule.otherwise
}

function clearedFields(
  current: EntityFields,
  fields: ReadonlySet<ReferenceField>,
  gone: ReadonlySet<string>,
): Readonly<Record<string, JsonValue>> {
  const cleared: Record<string, JsonValue> = {}
  for (const { name, many } of fields) {
    const left = referredIds(current[name]).filter((id) => !gone.has(id))
    cleared[name] = many && left.length > 0 ? left : null
  }
  return cleared
}

function restricted({ deleted, noun, field }: Restriction, { restrictions, gone }: Consequences): ObjectError {
  const ids = restrictions
    .filter((one) => one.noun === noun && one.field === field && one.deleted.id === deleted.id && !gone.has(one.id))
    .map((one) => one.id)
  const count = ids.length > commitChangesMax ? `more than ${commitChangesMax}` : String(ids.length)
  return new ObjectError({
    code: 'conflict',
    field: `${noun}.${field}`,
    message: `${deleted.schema.name} '${deleted.id}' cannot be deleted: ${count} ${noun} ${ids.length === 1 ? 'refers' : 'refer'} to it by '${field}', which restricts deletion`,
    detail: { noun, reference: field, count: ids.length, ids: ids.slice(0, 10) },
  })
}
