// The bodies of answers that are not one entity: their outer shape is checked, the rows are the server's own.

import { isObject } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'

export interface AnsweredPage<Row> {
  readonly results: readonly Row[]
  /** Null beyond what is counted. */
  readonly total: number | null
  readonly hasMore: boolean
  /** Null where there is no next page, or none that can be asked for. */
  readonly cursor: string | null
}

export function parsePage<Row>(body: unknown): AnsweredPage<Row> {
  if (!isObject(body) || !Array.isArray(body['results'])) throw unexpected('a list')
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
  throw unexpected('a count')
}

export function parseRowId(row: unknown): string {
  if (isObject(row) && typeof row['$id'] === 'string') return row['$id']
  throw unexpected('an entity')
}

function unexpected(what: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'unexpected_answer', message: `expected ${what} from the server` })
}
