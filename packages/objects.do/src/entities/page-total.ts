// The `total` of a page: the number of entities in the whole list. It is exact, or null where it would have to be counted and
// the caller did not request that. Which of the two depends on the request, its caller and the page, not on the source.

import { matchesAll, type Visibility } from 'digital-objects'
import type { FindRequest } from './read-request.ts'

/** Whether the page has a total although it is only a part of the list: on request, or without any condition. */
export function hasTotal(request: FindRequest, visibility: Pick<Visibility, 'rows'>): boolean {
  const { noun, filter, isCounted, asOfMs } = request
  if (isCounted) return true
  const rule = visibility.rows(noun.name)
  // The number of entities that a Noun has now is stored.
  return asOfMs === undefined && matchesAll(filter) && (rule === undefined || matchesAll(rule))
}

/** Returns the total of a page that is the whole list; undefined for other pages. */
export function totalOfWhole(
  { cursor }: FindRequest,
  page: { readonly hasMore: boolean; readonly versions: readonly unknown[] },
): number | undefined {
  return cursor === undefined && !page.hasMore ? page.versions.length : undefined
}
