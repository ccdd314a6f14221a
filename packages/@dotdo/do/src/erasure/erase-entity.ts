// Removes the personal values of one entity from every version of it: from the rows of the log, the tables of versions, the
// indexes of lists, and the words. Events, versions, times and all other values stay.

import { type JsonValue, withoutPersonal } from 'digital-objects'
import type { EventsStore } from '../log/events-store.ts'
import { maskTexts, type StoredTexts } from '../log/masked-texts.ts'
import { thinFormat } from '../log/stored-event.ts'
import { quoteName, unquoteName } from '../state/column.ts'
import { type ErasedEntities, erasedReason } from '../state/erased-entities.ts'
import { type FullText, textSeqOf } from '../state/full-text.ts'
import { refillListIndex } from '../state/list-index.ts'
import type { NounTable } from '../state/noun-table.ts'
import { encodeValue, type Row, rowToVersion, type StoredVersion } from '../state/row-codec.ts'
import type { VectorIndex } from '../state/vector-index.ts'
import type { StorageHandler } from '../state/storage-handler.ts'

export interface EraseParts {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly events: Pick<EventsStore, 'forgetTexts'>
  readonly text: FullText
  readonly vectors: Pick<VectorIndex, 'forget'>
  readonly erased: ErasedEntities
}

export interface ErasedEntity {
  readonly noun: string
  readonly id: string
  /** The last event whose version is erased. */
  readonly through: number
}

/** The values that were removed. */
export interface Removed {
  readonly fields: readonly string[]
  readonly versions: number
  readonly events: number
}

/** Rows of the log that are in memory together. */
const rowsTogether = 32
const eventsMax = 1_000_000

/** Call it inside a transaction. A second call removes nothing. */
export function eraseEntity(parts: EraseParts, entity: ErasedEntity): Removed {
  const { state, erased, events } = parts
  const schema = erased.schemaOf(entity.noun)
  if (schema === undefined || !state.hasTable(entity.noun)) return { fields: [], versions: 0, events: 0 }
  const table = state.tableOf(schema)
  const versions = versionsOf(parts, table, entity)
  const seqs = state.eventSeqs(table, { id: entity.id, after: 0, limit: eventsMax })
  const marks = erased.marksOf(entity.noun)
  const masked = versions.map((version) => ({
    ...version,
    fields: withoutPersonal(version.fields, { marks, id: entity.id }),
  }))
  const fields = new Set(versions.flatMap((version, at) => changedNames(version, masked[at])))
  clearColumns(parts, table, entity)
  repointWords(parts, table, { versions, masked })
  for (const list of table.lists)
    if (marks.values.has(list.column.field)) refillListIndex(parts.sql, list, { ...table, id: entity.id })
  // Its event lets the index make another one, of the text that is left.
  parts.vectors.forget(entity.noun, entity.id)
  state.forgetRows()
  const changed = maskRows(
    parts,
    entity,
    seqs.filter((seq) => seq <= entity.through),
  )
  events.forgetTexts()
  return {
    fields: [...fields],
    versions: versions.filter((version, at) => changedNames(version, masked[at]).length > 0).length,
    events: changed,
  }
}

function changedNames(before: StoredVersion, after: StoredVersion | undefined): readonly string[] {
  return Object.keys(before.fields).filter((name) => before.fields[name] !== after?.fields[name])
}

/** All versions of the entity, oldest first. */
function versionsOf({ sql }: EraseParts, table: NounTable, { id }: ErasedEntity): readonly StoredVersion[] {
  const read = (name: string): StoredVersion[] =>
    [...sql.exec(`SELECT ${table.columnList} FROM ${name} WHERE "$id" = ? ORDER BY "$seq"`, id).raw()].map((row) =>
      rowToVersion(table, row as Row),
    )
  return [...read(table.past), ...read(table.present)]
}

/** Columns of earlier storage classes of a field are emptied; those of today get its placeholder. */
function clearColumns({ sql, erased }: EraseParts, table: NounTable, { noun, id }: ErasedEntity): void {
  const marks = erased.marksOf(noun)
  const columns = [
    ...sql.exec<{ name: string }>('SELECT name FROM pragma_table_info(?)', unquoteName(table.present)),
  ].filter(({ name }) => marks.values.has(name.slice(0, name.lastIndexOf(':'))))
  if (columns.length === 0) return
  const values = columns.map(({ name }) => {
    const today = table.columns.find((column) => column.name === name)
    const placeholder = today === undefined ? undefined : placeholderOf(today.field)
    return today === undefined ? null : encodeValue(today, placeholder)
  })
  function placeholderOf(field: string): JsonValue | undefined {
    return withoutPersonal({ [field]: '' }, { marks, id })[field]
  }
  const sets = columns.map(
    ({ name }) => `${quoteName(name)} = CASE WHEN ${quoteName(name)} IS NULL THEN NULL ELSE ? END`,
  )
  for (const into of [table.present, table.past])
    sql.exec(`UPDATE ${into} SET ${sets.join(', ')} WHERE "$id" = ?`, ...values, id)
}

/** Versions that had different words may have the same ones now. */
function repointWords(
  { state, text }: EraseParts,
  table: NounTable,
  { versions, masked }: { readonly versions: readonly StoredVersion[]; readonly masked: readonly StoredVersion[] },
): void {
  let before: StoredVersion | undefined
  for (const [at, version] of versions.entries()) {
    const next = masked[at]
    if (next === undefined) continue
    const textSeq = textSeqOf(table.schema, next, before)
    before = { ...next, textSeq }
    const was = version.textSeq === version.seq ? version.fields : undefined
    const is = textSeq === version.seq ? next.fields : undefined
    const words = { ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) }
    text.replaceWords(table, { seq: version.seq, ...words })
    if (textSeq !== version.textSeq) state.setTextSeq(table, { ...version, textSeq })
  }
}

interface MaskedRow extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly format: number
  readonly data: string
  readonly changes: string | null
}

/** Returns the number of rows that have changed. Texts in the archive are masked by their files' eraser. */
function maskRows({ sql, erased }: EraseParts, { noun, id }: ErasedEntity, seqs: readonly number[]): number {
  const masked = { marks: erased.marksOf(noun), id }
  let changed = 0
  for (let start = 0; start < seqs.length; start += rowsTogether) {
    const some = JSON.stringify(seqs.slice(start, start + rowsTogether))
    const query = 'SELECT seq, format, data, changes FROM log WHERE seq IN (SELECT value FROM json_each(?))'
    for (const row of sql.exec<MaskedRow>(query, some).toArray()) {
      const texts = maskTexts(row, { ...masked, isPatch: row.format === thinFormat && row.data === '' })
      if (isSameTexts(texts, row)) continue
      sql.exec('UPDATE log SET data = ?, changes = ? WHERE seq = ?', texts.data, texts.changes, row.seq)
      changed++
    }
    sql.exec(
      `UPDATE log SET reason = '${erasedReason}' WHERE reason IS NOT NULL AND seq IN (SELECT value FROM json_each(?))`,
      some,
    )
  }
  return changed
}

function isSameTexts(a: StoredTexts, b: StoredTexts): boolean {
  return a.data === b.data && a.changes === b.changes
}
