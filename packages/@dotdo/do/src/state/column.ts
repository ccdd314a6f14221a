// A column of a Noun's tables, and the quoting of names in SQL.

import type { StorageClass } from 'digital-objects'

export interface Column {
  readonly field: string
  readonly storage: StorageClass
  /** The column's name, unquoted. */
  readonly name: string
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function unquoteName(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('""', '"')
}
