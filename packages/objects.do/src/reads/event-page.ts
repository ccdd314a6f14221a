// Pages of the log's events, oldest first.

import { type LogRow, logRowToText, rowsScannedMax } from '@dotdo/do'
import type { EventPattern, NounSchema } from 'digital-objects'
import type { ReadParts } from './read.ts'

/** Selects events among those of a page. */
export interface EventChoice {
  readonly pattern?: EventPattern
  readonly actor?: string
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

/** One page of an entity's events. An event that does not fit is left for the next page. */
export function entityPage({ store }: ReadParts, page: EntityPage): EventRows {
  const { noun, limit, choice } = page
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

export function eventPageBody({ rows, hasMore, readThrough }: EventRows, context: string): string {
  const events = rows.map((row) => logRowToText(row, context))
  const cursor = hasMore && readThrough !== undefined ? `"${readThrough}"` : 'null'
  return `{"results":[${events.join(',')}],"hasMore":${hasMore},"cursor":${cursor}}`
}
