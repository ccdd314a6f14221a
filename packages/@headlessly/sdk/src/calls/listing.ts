// A list that is read on demand: awaiting it gives one page, iterating over it gives all rows.

import { type CallSite, callSite, errorAt } from '../base/call-site.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { printedAs } from '../base/printed-as.ts'
import type { AnsweredPage } from './parse-answer.ts'

/** An array, so that everything for arrays works, with its position in the list. */
export type Page<Row> = Row[] & {
  /**
   * The number of entities in the whole list. Null if the list has more than one page and a filter, unless `count: 'exact'`
   * is given, and if a pattern would have to test too many entities.
   */
  readonly total: number | null
  readonly hasMore: boolean
  /** Continues with the next page. */
  readonly cursor: string | null
}

/** A page of the server, to whose limit `limit` is reduced. */
export interface WantedPage {
  readonly limit: number
  readonly cursor: string | undefined
  /** Whether the page's `total` is used. */
  readonly isCounted: boolean
}

export type ReadPage<Row> = (page: WantedPage) => Promise<AnsweredPage<Row>>

export interface ListingParts<Row> {
  readonly read: ReadPage<Row>
  readonly limit: number | undefined
  readonly limitFallback: number
  /** The server's limit of rows per page. */
  readonly pageMax: number
  readonly cursor: string | undefined
}

const limitMax = 1_000

/** Sends and refuses nothing until it is awaited or iterated. It is sent once, however often it is awaited. */
export class Listing<Row> implements PromiseLike<Page<Row>>, AsyncIterable<Row> {
  readonly #parts: ListingParts<Row>
  /** It is read later, when the caller is no longer on the stack. */
  readonly #site: CallSite = callSite()
  #page: Promise<Page<Row>> | undefined

  constructor(parts: ListingParts<Row>) {
    this.#parts = parts
    printedAs(this, () => 'a list that is pending: await it for a page, or use for await')
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
    const { pageMax } = this.#parts
    const limit = this.#limit() ?? Number.POSITIVE_INFINITY
    let { cursor } = this.#parts
    for (let left = limit; left > 0;) {
      const page = await this.#read({ limit: Math.min(left, pageMax), cursor, isCounted: false })
      yield* page.results
      left -= page.results.length
      if (!page.hasMore || left <= 0) return
      cursor = nextCursor(page)
    }
  }

  async #readPage(): Promise<Page<Row>> {
    const { limitFallback, pageMax } = this.#parts
    const limit = this.#limit() ?? limitFallback
    const { cursor: start } = this.#parts
    const rows: Row[] = []
    let first: AnsweredPage<Row> | undefined
    for (let cursor = start; ;) {
      const isCounted = first === undefined
      const page = await this.#read({ limit: Math.min(limit - rows.length, pageMax), cursor, isCounted })
      first ??= page
      rows.push(...page.results)
      // Matches of a pattern may be far apart in the log, so a page may be empty without being the last.
      if (!page.hasMore || rows.length >= limit || page.cursor === null) {
        const isWhole = start === undefined && !page.hasMore
        return toPage(rows, { ...page, total: first.total ?? (isWhole ? rows.length : null) })
      }
      cursor = page.cursor
    }
  }

  #limit(): number | undefined {
    try {
      return checkedLimit(this.#parts.limit)
    } catch (error) {
      throw errorAt(error, this.#site)
    }
  }

  async #read(at: WantedPage): Promise<AnsweredPage<Row>> {
    try {
      return await this.#parts.read(at)
    } catch (error) {
      throw errorAt(error, this.#site)
    }
  }
}

/** Validates a caller's limit. Throws a HeadlesslyError. */
export function checkedLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax)) return limit
  const message = `limit expects a whole number from 1 to ${limitMax}, got ${JSON.stringify(limit)}`
  throw new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}

function nextCursor({ cursor }: { readonly cursor: string | null }): string {
  if (cursor !== null) return cursor
  const message = 'a list by relevance has no next page; give it a sort to read all of it'
  throw new HeadlesslyError({ code: 'invalid_cursor', field: 'sort', message })
}

export function toPage<Row>(rows: Row[], last: Pick<Page<Row>, 'total' | 'hasMore' | 'cursor'>): Page<Row> {
  const { total, hasMore, cursor } = last
  const known = { total, hasMore, cursor }
  const properties = Object.entries(known).map(([name, value]) => [name, { value, enumerable: false }])
  // Not enumerable, so that a page prints, compares and copies as a plain array.
  return Object.defineProperties(rows, Object.fromEntries(properties)) as Page<Row>
}
