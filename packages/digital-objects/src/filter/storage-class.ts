// The storage class of each field: how every engine stores and compares its values.

import type { ListStorage, ScalarStorage, StorageClass } from './filter.ts'
import type { StoredField } from '../noun/schema.ts'

const ofDataType = {
  string: 'text',
  text: 'text',
  url: 'text',
  email: 'text',
  id: 'text',
  // One class for all numbers, so that changing a field's type between them keeps its column and values.
  number: 'real',
  integer: 'real',
  money: 'real',
  currency: 'text',
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

/** Returns the storage class of a list's values; for other fields, that of the field. */
export function elementStorageOf(storage: StorageClass): ScalarStorage {
  return storage === 'text[]' ? 'text' : storage === 'real[]' ? 'real' : storage
}

/** The storage classes of the meta-fields that are stored. */
export const metaStorage = {
  $type: 'text',
  $id: 'text',
  $version: 'real',
  $createdAt: 'time',
  $createdBy: 'text',
  $updatedAt: 'time',
} as const satisfies Readonly<Record<string, StorageClass>>
