// `import.refused`: the rows that an import has refused, in pages.

import { isFullAuthority, ObjectError } from 'digital-objects'
import { jsonResponse, ref } from '../openapi/components.ts'
import { after, readHeaders } from '../openapi/parameters.ts'
import { parseCount, refuseOthers } from '../entities/parameters.ts'
import type { Read } from './read.ts'

const rowsPerPage = 1_000
const charactersPerPage = 4_000_000

export const importRefused: Read = {
  kind: 'read',
  name: 'import.refused',
  about: 'List the rows that an import has refused, with their reasons',
  routes: [],
  parameters: { after, ...readHeaders },
  responses: () => ({ 200: jsonResponse('The rows', ref('BulkJob')) }),

  answer({ store }, { caller: { authority }, call: { id = '', parameters } }) {
    refuseOthers(parameters, ['after'])
    const rowsAfter = parseCount(parameters, { name: 'after', fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
    const job = store.isReady ? store.requests.bulkJobs.find(id) : undefined
    const source = job === undefined ? undefined : store.requests.imports.ofJob(id)
    if (job === undefined || source === undefined || !(isFullAuthority(authority) || job.actor === authority.who)) {
      const message = `there is no import '${id.slice(0, 64)}': ended imports are kept for 7 days`
      throw new ObjectError({ code: 'not_found', field: 'id', message })
    }
    const found = store.requests.imports.refused(source.id, { after: rowsAfter, limit: rowsPerPage })
    let characters = 0
    const fitting = found.filter((row, at) => (characters += row.row.length) <= charactersPerPage || at === 0)
    const hasMore = fitting.length < found.length || found.length === rowsPerPage
    const rows = fitting.map(
      ({ n, line, reason, row }) => `{"n":${n},"line":${line},"reason":${JSON.stringify(reason)},"row":${row}}`,
    )
    return {
      body: `{"state":"${job.state}","header":${source.header},"hasMore":${hasMore},"rows":[${rows.join(',')}]}`,
      source: 'object',
    }
  },
}
