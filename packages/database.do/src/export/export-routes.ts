// `GET /export/{noun}`: all matching entities as one file, which is sent while it is read, page by page and with the rights of
// the caller at that time. A read that fails later cuts the file off, which its receiver notices.

import {
  ask,
  ListedPages,
  type ServiceAnswer,
  type ServiceRequest,
  type ServiceRoute,
  streamPages,
} from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { exportColumns } from './export-columns.ts'
import { exportFormats } from './export-formats.ts'

/** Parameters of a list that an export sets itself. */
const ownParameters = ['sort', 'limit', 'cursor', 'count', 'fields']

export const exportRoutes: readonly ServiceRoute[] = [
  {
    path: '/export/{noun}',
    method: 'GET',
    about:
      'Writes all matching entities as one file, by id: `format` is `json`, `ndjson`, `csv` or `parquet`; `filter`, equalities of fields, `asOf` and `include` are those of a list.',
    document: {
      parameters: {
        format: {
          about: 'Format of the file',
          schema: { type: 'string', enum: exportFormats.map(({ name }) => name) },
        },
        filter: { about: 'Condition in JSON, as for a list' },
        asOf: {
          about: 'Time at which the entities were as they are written',
          schema: { type: 'string', format: 'date-time' },
        },
        include: { about: 'Relations whose entities stand in place of their ids, separated by commas' },
      },
      answer: { about: 'The file', mediaType: 'application/octet-stream' },
    },
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
  const pages = new ListedPages(request, noun, { ...list, sort: '$id' })
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
      content: streamPages(pages, first.rows, writer),
      headers: { 'content-disposition': `attachment; filename="${noun}.${format.name}"` },
    },
  }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message })
}
