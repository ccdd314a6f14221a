// Cuts a page from a list and makes the cursor of the next page: the sort values of the page's last entity, in the form that
// tables and files compare.

import { type Cursor, formatCursor, type SortTerm, type SortValue } from 'digital-objects'
import { encodeValue, type StoredVersion } from './row-codec.ts'

/** The parts of a version that a cursor needs, read from tables or files. */
export type SortedVersion = Pick<
  StoredVersion,
  'id' | 'version' | 'createdAtMs' | 'createdBy' | 'updatedAtMs' | 'fields'
>

/** Returns the first `limit` entities. The caller reads one more, which tells whether there is another page. */
export function cutPage<Version extends SortedVersion>(
  versions: readonly Version[],
  options: {
    readonly limit: number
    /** Undefined for a list without cursors. */
    readonly sort: readonly SortTerm[] | undefined
    /** Identifies the list as a string. */
    readonly list: string
  },
): { readonly versions: readonly Version[]; readonly hasMore: boolean; readonly cursor: string | null } {
  const { limit, sort, list } = options
  const page = versions.slice(0, limit)
  const last = page.at(-1)
  const hasMore = versions.length > limit
  const hasNext = hasMore && last !== undefined && sort !== undefined
  return { versions: page, hasMore, cursor: hasNext ? formatCursor(cursorOf(sort, last), list) : null }
}

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
