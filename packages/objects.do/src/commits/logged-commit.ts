// A commit as the log has it: the events that were written together.

import { type EventVisibility, type LogReader, type LogRow, logRowToText } from '@dotdo/do'
import { ObjectError } from 'digital-objects'

/** A commit, with the events that a caller may see. It has at least one. */
export interface VisibleCommit {
  readonly number: number
  readonly rows: readonly LogRow[]
}

/** The rows of one read; a page of the log has a limit in characters of its own. */
const rowsPerRead = 1_000

/** Parses the number of a commit, such as `1042`. Throws an ObjectError `invalid_id`. */
export function parseCommitNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  const message = `a commit expects its number, such as 1042, got ${JSON.stringify(text.slice(0, 64))}`
  throw new ObjectError({ code: 'invalid_id', field: 'id', message })
}

/** Throws an ObjectError `not_found` unless a commit has this number and the caller may see an event of it. */
export function readCommit(log: LogReader, number: number, visibility: EventVisibility): VisibleCommit {
  const commit = log.commitOf(number)
  if (commit === undefined) throw noCommit(number)
  const rows = eventsOfCommit(log, commit).filter((row) => visibility.isVisible(row))
  if (rows.length === 0) throw noCommit(number)
  if (commit !== number) throw notFirst(number, commit)
  return { number, rows }
}

/** Whether the caller may see the event with all its values. */
export function isShownWhole(row: LogRow, visibility: EventVisibility): boolean {
  if (!visibility.isVisible(row)) return false
  const shown = visibility.shown(row)
  return shown.data === row.data && shown.changes === row.changes
}

/** Returns all events of a commit that exists. */
export function eventsOfCommit(log: LogReader, number: number): readonly LogRow[] {
  const [after, through] = [number - 1, log.commitEnd(number)]
  const rows: LogRow[] = []
  for (let end = after; end < through;) {
    const page = log.read({ after: end, limit: rowsPerRead, through })
    rows.push(...page.rows)
    end = page.readThrough
  }
  return rows
}

/** Returns a commit as JSON, with the fields that the caller may see. */
export function commitToText(
  { number, rows }: { readonly number: number | null; readonly rows: readonly LogRow[] },
  { visibility, context }: { readonly visibility: EventVisibility; readonly context: string },
): string {
  const [first] = rows
  const events = rows.map((row) => logRowToText(visibility.shown(row), context))
  const timestamp = first === undefined ? null : new Date(first.atMs).toISOString()
  const head = JSON.stringify({ commit: number, timestamp, actor: first?.actor ?? null })
  return `${head.slice(0, -1)},"events":[${events.join(',')}]}`
}

export function noCommit(number: number): ObjectError {
  return new ObjectError({ code: 'not_found', field: 'id', message: `there is no commit ${number}` })
}

function notFirst(number: number, commit: number): ObjectError {
  const message = `there is no commit ${number}: event ${number} belongs to commit ${commit}`
  return new ObjectError({ code: 'not_found', field: 'id', message, detail: { commit } })
}
