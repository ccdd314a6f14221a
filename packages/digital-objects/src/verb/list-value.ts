// The effect values that make lists for `json` fields: of the entities that refer to one, and of the objects in another list.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

/** Returns the live entities whose reference leads to an entity, in the order of their ids, each with its `$id`. */
export type ReadRecords = (query: RecordsQuery) => readonly EntityFields[]

export interface RecordsQuery {
  /** The Noun of the entities; none are found if the tenant does not have it. */
  readonly noun: string
  /** Their reference. */
  readonly by: string
  readonly id: string
  /** Whether only a service's Noun is meant. */
  readonly ifKnown: boolean
}

type ListValue = EffectValue & { readonly kind: 'records' | 'without' }

interface ListContext {
  readonly target: { readonly id?: string; readonly records?: ReadRecords }
  readonly resolve: (value: EffectValue) => JsonValue | undefined
}

/** Returns null for an empty list, and undefined to leave the list that records join unchanged. */
export function listValue(effect: ListValue, { target, resolve }: ListContext): JsonValue | undefined {
  if (effect.kind === 'without') return filled(itemsWithout(resolve(effect.of), effect.member))
  const { noun, by, members, ifKnown = false, joins } = effect
  const found = target.id === undefined ? [] : (target.records?.({ noun, by, id: target.id, ifKnown }) ?? [])
  const objects = found.map((fields) => membersOf(fields, members))
  if (joins === undefined) return filled(objects)
  const list = resolve(joins.list)
  const kept = itemsWithout(list, joins.member)
  const isAffected = objects.length > 0 || (Array.isArray(list) && kept.length < list.length)
  return isAffected ? filled([...kept, ...objects]) : undefined
}

function filled(items: readonly JsonValue[]): JsonValue {
  return items.length === 0 ? null : [...items]
}

function itemsWithout(list: JsonValue | undefined, member: string): readonly JsonValue[] {
  if (!Array.isArray(list)) return []
  return list.filter((item: JsonValue) => !(isPlainObject(item) && Object.hasOwn(item, member)))
}

function membersOf(fields: EntityFields, members: Readonly<Record<string, string>>): JsonValue {
  const object: Record<string, JsonValue> = {}
  for (const [name, field] of Object.entries(members)) {
    const value = fields[field]
    if (value !== undefined) object[name] = value
  }
  return object
}
