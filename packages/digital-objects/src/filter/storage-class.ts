// How a field's value is stored and compared, whichever engine holds it.

import type { ListStorage, ScalarStorage, StorageClass } from './filter.ts'
import type { StoredField } from '../noun/schema.ts'

const ofDataType = {
  string: 'text',
  text: 'text',
  url: 'text',
  email: 'text',
  id: 'text',
  // One class, so that a field that becomes an integer or money keeps its column and its values.
  number: 'real',
  integer: 'real',
  money: 'real',
  boolean: 'boolean',
  datetime: 'time',
  date: 'date',
  json: 'json',
} as const

export function storageClassOf(field: StoredField): StorageClass {
  const single = field.kind === 'data' ? ofDataType[field.type] : 'text'
  return field.many ? (single === 'real' ? 'real[]' : 'text[]') : single
}

export function isListStorage(storage: StorageClass): storage is ListStorage {
  return storage.endsWith('[]')
}

/** How one value is stored and compared: a value of the list, where there is one. */
export function elementStorageOf(storage: StorageClass): ScalarStorage {
  return storage === 'text[]' ? 'text' : storage === 'real[]' ? 'real' : storage
}

/** The meta-fields that have a value in storage, by their storage class. */
export const metaStorage = {
  $type: 'text',
  $id: 'text',
  $version: 'real',
  $createdAt: 'time',
  $createdBy: 'text',
  $updatedAt: 'time',
} as const satisfies Readonly<Record<string, StorageClass>>
