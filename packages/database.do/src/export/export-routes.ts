// `GET /export/{noun}`: all matching entities as one file, which is sent while it is read, page by page and with the rights of
// the caller at that time. A read that fails later cuts the file off, which its receiver notices.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isObject, ObjectError, type Parameters } from 'digital-objects'
import { exportColumns } from './export-columns.ts'
import { type ExportFormat, exportFormats, type Row } from './export-formats.ts'

/** The most that a page may have. */
const pageRows = 100
/** Parameters of a list that an export sets itself. */
const ownParameters = ['sort', 'limit', 'cursor', 'count', 'fields']

export const exportRoutes: readonly ServiceRoute[] = [
  {
    path: '/export/{noun}',
    method: 'GET',
    about:
      'Writes all matching entities as one file, by id: `format` is `json`, `ndjson`, `csv` or `parquet`; `filter`, equalities of fields, `asOf` and `include` are those of a list.',
    answer: exportEntities,
  },
]

async function exportEntities(request: ServiceRequest): Promise<ServiceAnswer> {
  const { noun = '', format: name = 'json', ...list } = request.parameters
  const format = exportFormats.find((each) => each.name === name)
  if (format === undefined) {
    const names = exportFormats.map((each) => each.name).join(', ')
    throw invalid('format', `format expects one of ${names}, got '${name.slice(0, 64)}'`)
  }
  const own = ownParameters.find((each) => Object.hasOwn(list, each))
  if (own !== undefined) throw invalid(own, `an export is of all entities with all fields, by id, and takes no ${own}`)
  const pages = new Pages(request, noun, list)
  const first = await pages.next()
  const schema = await ask(request, { kind: 'read', read: 'schema', noun, parameters: {} })
  const included = (list['include'] ?? '').split(',').map((path) => path.split('.')[0] ?? '')
  const writer = format.open(exportColumns(schema.body, included))
  return {
    ok: true,
    body: '',
    ...(first.bookmark === undefined ? {} : { bookmark: first.bookmark }),
    file: {
      mediaType: format.mediaType,
      content: streamOf(pages, first.rows, writer),
      headers: { 'content-disposition': `attachment; filename="${noun}.${format.name}"` },
    },
  }
}

interface Page {
  readonly rows: readonly Row[]
  readonly bookmark?: string
}

/** The pages of a list, in order of ids. */
class Pages {
  readonly #request: ServiceRequest
  readonly #noun: string
  readonly #parameters: Parameters
  #cursor: string | undefined = ''

  constructor(request: ServiceRequest, noun: string, parameters: Parameters) {
    this.#request = request
    this.#noun = noun
    this.#parameters = { ...parameters, sort: '$id', limit: String(pageRows) }
  }

  get isDone(): boolean {
    return this.#cursor === undefined
  }

  async next(): Promise<Page> {
    const cursor = this.#cursor === undefined || this.#cursor === '' ? {} : { cursor: this.#cursor }
    const parameters = { ...this.#parameters, ...cursor }
    const { body, bookmark } = await ask(this.#request, { kind: 'read', read: 'find', noun: this.#noun, parameters })
    const page = isObject(body) ? body : {}
    this.#cursor = page['hasMore'] === true && typeof page['cursor'] === 'string' ? page['cursor'] : undefined
    const rows = Array.isArray(page['results']) ? page['results'].filter(isObject) : []
    return { rows, ...(bookmark === undefined ? {} : { bookmark }) }
  }
}

function streamOf(
  pages: Pages,
  first: readonly Row[],
  writer: ReturnType<ExportFormat['open']>,
): ReadableStream<Uint8Array> {
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

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message })
}
