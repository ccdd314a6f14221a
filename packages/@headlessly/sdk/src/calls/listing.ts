// A list that is not read before somebody asks: awaited it is one page, iterated it is all of them.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { AnsweredPage } from './parse-answer.ts'

/** An array, so that everything that works on arrays does, which also knows where it stands. */
export type Page<Row> = Row[] & {
  /** How many match: exact to 10,000, null beyond and where nobody counts. */
  readonly total: number | null
  readonly hasMore: boolean
  /** For the next page. */
  readonly cursor: string | null
}

/** One page as the server gives it; `limit` is at most what it allows. */
export type ReadPage<Row> = (at: {
  readonly limit: number
  readonly cursor: string | undefined
}) => Promise<AnsweredPage<Row>>

export interface ListingParts<Row> {
  readonly read: ReadPage<Row>
  readonly limit: number | undefined
  readonly limitFallback: number
  /** Of one page that the server gives. */
  readonly pageMax: number
  readonly cursor: string | undefined
}

const limitMax = 1_000

/** Sends nothing, and refuses nothing, until it is awaited or iterated; is sent once however often it is awaited. */
export class Listing<Row> implements PromiseLike<Page<Row>>, AsyncIterable<Row> {
  readonly #parts: ListingParts<Row>
  #page: Promise<Page<Row>> | undefined

  constructor(parts: ListingParts<Row>) {
    this.#parts = parts
  }

  then<Value = Page<Row>, Reason = never>(
    fulfilled?: ((page: Page<Row>) => Value | PromiseLike<Value>) | null,
    rejected?: ((reason: unknown) => Reason | PromiseLike<Reason>) | null,
  ): Promise<Value | Reason> {
    this.#page ??= this.#readPage()
    return this.#page.then(fulfilled, rejected)
  }

  catch<Reason>(rejected: (reason: unknown) => Reason | PromiseLike<Reason>): Promise<Page<Row> | Reason> {
    return this.then(undefined, rejected)
  }

  finally(settled: () => void): Promise<Page<Row>> {
    return this.then((page) => page).finally(settled)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    const { read, pageMax } = this.#parts
    const limit = checkedLimit(this.#parts.limit) ?? Number.POSITIVE_INFINITY
    let { cursor } = this.#parts
    for (let left = limit; left > 0;) {
      const page = await read({ limit: Math.min(left, pageMax), cursor })
      yield* page.results
      left -= page.results.length
      if (!page.hasMore || left <= 0) return
      cursor = nextCursor(page)
    }
  }

  async #readPage(): Promise<Page<Row>> {
    const { read, limitFallback, pageMax } = this.#parts
    const limit = checkedLimit(this.#parts.limit) ?? limitFallback
    let { cursor } = this.#parts
    const rows: Row[] = []
    for (;;) {
      const page = await read({ limit: Math.min(limit - rows.length, pageMax), cursor })
      rows.push(...page.results)
      // What matches a pattern may be far apart in the log, so that a page of it is empty and not the last.
      if (!page.hasMore || rows.length >= limit || page.cursor === null) return toPage(rows, page)
      cursor = page.cursor
    }
  }
}

/** Of what a call may ask for. Throws a HeadlesslyError. */
export function checkedLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax)) return limit
  const message = `limit expects a whole number from 1 to ${limitMax}, got ${String(limit)}`
  throw new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}

function nextCursor({ cursor }: { readonly cursor: string | null }): string {
  if (cursor !== null) return cursor
  const message = 'a list by relevance has no next page; give it a sort to read all of it'
  throw new HeadlesslyError({ code: 'invalid_cursor', field: 'sort', message })
}

function toPage<Row>(rows: Row[], last: Pick<Page<Row>, 'total' | 'hasMore' | 'cursor'>): Page<Row> {
  const { total, hasMore, cursor } = last
  const known = { total, hasMore, cursor }
  const properties = Object.entries(known).map(([name, value]) => [name, { value, enumerable: false }])
  // Not enumerable, so that a page prints, compares and is copied as the array that it is.
  return Object.defineProperties(rows, Object.fromEntries(properties)) as Page<Row>
}
