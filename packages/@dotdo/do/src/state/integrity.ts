// What must hold between entities: values of unique fields once among the living, references to entities that live.
// Both are checked inside the lane, so nothing can change between the check and the write.

import { type EntityFields, type JsonValue, ObjectError, type ReferenceField, referredIds } from 'digital-objects'
import { encodeValue } from './row-codec.ts'
import type { NounTable } from './noun-table.ts'
import type { StorageHandler } from './storage-handler.ts'

/** Fields that keep their value are not checked again. `isHolderNamed`: the refusal names the entity that has the value. */
export function checkUnique(
  state: StorageHandler,
  table: NounTable,
  options: { id: string; fields: EntityFields; previous: EntityFields | undefined; isHolderNamed: boolean },
): void {
  const { id, fields, previous, isHolderNamed } = options
  for (const column of table.uniqueColumns) {
    const value = fields[column.field]
    if (value === undefined || value === previous?.[column.field]) continue
    const existingId = state.idWithValue(table, { column, value: encodeValue(column, value), id })
    if (existingId === undefined) continue
    throw new ObjectError({
      code: 'conflict',
      field: column.field,
      message: `${table.schema.name}.${column.field} ${JSON.stringify(value)} is taken${isHolderNamed ? ` by '${existingId}'` : ''}`,
      ...(isHolderNamed ? { detail: { existingId } } : {}),
    })
  }
}

export function checkReferences(
  state: StorageHandler,
  table: NounTable,
  options: { fields: EntityFields; previous: EntityFields | undefined },
): void {
  const { fields, previous } = options
  for (const reference of table.references) {
    const before = referredIds(previous?.[reference.name])
    for (const id of new Set(referredIds(fields[reference.name]))) {
      if (before.includes(id) || isAlive(state, reference, id)) continue
      throw missingTarget(table.schema.name, reference, id)
    }
  }
}

function isAlive(state: StorageHandler, reference: ReferenceField, id: string): boolean {
  const target = reference.to
    .map((name) => state.table(name))
    .find((other) => other !== undefined && id.startsWith(`${other.schema.idPrefix}_`))
  return target !== undefined && state.exists(target, id)
}

export function missingTarget(noun: string, reference: ReferenceField, id: JsonValue): ObjectError {
  return new ObjectError({
    code: 'invalid_reference',
    field: reference.name,
    message: `${noun}.${reference.name} expects the id of a living ${reference.to.join(' or ')}, found none with ${JSON.stringify(id)}`,
  })
}
