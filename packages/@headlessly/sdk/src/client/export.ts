// `$.export`: all entities of a type as a file.

import type { Session } from '../calls/session.ts'
import { downloadFile } from './download-file.ts'

export type ExportFormat = 'json' | 'ndjson' | 'csv' | 'parquet'

export interface ExportOptions {
  /** By default `json`. */
  readonly format?: ExportFormat
  readonly filter?: object
  /** Exports what was true at this time. */
  readonly asOf?: string
  /** Relations whose entities stand in place of their ids. */
  readonly include?: readonly string[]
  readonly signal?: AbortSignal
}

/** Yields the file while it arrives, in order of ids. A file that is cut off ends with an error. */
export type Export = (type: string, options?: ExportOptions) => AsyncIterable<Uint8Array>

export function makeExport(session: () => Session): Export {
  return (type, { format = 'json', filter, asOf, include = [], signal } = {}) => {
    const query = new URLSearchParams({
      format,
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
      ...(asOf === undefined ? {} : { asOf }),
      ...(include.length === 0 ? {} : { include: include.join(',') }),
    })
    return downloadFile(session(), { path: `export/${encodeURIComponent(type)}?${query.toString()}`, signal })
  }
}
