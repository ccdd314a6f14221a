// Pages of the log's events, oldest first.

import {
  type EventChoice,
  type EventVisibility,
  type LogRow,
  logRowToText,
  type NounTable,
  rowsScannedMax,
} from '@dotdo/do'
import type { NounSchema } from 'digital-objects'
import type { ReadParts } from './read.ts'

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
  /** Ends the page at the end of a commit, as pages of the whole log do. The history of one entity may end anywhere. */
  readonly isWhole?: boolean
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
function entityPage(parts: ReadParts, page: EntityPage): EventRows {
  const { events, state, isReady } = parts.store
  const { noun, id, limit, isWhole = false } = page
  recordEvents(parts, page)
  const choice = visibleChoice(parts, page.choice)
  const table = state.table(noun.name)
  if (table === undefined || !isReady) return noEvents
  const scannedMax = choice === undefined ? limit + 1 : rowsScannedMax
  const scanned = state.eventSeqs(table, { ...page, limit: scannedMax })
  const hasMore = scanned.length === scannedMax
  if (hasMore && isWhole) scanned.push(...restOfCommit(parts, table, { id, seq: scanned.at(-1) ?? 0 }))
  const seqs = choice === undefined ? scanned : events.matching(scanned, choice)
  const last = seqs[limit - 1]
  const end = isWhole && last !== undefined ? events.commitEnd(last) : last
  const wanted = end === undefined ? seqs : seqs.filter((seq) => seq <= end)
  const rows = isWhole ? events.wholeCommits(wanted) : events.many(wanted)
  const isCut = rows.length < seqs.length
  const through = isCut ? rows.at(-1)?.seq : scanned.at(-1)
  return {
    rows,
    hasMore: isCut || hasMore,
    readThrough: isWhole && through !== undefined ? events.commitEnd(through) : through,
  }
}

/** Returns the entity's events that follow one in its commit. */
function restOfCommit(
  { store: { events, state } }: ReadParts,
  table: NounTable,
  { id, seq }: { readonly id: string; readonly seq: number },
): readonly number[] {
  const end = events.commitEnd(seq)
  if (end === seq) return []
  return state.eventSeqs(table, { id, after: seq, limit: end - seq }).filter((later) => later <= end)
}

export function eventPageBody(parts: ReadParts, { rows, hasMore, readThrough }: EventRows, context: string): string {
  const visibility = eventVisibilityOf(parts)
  const events = rows.map((row) => logRowToText(visibility.shown(row), context))
  const cursor = hasMore && readThrough !== undefined ? `"${readThrough}"` : 'null'
  return `{"results":[${events.join(',')}],"hasMore":${hasMore},"cursor":${cursor}}`
}
