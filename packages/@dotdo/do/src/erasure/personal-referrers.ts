// The entities whose personal values belong to an entity: those that refer to it, or ever did, by a field that says so.

import type { NounSchema } from 'digital-objects'
import { quoteName } from '../state/column.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { ErasureEntity } from './erasure-store.ts'

interface ReferrerParts {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly erased: ErasedEntities
}

/** Returns at most `limit` entities that refer to one of these, in any version. One search reads each table once. */
export function personalReferrers(
  { sql, state, erased }: ReferrerParts,
  { ids, limit }: { readonly ids: readonly string[]; readonly limit: number },
): readonly ErasureEntity[] {
  const found: ErasureEntity[] = []
  for (const noun of state.nounsWithTables()) {
    const schema = erased.schemaOf(noun)
    if (schema === undefined || found.length >= limit) continue
    const asked = { ids: JSON.stringify(ids), limit: limit - found.length, links: linksOf(erased, noun) }
    const referrers = new Set(referrersIn({ sql, state }, schema, asked))
    found.push(...[...referrers].map((id) => ({ id, noun })))
  }
  return found
}

const among = '(SELECT value FROM json_each(?1))'

function linksOf(erased: ErasedEntities, noun: string): ReadonlySet<string> {
  return new Set(erased.marksOf(noun).links.map(({ name }) => name))
}

function referrersIn(
  { sql, state }: Pick<ReferrerParts, 'sql' | 'state'>,
  schema: NounSchema,
  { ids, limit, links }: { readonly ids: string; readonly limit: number; readonly links: ReadonlySet<string> },
): readonly string[] {
  const table = state.tableOf(schema)
  return table.columns.flatMap((column) => {
    if (!links.has(column.field)) return []
    const list = table.lists.find((one) => one.column.field === column.field)
    const name = quoteName(column.name)
    const query =
      list === undefined
        ? `SELECT "$id" AS id FROM ${table.present} WHERE ${name} IN ${among} UNION SELECT "$id" FROM ${table.past} WHERE ${name} IN ${among} LIMIT ?2`
        : `SELECT DISTINCT "$id" AS id FROM ${list.table} WHERE "value" IN ${among} LIMIT ?2`
    return sql
      .exec<{ id: string }>(query, ids, limit)
      .toArray()
      .map((row) => row.id)
  })
}
