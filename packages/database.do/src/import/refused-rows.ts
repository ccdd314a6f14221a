// The rows that an import has refused, as a file that can be corrected and imported again: its own columns, and the reason.

import { ask, type ServiceAnswer, type ServiceRequest } from '@dotdo/service'
import { type Call, formatCsvRecord, isPlainObject, type JsonValue } from 'digital-objects'
import { fromStaged } from './staged-row.ts'

const encoder = new TextEncoder()
export const lineColumn = 'Line'
export const reasonColumn = 'Reason'

export async function refusedRows(request: ServiceRequest): Promise<ServiceAnswer> {
  const job = request.parameters['job'] ?? ''
  const pageAfter = (after: number): Promise<JsonValue> => {
    const call: Call = { kind: 'read', read: 'import.refused', id: job, parameters: { after: String(after) } }
    return ask(request, call).then(({ body = null }) => body)
  }
  const first = await pageAfter(0)
  const header = isPlainObject(first) && Array.isArray(first['header']) ? first['header'].map(String) : []
  async function* lines(): AsyncGenerator<string> {
    yield `${formatCsvRecord([...header, lineColumn, reasonColumn])}\r\n`
    for (let page = first; isPlainObject(page);) {
      const rows = Array.isArray(page['rows']) ? page['rows'] : []
      let last = 0
      for (const row of rows) {
        if (!isPlainObject(row)) continue
        last = Number(row['n'])
        yield `${formatCsvRecord([...cellsOf((row as Readonly<Record<string, JsonValue>>)['row'] ?? null, header.length), String(row['line']), String(row['reason'])])}\r\n`
      }
      if (page['hasMore'] !== true || last === 0) return
      page = await pageAfter(last)
    }
  }
  const texts = lines()
  const content = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await texts.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
  const headers = { 'content-disposition': `attachment; filename="refused-${job.replaceAll(/[^\w-]/g, '')}.csv"` }
  return { ok: true, body: '', file: { mediaType: 'text/csv; charset=utf-8', content, headers } }
}

function cellsOf(staged: JsonValue, columns: number): readonly (string | null)[] {
  const row = fromStaged(staged)
  const cells = 'fault' in row ? [] : row.cells
  return Array.from({ length: columns }, (_, at) => {
    const cell = cells[at] ?? null
    if (cell === null || typeof cell === 'string') return cell
    const [value] = cell
    return value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)
  })
}
