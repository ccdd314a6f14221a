// Paths inside a `json` column, as SQL takes them.

import type { PathIndex } from 'digital-objects'

/** `'$."a"."b"'`. Keys are of letters, digits, `_`, `$` and `-`, so quoting them is enough. */
export function jsonPath(keys: readonly string[]): string {
  return `'$${keys.map((key) => `."${key}"`).join('')}'`
}

/**
 * The value at a path as an index holds it: a string as it is, a number as a double, null for everything else. SQLite
 * uses the index where a condition has the same expression. Any string is greater than any number here, so a range needs
 * the type beside it.
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
