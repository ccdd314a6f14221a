// Parses the bodies of answers other than a single entity. The outer shape is checked; rows are trusted.

import { isObject } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { DryRun } from './dry-run.ts'

export interface AnsweredPage<Row> {
  readonly results: readonly Row[]
  /** Null if it is not counted. */
  readonly total: number | null
  readonly hasMore: boolean
  /** Null if there is no next page, or it cannot be requested. */
  readonly cursor: string | null
}

export function parsePage<Row>(body: unknown): AnsweredPage<Row> {
  if (!isObject(body) || !Array.isArray(body['results'])) throw unexpectedAnswer('a list')
  const { results, total, hasMore, cursor } = body
  return {
    results: results as Row[],
    total: typeof total === 'number' ? total : null,
    hasMore: hasMore === true,
    cursor: typeof cursor === 'string' ? cursor : null,
  }
}

export function parseCount(body: unknown): number {
  if (isObject(body) && typeof body['count'] === 'number') return body['count']
  throw unexpectedAnswer('a count')
}

/** Returns the groups of an aggregate as an array with `hasMore`, which is not enumerable. */
export function parseGroups(body: unknown): unknown {
  if (!isObject(body) || !Array.isArray(body['results'])) throw unexpectedAnswer('groups')
  const groups: unknown[] = body['results']
  return Object.defineProperty(groups, 'hasMore', { value: body['hasMore'] === true, enumerable: false })
}

export function parseRowId(row: unknown): string {
  if (isObject(row) && typeof row['$id'] === 'string') return row['$id']
  throw unexpectedAnswer('an entity')
}

/** `Result` is what the write returns. */
export function parseDryRun<Result, Event>(body: unknown): DryRun<Result, Event> {
  // The rest is the server's own.
  if (isObject(body) && body['dryRun'] === true) return body as unknown as DryRun<Result, Event>
  throw unexpectedAnswer('a dry run')
}

export function unexpectedAnswer(what: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'unexpected_answer', message: `expected ${what} from the server` })
}
