// A list of entities as one file, which is sent while it is read, page by page, with the rights that its caller has at that time. A
// read that fails later cuts the file off, which its receiver notices.

import { isObject, type Parameters } from 'digital-objects'
import { ask } from './ask-tenant.ts'
import type { ServiceRequest } from './service.ts'

export type Row = Readonly<Record<string, unknown>>

/** Returns the text or bytes that follow what was written before. */
export interface RowWriter {
  readonly add: (rows: readonly Row[]) => string | Uint8Array
  readonly finish: () => string | Uint8Array
}

/** The most that a page may have. */
const pageRows = 100

export interface ListedPage {
  readonly rows: readonly Row[]
  readonly bookmark?: string
}

/** The pages of a list. */
export class ListedPages {
  readonly #request: ServiceRequest
  readonly #noun: string
  readonly #parameters: Parameters
  #cursor: string | undefined = ''

  constructor(request: ServiceRequest, noun: string, parameters: Parameters) {
    this.#request = request
    this.#noun = noun
    this.#parameters = { ...parameters, limit: String(pageRows) }
  }

  get isDone(): boolean {
    return this.#cursor === undefined
  }

  async next(): Promise<ListedPage> {
    const cursor = this.#cursor === undefined || this.#cursor === '' ? {} : { cursor: this.#cursor }
    const parameters = { ...this.#parameters, ...cursor }
    const { body, bookmark } = await ask(this.#request, { kind: 'read', read: 'find', noun: this.#noun, parameters })
    const page = isObject(body) ? body : {}
    this.#cursor = page['hasMore'] === true && typeof page['cursor'] === 'string' ? page['cursor'] : undefined
    const rows = Array.isArray(page['results']) ? page['results'].filter(isObject) : []
    return { rows, ...(bookmark === undefined ? {} : { bookmark }) }
  }
}

export function streamPages(pages: ListedPages, first: readonly Row[], writer: RowWriter): ReadableStream<Uint8Array> {
  let waiting: readonly Row[] | undefined = first
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      /** Reads on once the receiver has taken what was sent. */
      async pull(controller) {
        for (let isSent = false; !isSent;) {
          const rows = waiting ?? (await pages.next()).rows
          waiting = undefined
          const parts = [writer.add(rows), ...(pages.isDone ? [writer.finish()] : [])]
          for (const part of parts) {
            if (part.length === 0) continue
            controller.enqueue(typeof part === 'string' ? encoder.encode(part) : part)
            isSent = true
          }
          if (pages.isDone) return controller.close()
        }
      },
    },
    { highWaterMark: 0 },
  )
}
