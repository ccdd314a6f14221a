// The personal values of an entity, and the values that it has in their place once its person was erased.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { unreachable } from '../base/unreachable.ts'
import type { DataField, NounSchema, StoredField } from '../noun/schema.ts'
import { isTimeZoneField } from '../noun/time-zone-field.ts'

/** The fields of a Noun that are marked `personal`. */
export interface PersonalMarks {
  /** Fields whose values an erasure removes, by name. */
  readonly values: ReadonlyMap<string, StoredField>
  /** Fields that name the person, or an entity of the person's, to whom the personal values belong too. */
  readonly links: readonly StoredField[]
}

/** A reference and a field of type `id` name an entity: marked `personal`, they say whose the other values are, and stay. */
export function personalMarks(schema: NounSchema): PersonalMarks {
  const marked = Object.values(schema.fields).flatMap((field) =>
    field.kind !== 'reverse' && field.personal ? [field] : [],
  )
  return {
    values: new Map(marked.filter((field) => !isLink(field)).map((field) => [field.name, field])),
    links: marked.filter(isLink),
  }
}

function isLink(field: StoredField): boolean {
  return field.kind === 'reference' || (field.kind === 'data' && field.type === 'id')
}

/** Returns the fields without personal values. The same fields come back if there is nothing to remove. */
export function withoutPersonal(
  fields: EntityFields,
  of: { readonly marks: PersonalMarks; readonly id: string },
): EntityFields {
  const names = Object.keys(fields).filter((name) => of.marks.values.has(name))
  if (names.length === 0) return fields
  const left: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(fields)) {
    const erased = erasedValue(value, { name, ...of })
    if (erased !== undefined) left[name] = erased
  }
  return left
}

/** Returns the value that a field has after the erasure of the one that it had; undefined for none. */
export function erasedValue(
  value: JsonValue,
  { marks, name, id }: { readonly marks: PersonalMarks; readonly name: string; readonly id: string },
): JsonValue | undefined {
  const field = marks.values.get(name)
  return field === undefined ? value : placeholderOf(field, id)
}

/** A field that always has a value keeps one that says nothing about the person; a unique one differs by entity. */
function placeholderOf(field: StoredField, id: string): JsonValue | undefined {
  if (field.kind !== 'reference' && field.default !== undefined) return field.default
  if (!field.required) return undefined
  const one = field.kind === 'enum' ? field.values[0] : field.kind === 'data' ? neutralValue(field, id) : undefined
  return one === undefined || !field.many ? one : [one]
}

function neutralValue(field: DataField, id: string): JsonValue {
  const { type, unique, min, max } = field
  if (isTimeZoneField(field)) return 'UTC'
  switch (type) {
    case 'string':
    case 'text':
      return unique ? `erased-${lowerCase(id)}` : 'erased'
    case 'email':
      return `${lowerCase(id)}@erased.invalid`
    case 'url':
      return unique ? `https://erased.invalid/${lowerCase(id)}` : 'https://erased.invalid/'
    case 'id':
      return id
    case 'number':
    case 'integer':
    case 'money':
      return Math.min(Math.max(0, min ?? 0), max ?? Math.max(0, min ?? 0))
    case 'boolean':
      return false
    case 'datetime':
      return '1970-01-01T00:00:00.000Z'
    case 'date':
      return '1970-01-01'
    case 'currency':
      return 'XXX'
    case 'json':
      return {}
    default:
      return unreachable(type)
  }
}

/** Ids that differ in letter case only remain different. */
function lowerCase(id: string): string {
  return id.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
