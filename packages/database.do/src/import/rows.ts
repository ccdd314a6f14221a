// The rows of a file, whatever its format.

import type { JsonValue } from 'digital-objects'

/** A text that has to be read by the column's format, null for none, or a value of a format with types. */
export type Cell = string | null | readonly [JsonValue]

export interface ParsedRow {
  /** The line in the file, or the number in a list, both counted from 1. */
  readonly line: number
  /** In the order of the header. Missing ones at the end are null. */
  readonly cells: readonly Cell[]
}

/** A row that cannot be read. The rows after it can. */
export interface BrokenRow {
  readonly line: number
  readonly fault: string
}

export interface FileRows {
  /** The names of the columns. JSON may add some with each row, so it is complete at the end. */
  readonly header: readonly string[]
  readonly rows: AsyncIterable<ParsedRow | BrokenRow>
}

/** Our own exports have meta-fields, and values as the API has them. */
export function isOwnHeader(header: readonly string[]): boolean {
  return header.includes('$id') || header.includes('$type')
}
