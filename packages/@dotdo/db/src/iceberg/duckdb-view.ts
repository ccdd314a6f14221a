// DuckDB's view of a table, for who has no Iceberg extension: it names the data files of one snapshot, never a pattern,
// which would find files as well that were replaced and wait for their deletion.

/** Longer lists belong into a catalog: a statement of them is no line to paste. */
const filesMax = 300

/** A statement, or a comment that says why there is none. `paths` are those of `listDataFiles`, as DuckDB reaches them. */
export function duckdbView(options: { readonly name: string; readonly paths: readonly string[] }): string {
  const { name, paths } = options
  if (paths.length === 0) return `-- ${name} has no files yet: they come with the first flush after a write`
  if (paths.length > filesMax)
    return `-- ${name} has ${paths.length} files, too many for a line to paste: attach the catalog, which lists them`
  const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')
  // Columns that were added since are in the newer files only.
  return `CREATE OR REPLACE VIEW ${name} AS FROM read_parquet([${list}], union_by_name = true);`
}
