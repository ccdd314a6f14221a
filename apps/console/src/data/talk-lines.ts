// The newest lines of a talk that comes from several lists, each of which has been read only in part.

import type { Entity } from './entity.ts'

export interface NewestPage {
  /** Newest first. */
  readonly lines: readonly Entity[]
  /** Whether the list has older lines. */
  readonly hasMore: boolean
}

/** Oldest first. A line is left out if another list may have lines after it that were not read. */
export function newestLines(pages: readonly NewestPage[]): readonly Entity[] {
  const known = pages.flatMap(({ lines, hasMore }) => (hasMore ? [lines.at(-1)?.$createdAt ?? ''] : []))
  const since = known.toSorted().at(-1) ?? ''
  return pages
    .flatMap(({ lines }) => lines)
    .filter(({ $createdAt }) => $createdAt >= since)
    .toSorted((one, other) => (one.$createdAt < other.$createdAt ? -1 : one.$createdAt > other.$createdAt ? 1 : 0))
}
