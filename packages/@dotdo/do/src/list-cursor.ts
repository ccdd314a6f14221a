// Where a page ends: the sort values of its last entity in the form in which tables and files compare them.

import type { Cursor, SortTerm, SortValue } from 'digital-objects'
import { encodeValue, type StoredVersion } from './row-codec.ts'

/** What a cursor looks at, wherever it was read from. */
export type SortedVersion = Pick<
  StoredVersion,
  'id' | 'version' | 'createdAtMs' | 'createdBy' | 'updatedAtMs' | 'fields'
>

export function cursorOf(sort: readonly SortTerm[], version: SortedVersion): Cursor {
  return { id: version.id, values: sort.map((term) => sortValue(term, version)) }
}

function sortValue(term: SortTerm, version: SortedVersion): SortValue {
  switch (term.field) {
    case '$id':
      return version.id
    case '$version':
      return version.version
    case '$createdAt':
      return version.createdAtMs
    case '$createdBy':
      return version.createdBy
    case '$updatedAt':
      return version.updatedAtMs
    default:
      return encodeValue({ name: term.field, storage: term.storage }, version.fields[term.field])
  }
}
