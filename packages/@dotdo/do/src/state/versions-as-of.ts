// Reads many entities, each as of an event of its own, with one statement.

import type { NounTable } from './noun-table.ts'
import { type Row, rowToVersion, type SqlValue, type StoredVersion } from './row-codec.ts'

export interface EntityAsOf {
  readonly id: string
  readonly seq: number
}

/** Returns the versions by id. An entity that did not exist then has none. The caller limits their number and size. */
export function versionsAsOf(
  sql: SqlStorage,
  table: NounTable,
  entities: readonly EntityAsOf[],
): ReadonlyMap<string, StoredVersion> {
  const { past, present, columnNames } = table
  const columns = columnNames.map((name) => `t.${name}`).join(', ')
  // The last past version that began by then is the one, unless it had ended, or the present one began by then, too.
  const query = `SELECT ${columns} FROM json_each(?1) AS asked JOIN ${past} AS t ON t."$id" = asked.value ->> 0
      AND t."$seq" = (SELECT max("$seq") FROM ${past} WHERE "$id" = asked.value ->> 0 AND "$seq" <= asked.value ->> 1)
      WHERE t."$until" > asked.value ->> 1
    UNION ALL SELECT ${columns} FROM json_each(?1) AS asked JOIN ${present} AS t ON t."$id" = asked.value ->> 0
      WHERE t."$seq" <= asked.value ->> 1`
  const asked = JSON.stringify(entities.map(({ id, seq }) => [id, seq]))
  const versions = new Map<string, StoredVersion>()
  for (const row of sql.exec(query, asked).raw<SqlValue[]>()) {
    const version = rowToVersion(table, row satisfies Row)
    versions.set(version.id, version)
  }
  return versions
}
