// A DuckDB view of a table for clients without the Iceberg extension. It names the data files of one snapshot instead
// of a glob, which would also match replaced files that wait for deletion.

/** Longer lists belong in a catalog: a statement with more files is too long to paste. */
const filesMax = 300

/**
 * Returns the statement, or a comment that says why there is none. `paths` are those of `listDataFiles`, as DuckDB
 * reaches them.
 */
export function duckdbView(options: { readonly name: string; readonly paths: readonly string[] }): string {
  const { name, paths } = options
  if (paths.length === 0) return `-- ${name} has no files yet: the first flush after a write creates them`
  if (paths.length > filesMax)
    return `-- ${name} has ${paths.length} files, too many for one statement: attach the catalog instead`
  const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')
  // Columns that were added later exist in newer files only.
  return `CREATE OR REPLACE VIEW ${name} AS FROM read_parquet([${list}], union_by_name = true);`
}
