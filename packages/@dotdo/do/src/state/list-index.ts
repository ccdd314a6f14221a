// The index of a list field: a table with a row for each value of an entity's list, and the range of `seq` in which the list
// had it. SQLite cannot index the elements of a JSON array. One table serves the present and any past `seq`.

import type { EntityFields, NounSchema } from 'digital-objects'
import { type Column, quoteName } from './column.ts'

export interface ListIndex {
  readonly column: Column
  /** The table's quoted name. */
  readonly table: string
  readonly definition: string
}

/** The `$until` of a value that is in the list now, above any `seq`. */
const open = Number.MAX_SAFE_INTEGER

export function listIndexOf(schema: Pick<NounSchema, 'name'>, column: Column): ListIndex {
  const table = quoteName(`${listPrefix(schema.name)}${column.name}`)
  const type = column.storage === 'real[]' ? 'REAL' : 'TEXT'
  return {
    column,
    table,
    definition:
      `CREATE TABLE ${table} ("value" ${type} NOT NULL, "$until" INTEGER NOT NULL, "$id" TEXT NOT NULL, ` +
      '"$since" INTEGER NOT NULL, PRIMARY KEY ("value", "$until", "$id", "$since")) WITHOUT ROWID',
  }
}

/** Returns the prefix of the names of a Noun's list tables. */
export function listPrefix(noun: string): string {
  return `${noun}/list `
}

/** Returns the condition for the values at `seq`, a parameter or undefined for the present. It starts with AND. */
export function listSeqCondition(alias: string, seq: string | undefined): string {
  return seq === undefined
    ? ` AND ${alias}."$until" = ${open}`
    : ` AND ${alias}."$until" > ${seq} AND ${alias}."$since" <= ${seq}`
}

/** Returns the expression for a list's value in the index, with numbers as doubles. */
export function listValue(column: Pick<Column, 'storage'>, value: string): string {
  return column.storage === 'real[]' ? `CAST(${value} AS REAL)` : value
}

/** Updates the index from one version of an entity to the next. A missing version means that the entity does not exist. */
export function moveListValues(
  sql: SqlStorage,
  index: ListIndex,
  versions: {
    readonly id: string
    readonly seq: number
    readonly before?: EntityFields
    readonly after?: EntityFields
  },
): void {
  const { id, seq } = versions
  const [before, after] = [valuesOf(index, versions.before), valuesOf(index, versions.after)]
  const [removed, added] = [
    [...before].filter((value) => !after.has(value)),
    [...after].filter((value) => !before.has(value)),
  ]
  const each = `SELECT ${listValue(index.column, 'value')} FROM json_each(?)`
  if (removed.length > 0)
    sql.exec(
      `UPDATE ${index.table} SET "$until" = ? WHERE "$id" = ? AND "$until" = ${open} AND "value" IN (${each})`,
      seq,
      id,
      JSON.stringify(removed),
    )
  if (added.length > 0)
    sql.exec(
      `INSERT INTO ${index.table} ("value", "$until", "$id", "$since") SELECT ${listValue(index.column, 'value')}, ${open}, ?, ? FROM json_each(?)`,
      id,
      seq,
      JSON.stringify(added),
    )
}

/** Fills an empty index from both tables of versions. */
export function fillListIndex(
  sql: SqlStorage,
  index: ListIndex,
  { present, past }: { readonly present: string; readonly past: string },
): void {
  fill(sql, index, { present, past, condition: '', bindings: [] })
}

/** Makes the values of one entity again, after its versions have changed in place. */
export function refillListIndex(
  sql: SqlStorage,
  index: ListIndex,
  { present, past, id }: { readonly present: string; readonly past: string; readonly id: string },
): void {
  sql.exec(`DELETE FROM ${index.table} WHERE "$id" = ?`, id)
  fill(sql, index, { present, past, condition: ' WHERE t."$id" = ?', bindings: [id] })
}

function fill(
  sql: SqlStorage,
  index: ListIndex,
  of: {
    readonly present: string
    readonly past: string
    readonly condition: string
    readonly bindings: readonly string[]
  },
): void {
  const column = quoteName(index.column.name)
  const value = listValue(index.column, 'item.value')
  for (const [table, until] of [
    [of.present, `${open}`],
    [of.past, 't."$until"'],
  ]) {
    sql.exec(
      `INSERT INTO ${index.table} ("value", "$until", "$id", "$since")
       SELECT DISTINCT ${value}, ${until}, t."$id", t."$seq" FROM ${table} AS t, json_each(t.${column}) AS item${of.condition}`,
      ...of.bindings,
    )
  }
}

/** Rows of a table or an index that one slice of a comparison reads. */
const comparedPerSlice = 2_000

/**
 * Counts values that the index lacks, and values in the index that are in no list, in slices. Writes may continue, since each
 * keeps index and lists equal.
 */
export async function countListFaults(
  { sql, pause }: { readonly sql: SqlStorage; readonly pause: () => Promise<void> },
  index: ListIndex,
  { present, past }: { readonly present: string; readonly past: string },
): Promise<number> {
  const column = quoteName(index.column.name)
  const held = (table: string): string =>
    `SELECT ${listValue(index.column, 'item.value')} AS value, t."$id" AS id, t.* FROM ${table} AS t, json_each(t.${column}) AS item`
  const own = `list."value" = held.value AND list."$id" = held.id`
  const inSlice = `held.id > ?1 AND held.id <= ?2`
  // A value's row may start before a version and end after it, because events that do not change the list add none.
  const lacking = {
    [present]: `list."$until" = ${open} AND list."$since" <= held."$seq"`,
    [past]: `list."$until" >= held."$until" AND list."$since" <= held."$seq"`,
  }
  let faults = 0
  for (const [table, condition] of Object.entries(lacking)) {
    const query = `SELECT count(*) AS faults FROM (${held(table)}) AS held WHERE ${inSlice} AND NOT EXISTS (SELECT 1 FROM ${index.table} AS list WHERE ${own} AND ${condition})`
    const next = `SELECT "$id" AS id FROM ${table} WHERE "$id" > ? ORDER BY "$id" LIMIT 1 OFFSET ?`
    for (let after: string | undefined = ''; after !== undefined;) {
      const end: string | undefined = sql.exec<{ id: string }>(next, after, comparedPerSlice).toArray()[0]?.id
      faults += sql.exec<{ faults: number }>(query, after, end ?? lastId).one().faults
      after = end
      await pause()
    }
  }
  return faults + (await countSurplus({ sql, pause }, index, `SELECT 1 FROM (${held(present)}) AS held WHERE ${own}`))
}

/** Counts the values of the present that are in no list, in the order of the index. */
async function countSurplus(
  { sql, pause }: { readonly sql: SqlStorage; readonly pause: () => Promise<void> },
  index: ListIndex,
  inList: string,
): Promise<number> {
  const key = '"value", "$until", "$id", "$since"'
  let faults = 0
  for (let after: readonly SqlStorageValue[] | undefined = []; after !== undefined;) {
    // The first slice has no bound, since a number would be compared as a string.
    const start: string = after.length === 0 ? '' : ` WHERE (${key}) > (?, ?, ?, ?)`
    const rows: string = `SELECT ${key} FROM ${index.table}${start} ORDER BY ${key}`
    const query: string = `SELECT count(*) AS faults FROM (${rows} LIMIT ?) AS list WHERE list."$until" = ${open} AND NOT EXISTS (${inList})`
    const end: readonly SqlStorageValue[] | undefined = [
      ...sql.exec(`${rows} LIMIT 1 OFFSET ?`, ...after, comparedPerSlice - 1).raw<SqlStorageValue[]>(),
    ][0]
    faults += sql.exec<{ faults: number }>(query, ...after, comparedPerSlice).one().faults
    after = end
    await pause()
  }
  return faults
}

/** Follows every id. */
const lastId = '~'

function valuesOf({ column }: ListIndex, fields: EntityFields | undefined): ReadonlySet<unknown> {
  const value = fields?.[column.field]
  return new Set(Array.isArray(value) ? value : [])
}
