// Values of emails, slugs and domains from before they had one spelling. A partial index contains them, without regard to
// letter case, so that a new entity cannot have the same address. It is empty in a new tenant.

export const oldSpellingSuffix = ' old spelling'

/** The condition of the rows with an old spelling, in the words of the index. */
export function isOldSpelling(expression: string): string {
  return `${expression} <> lower(${expression})`
}

/** A value that another entity than `id` may have. */
export interface ValueOfOther {
  readonly expression: string
  readonly value: SqlStorageValue
  readonly id: string
}

/** Returns the id of another entity whose old spelling is the value in another letter case. */
export function findOldSpelling(
  sql: SqlStorage,
  { present }: { readonly present: string },
  { expression, value, id }: ValueOfOther,
): string | undefined {
  const query = `SELECT "$id" FROM ${present} WHERE ${isOldSpelling(expression)} AND ${expression} = ? COLLATE NOCASE AND "$id" <> ?`
  return sql.exec<{ $id: string }>(query, value, id).toArray()[0]?.$id
}

interface Indexed {
  readonly indexes: readonly { readonly name: string; readonly text: string }[]
}

/** Creates the indexes that tables of earlier versions lack. */
export function createOldSpellingIndexes(sql: SqlStorage, tables: readonly Indexed[]): void {
  for (const { name, text } of tables.flatMap(({ indexes }) => indexes)) {
    if (!name.endsWith(oldSpellingSuffix)) continue
    const found = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", name)
    if (found.toArray().length === 0) sql.exec(text)
  }
}
