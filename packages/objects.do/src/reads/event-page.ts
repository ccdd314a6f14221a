// Pages of the log's events, oldest first.

import { type EventHead, type EventVisibility, type LogRow, logRowToText, rowsScannedMax } from '@dotdo/do'
import type { EventPattern, NounSchema } from 'digital-objects'
import type { ReadParts } from './read.ts'

/** Selects events of a page. */
export interface EventChoice {
  readonly pattern?: EventPattern
  readonly actor?: string
  readonly isVisible?: (head: EventHead) => boolean
}

export interface EventRows {
  readonly rows: readonly LogRow[]
  readonly hasMore: boolean
  /** Where the next page starts, even if no event up to there was selected. */
  readonly readThrough: number | undefined
}

export const noEvents: EventRows = { rows: [], hasMore: false, readThrough: undefined }

export interface EntityPage {
  readonly noun: NounSchema
  readonly id: string
  readonly after: number
  readonly limit: number
  readonly choice?: EventChoice
}

/** Limits the pages of hidden events that are read before an empty page is returned. */
const hiddenPagesMax = 20

export function eventVisibilityOf({ store, visibility }: ReadParts): EventVisibility {
  return store.eventVisibility(visibility)
}

/** Combines the choice with the caller's visibility. Returns undefined if all events are selected. */
export function visibleChoice(parts: ReadParts, choice: EventChoice = {}): EventChoice | undefined {
  const isNarrowed = choice.pattern !== undefined || choice.actor !== undefined
  if (parts.visibility.isFull) return isNarrowed ? choice : undefined
  const events = eventVisibilityOf(parts)
  return { ...choice, isVisible: (head) => events.isVisible(head) }
}

/** Records a read of events: those of one entity if each is visible, or else the whole log. */
export function recordEvents(
  { recorder, visibility }: ReadParts,
  of?: { readonly noun: NounSchema; readonly id: string },
): void {
  // A restricted caller sees an event by today's state of other entities.
  if (of === undefined || !visibility.isFull) recorder?.log()
  else recorder?.entity(of.noun.name, { id: of.id, version: undefined })
}

/** Returns the first page with visible events after `page.after`. Without any, the entity does not exist for the caller. */
export function visiblePage(parts: ReadParts, page: EntityPage): EventRows {
  let found = entityPage(parts, page)
  for (let pages = 1; pages < hiddenPagesMax; pages++) {
    const { rows, hasMore, readThrough } = found
    if (rows.length > 0 || !hasMore || readThrough === undefined) break
    found = entityPage(parts, { ...page, after: readThrough })
  }
  return found
}

/** Returns one page of an entity's events. An event that does not fit is left for the next page. */
export function entityPage(parts: ReadParts, page: EntityPage): EventRows {
  const { store } = parts
  recordEvents(parts, page)
  const { noun, limit } = page
  const choice = visibleChoice(parts, page.choice)
  const { events, state, isReady } = store
  const table = state.table(noun.name)
  if (table === undefined || !isReady) return noEvents
  const scannedMax = choice === undefined ? limit + 1 : rowsScannedMax
  const scanned = state.eventSeqs(table, { ...page, limit: scannedMax })
  const seqs = choice === undefined ? scanned : events.matching(scanned, choice)
  const rows = events.many(seqs.slice(0, limit))
  const isCut = rows.length < seqs.length
  return {
    rows,
    hasMore: isCut || scanned.length === scannedMax,
    readThrough: isCut ? rows.at(-1)?.seq : scanned.at(-1),
  }
}

export function eventPageBody(parts: ReadParts, { rows, hasMore, readThrough }: EventRows, context: string): string {
  const visibility = eventVisibilityOf(parts)
  const events = rows.map((row) => logRowToText(visibility.shown(row), context))
  const cursor = hasMore && readThrough !== undefined ? `"${readThrough}"` : 'null'
  return `{"results":[${events.join(',')}],"hasMore":${hasMore},"cursor":${cursor}}`
}
