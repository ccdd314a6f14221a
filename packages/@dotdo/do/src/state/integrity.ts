// Constraints between entities: unique values are unique among live entities, and references point to live entities. Both
// are checked inside the lane, so nothing can change between the check and the write.

import {
  type EntityFields,
  type Field,
  hasCanonicalText,
  isPlainObject,
  type JsonValue,
  ObjectError,
  type ReferenceField,
  referredIds,
} from 'digital-objects'
import { quoteName } from './column.ts'
import { pathValue } from './json-path.ts'
import { encodeValue, type SqlValue } from './row-codec.ts'
import { mergedInto, type MergeLookup } from './merged-into.ts'
import type { NounTable } from './noun-table.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Checks only changed values. If `isHolderNamed`, the error names the entity that has the value. */
export function checkUnique(
  state: StorageHandler,
  table: NounTable,
  options: { id: string; fields: EntityFields; previous: EntityFields | undefined; isHolderNamed: boolean },
): void {
  const { id, fields, previous, isHolderNamed } = options
  for (const { name, expression, isCanonical, valueIn, encode } of uniqueValues(table)) {
    const given = valueIn(fields)
    if (given === undefined || given === (previous === undefined ? undefined : valueIn(previous))) continue
    const value = encode(given)
    const existingId =
      state.idWithValue(table, { expression, value, id }) ??
      (isCanonical ? state.idWithOldSpelling(table, { expression, value, id }) : undefined)
    if (existingId === undefined) continue
    throw new ObjectError({
      code: 'conflict',
      field: name,
      message: `${table.schema.name}.${name} ${JSON.stringify(given)} is taken${isHolderNamed ? ` by '${existingId}'` : ''}`,
      ...(isHolderNamed ? { detail: { existingId } } : {}),
    })
  }
}

interface UniqueValue {
  /** A field such as `serial`, or a path such as `metadata.externalId`. */
  readonly name: string
  readonly expression: string
  /** Whether values from before may be spelled in another letter case. */
  readonly isCanonical: boolean
  /** Returns undefined for a missing value, which need not be unique. */
  readonly valueIn: (fields: EntityFields) => JsonValue | undefined
  readonly encode: (value: JsonValue) => SqlValue
}

/** A pure cache: the values depend only on the table. */
const known = new WeakMap<NounTable, readonly UniqueValue[]>()

function uniqueValues(table: NounTable): readonly UniqueValue[] {
  let values = known.get(table)
  if (values === undefined) known.set(table, (values = makeUniqueValues(table)))
  return values
}

function makeUniqueValues({ uniqueColumns, schema }: NounTable): readonly UniqueValue[] {
  return [
    ...uniqueColumns.map((column) => ({
      name: column.field,
      expression: quoteName(column.name),
      isCanonical: isCanonicalField(schema.fields[column.field]),
      valueIn: (fields: EntityFields) => fields[column.field],
      encode: (value: JsonValue) => encodeValue(column, value),
    })),
    ...schema.indexes
      .filter(({ unique }) => unique)
      .map(({ path, field, keys }) => ({
        name: path,
        isCanonical: false,
        expression: pathValue(quoteName(`${field}:json`), keys),
        valueIn: (fields: EntityFields) => valueAtPath(fields[field], keys),
        // The storage class does not matter for a string or a number.
        encode: (value: JsonValue) => encodeValue({ name: path, storage: 'text' }, value),
      })),
  ]
}

function isCanonicalField(field: Field | undefined): boolean {
  return field !== undefined && hasCanonicalText(field)
}

/** Returns the same value as the SQL of `pathValue`. */
function valueAtPath(json: JsonValue | undefined, keys: readonly string[]): string | number | undefined {
  let value: unknown = json
  for (const key of keys) value = isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

/**
 * Returns the fields with each new reference to a merged entity replaced by one to the entity into which it was merged. Throws
 * an ObjectError `invalid_reference` if a new reference leads to no live entity.
 */
export function liveReferences(
  lookup: MergeLookup & { readonly state: StorageHandler },
  table: NounTable,
  { fields, previous }: { readonly fields: EntityFields; readonly previous: EntityFields | undefined },
): EntityFields {
  let live = fields
  for (const reference of table.references) {
    const before = referredIds(previous?.[reference.name])
    for (const id of new Set(referredIds(fields[reference.name]))) {
      if (before.includes(id)) continue
      const target = targetOf(lookup.state, reference, id)
      if (target !== undefined && lookup.state.exists(target, id)) continue
      const next = target === undefined ? undefined : mergedInto(lookup, target.schema, id)
      if (next === undefined) throw missingTarget(table.schema.name, reference, id)
      live = { ...live, [reference.name]: replaced(live[reference.name], id, next) }
    }
  }
  return live
}

/** A list keeps its order and has the new id once. */
function replaced(value: JsonValue | undefined, id: string, next: string): JsonValue {
  if (!Array.isArray(value)) return next
  const ids: readonly JsonValue[] = value.map((one) => (one === id ? next : one))
  return ids.filter((one, at) => one !== next || ids.indexOf(one) === at)
}

function targetOf(state: StorageHandler, reference: ReferenceField, id: string): NounTable | undefined {
  return reference.to
    .map((name) => state.table(name))
    .find((other) => other !== undefined && id.startsWith(`${other.schema.idPrefix}_`))
}

export function missingTarget(noun: string, reference: ReferenceField, id: JsonValue): ObjectError {
  return new ObjectError({
    code: 'invalid_reference',
    field: reference.name,
    message: `${noun}.${reference.name} expects the id of an existing ${reference.any === true ? 'entity' : reference.to.join(' or ')}, got ${JSON.stringify(id)}`,
  })
}
