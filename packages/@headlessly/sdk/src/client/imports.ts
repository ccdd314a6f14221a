// `$.imports`: brings files of other programs into the tenant, as jobs of the server.

import { isObject, isPlainObject } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { unexpectedAnswer } from '../calls/parse-answer.ts'
import { jobIn, type ServerJob, watchJob } from '../calls/server-job.ts'
import type { Session } from '../calls/session.ts'

/** A file, or its content. */
export type ImportContent = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>

/** The choices that the server would otherwise guess from the file. */
export interface ImportOptions extends CallOptions {
  /** The name of the file, whose ending says its format. */
  readonly file?: string | undefined
  readonly format?: 'csv' | 'xlsx' | 'parquet' | 'json' | 'ndjson' | undefined
  readonly encoding?: string | undefined
  readonly delimiter?: string | undefined
  /** The sheet of a workbook; by default the only visible one with values. */
  readonly sheet?: string | undefined
  /** Maps headers to fields, `$id`, `$at`, `metadata.key`, or an empty string for a column that is left out. */
  readonly columns?: Readonly<Record<string, string>> | undefined
  /** Maps fields to values that all rows have, of a file without such columns. */
  readonly values?: Readonly<Record<string, unknown>> | undefined
  /** The indexed field, or `$id`, by which a row is an existing entity; an empty string creates all. */
  readonly match?: string | undefined
  /** The time at which the entities were created, or the column that has it. */
  readonly at?: string | undefined
  readonly system?: string | undefined
  readonly dates?: 'dmy' | 'mdy' | 'ymd' | undefined
  readonly decimal?: '.' | ',' | undefined
  readonly amounts?: 'major' | 'minor' | undefined
  readonly zone?: string | undefined
  /** Whether the entities keep the ids of the file, or get new ones, by default. */
  readonly ids?: 'keep' | 'map' | undefined
  readonly unmapped?: 'refuse' | 'ignore' | 'metadata' | undefined
}

export interface PlannedImport {
  readonly plan: { readonly columns: readonly Readonly<Record<string, unknown>>[]; readonly match: string | null }
  /** Questions that the file leaves open, and the option that answers it. */
  readonly questions: readonly {
    readonly option: string
    readonly column?: string
    readonly field?: string
    readonly message: string
  }[]
  /** The first rows were written and rolled back: `tried`, of which so many `created` and `updated` an entity. Others were `checked` only. */
  readonly counts: {
    readonly rows: number
    readonly checked: number
    readonly tried: number
    readonly created: number
    readonly updated: number
    readonly refused: number
  }
  readonly sample: readonly unknown[]
  readonly refused: readonly { readonly line: number; readonly reason: string }[]
}

export interface RefusedImportRow {
  readonly line: number
  readonly reason: string
  /** The cells of the row, in the order of `header`. */
  readonly cells: readonly unknown[]
  readonly header: readonly string[]
}

export interface Imports {
  /** Shows what an import would do, and changes nothing. */
  plan(noun: string, content: ImportContent, options?: ImportOptions): Promise<PlannedImport>
  /** Imports a file, and resolves when its job has ended. Rows that are refused are counted in it. */
  run(
    noun: string,
    content: ImportContent,
    options?: ImportOptions & { readonly onProgress?: ((job: ServerJob) => void) | undefined },
  ): Promise<ServerJob>
  /** The rows that an import has refused. */
  refused(job: string, options?: CallOptions): AsyncGenerator<RefusedImportRow>
}

/** The server reads a file while it arrives, which may take its time. */
const uploadMsMax = 60 * 60 * 1_000

export function makeImports(session: () => Session): Imports {
  const send = async (
    noun: string,
    content: ImportContent,
    { signal, columns, values, ...options }: ImportOptions & { readonly dryRun?: string },
  ): Promise<unknown> => {
    const texts = { columns, values }
    const given = {
      ...options,
      ...Object.fromEntries(Object.entries(texts).flatMap(([name, of]) => (of ? [[name, JSON.stringify(of)]] : []))),
    }
    const parameters = Object.entries(given).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    )
    const query = new URLSearchParams(parameters).toString()
    const path = `import/${encodeURIComponent(noun)}${query === '' ? '' : `?${query}`}`
    const file = { content, mediaType: mediaTypeOf(options), timeoutMs: uploadMsMax }
    return (await session().command({ path, file, ...(signal === undefined ? {} : { signal }) })).body
  }
  return Object.freeze<Imports>({
    async plan(noun, content, options = {}) {
      const body = await send(noun, content, { ...options, dryRun: 'true' })
      if (!isPlainObject(body) || !isPlainObject(body['plan'])) throw unexpectedAnswer('the plan of an import')
      return body as unknown as PlannedImport // the server's own
    },
    async run(noun, content, { onProgress, ...options } = {}) {
      const job = jobIn(await send(noun, content, options))
      if (job === undefined) throw unexpectedAnswer('the job of an import')
      return watchJob(session(), job, { signal: options.signal, onProgress })
    },
    async *refused(job, { signal } = {}) {
      for (let after = 0, hasMore = true; hasMore;) {
        const call = { kind: 'read', read: 'import.refused', id: job, parameters: { after: String(after) } } as const
        const { body } = await session().send(call, signal)
        const page = parsePage(body)
        for (const { n, line, reason, cells } of page.rows) {
          after = n
          yield { line, reason, cells, header: page.header }
        }
        hasMore = page.hasMore && page.rows.length > 0
      }
    },
  })
}

/** The ending of the name decides first. Pages of other origins cannot send this type without a preflight. */
function mediaTypeOf({ file, format = 'csv' }: ImportOptions): string {
  if (file !== undefined) return 'application/octet-stream'
  return format === 'csv' ? 'text/csv' : format === 'json' ? 'application/json' : 'application/x-ndjson'
}

interface Page {
  readonly header: readonly string[]
  readonly hasMore: boolean
  readonly rows: readonly {
    readonly n: number
    readonly line: number
    readonly reason: string
    readonly cells: readonly unknown[]
  }[]
}

function parsePage(body: unknown): Page {
  if (!isObject(body) || !Array.isArray(body['rows']) || !Array.isArray(body['header']))
    throw unexpectedAnswer('refused rows')
  const rows = body['rows'].flatMap((row: unknown) => {
    if (!isObject(row)) return []
    const staged: unknown = row['row']
    const cells: readonly unknown[] = Array.isArray(staged)
      ? staged.slice(1).map((cell: unknown) => (Array.isArray(cell) ? (cell as readonly unknown[])[0] : cell))
      : []
    return [{ n: Number(row['n']), line: Number(row['line']), reason: String(row['reason']), cells }]
  })
  return { header: body['header'].map(String), hasMore: body['hasMore'] === true, rows }
}
