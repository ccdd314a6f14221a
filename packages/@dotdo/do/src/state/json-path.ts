// Paths inside a `json` column, in SQL.

import type { PathIndex } from 'digital-objects'

/** Returns `'$."a"."b"'`. Keys contain only letters, digits, `_`, `$` and `-`, so quoting is enough. */
export function jsonPath(keys: readonly string[]): string {
  return `'$${keys.map((key) => `."${key}"`).join('')}'`
}

/**
 * Returns the expression of an index on a path: a string as it is, a number as a double, and null for other values. SQLite
 * uses the index if a condition has the same expression. In SQLite, every string is greater than every number, so a range
 * condition must also test the type.
 */
export function pathValue(column: string, keys: readonly string[]): string {
  const [type, value] = [`json_type(${column}, ${jsonPath(keys)})`, `json_extract(${column}, ${jsonPath(keys)})`]
  return `CASE ${type} WHEN 'text' THEN ${value} WHEN 'integer' THEN CAST(${value} AS REAL) WHEN 'real' THEN ${value} END`
}

export function isSamePath(
  index: PathIndex,
  path: { readonly field: string; readonly keys: readonly string[] },
): boolean {
  return (
    index.field === path.field &&
    index.keys.length === path.keys.length &&
    index.keys.every((key, at) => key === path.keys[at])
  )
}
