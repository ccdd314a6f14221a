// Cuts a page from a list, by its number of entities and their size, and makes the cursor of the next page: the sort values of the page's last entity, in the form that
// tables and files compare.

import { charactersOfFields, type Cursor, formatCursor, type SortTerm, type SortValue } from 'digital-objects'
import { encodeValue, type StoredVersion } from './row-codec.ts'

/** The parts of a version that a cursor needs, read from tables or files. */
export type SortedVersion = Pick<
  StoredVersion,
  'id' | 'version' | 'createdAtMs' | 'createdBy' | 'updatedAtMs' | 'fields'
>

/**
 * Limits the characters of a page. An answer of the tenant's object may have 32 MiB, which is 16 million characters of
 * most scripts, and must be in memory several times.
 */
export const pageCharactersMax = 4 * 2 ** 20

export interface CutPage<Version> {
  readonly versions: readonly Version[]
  readonly hasMore: boolean
  /** The cursor of the next page; null if there is none, or if the list has no cursors. */
  readonly cursor: string | null
  /** Returns the cursor after one of the versions, for a page that is cut shorter. */
  readonly cursorAfter: (version: SortedVersion) => string | null
}

/**
 * Returns the first `limit` entities, or fewer if they are large, but at least one. The caller reads one more than fit,
 * which tells whether there is another page.
 */
export function cutPage<Version extends SortedVersion>(
  versions: readonly Version[],
  options: {
    readonly limit: number
    /** Undefined for a list without cursors. */
    readonly sort: readonly SortTerm[] | undefined
    /** Identifies the list as a string. */
    readonly list: string
    readonly charactersMax?: number
  },
): CutPage<Version> {
  const { limit, sort, list, charactersMax = pageCharactersMax } = options
  const page = versions.slice(0, Math.min(limit, countWithin(versions, charactersMax)))
  const last = page.at(-1)
  const hasMore = versions.length > page.length
  const cursorAfter = (version: SortedVersion): string | null =>
    sort === undefined ? null : formatCursor(cursorOf(sort, version), list)
  return { versions: page, hasMore, cursor: hasMore && last !== undefined ? cursorAfter(last) : null, cursorAfter }
}

function countWithin(versions: readonly SortedVersion[], charactersMax: number): number {
  let characters = 0
  for (const [at, { fields }] of versions.entries()) {
    characters += charactersOfFields(fields)
    if (characters > charactersMax && at > 0) return at
  }
  return versions.length
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
