// A Noun as two SQLite tables: `"Contact"` has the current versions, and `"Contact/past"` all earlier ones, each with the
// range of `seq` in which it was current. Both have the same columns, so a filter compiles for either. A column's name
// contains its storage class (`"value:real"`), so a field with a new type gets a new column.

import type { NounSchema, PathIndex, ReferenceField, StorageClass, StoredField } from 'digital-objects'
import { isOldSpelling, oldSpellingSuffix } from './old-spellings.ts'
import { hasCanonicalText, isListStorage, storageClassOf } from 'digital-objects'
import { type Column, quoteName } from './column.ts'
import { pathValue } from './json-path.ts'
import { type ListIndex, listIndexOf } from './list-index.ts'

export interface NounTable {
  readonly schema: NounSchema
  readonly present: string
  readonly past: string
  readonly text: string
  /**
   * Whether the past table marks the versions that are in its indexes. Tables from before version 5 do not: a write adds a
   * version to their indexes at once.
   */
  readonly isPastMarked: boolean
  /** The stored fields in definition order, after the meta-columns. */
  readonly columns: readonly Column[]
  readonly uniqueColumns: readonly Column[]
  readonly references: readonly ReferenceField[]
  /** The indexes of list fields. */
  readonly lists: readonly ListIndex[]
  /** Quoted names of all columns, meta-columns first. */
  readonly columnNames: readonly string[]
  /** Quoted names of all columns, meta-columns first: the order in which rows are read and written. */
  readonly columnList: string
  /** Statements that create missing tables, and may be repeated. They add no column to an existing table. */
  readonly definitions: readonly string[]
  readonly indexes: readonly TableIndex[]
}

export interface TableIndex {
  /** The index's name, unquoted. */
  readonly name: string
  /** The statement that creates it. SQLite stores exactly this string. */
  readonly text: string
  /** The statement of earlier versions. An index made by it serves the same queries, so it is kept. */
  readonly earlier?: string
  /** For a unique index: its expression, and the statement for the same index without uniqueness. */
  readonly unique?: { readonly on: string; readonly plainText: string }
}

/** `$seq` is the event that made the version. `$text` is the row of the full-text table with the version's words. */
export const metaColumns = ['$id', '$version', '$createdAt', '$createdBy', '$updatedAt', '$seq', '$text'] as const

const metaDefinitions =
  '"$id" TEXT NOT NULL, "$version" INTEGER NOT NULL, "$createdAt" INTEGER NOT NULL, "$createdBy" TEXT NOT NULL, ' +
  '"$updatedAt" INTEGER NOT NULL, "$seq" INTEGER NOT NULL, "$text" INTEGER'

/** The column of a past table that is 1 for versions in its indexes, and null for others. */
export const pastMark = '$indexed'

/** A query needs this condition in the same words to use an index of marked versions. */
export const isMarked = `${quoteName(pastMark)} = 1`

const sqlTypes = {
  text: 'TEXT',
  date: 'TEXT',
  json: 'TEXT',
  real: 'REAL',
  boolean: 'INTEGER',
  time: 'INTEGER',
  // A list is stored as JSON.
  'text[]': 'TEXT',
  'real[]': 'TEXT',
} as const satisfies Readonly<Record<StorageClass, string>>

/**
 * Orders an index oldest first, so that a new entity is added at its end. Appended pages are full, while pages split at the
 * beginning stay half empty. Read backwards it gives the default order, newest first, with ties by ascending `$id`.
 */
const newest = '"$createdAt", "$id" DESC'

/** The quoted table of a Noun's past versions. */
export function pastOf(noun: string): string {
  return quoteName(`${noun}/past`)
}

/** `isPastMarked` is false for tables from before version 5. */
export function nounToTable(schema: NounSchema, isPastMarked = true): NounTable {
  const fields = Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
  const columns = fields.map((field): Column => {
    const storage = storageClassOf(field)
    return { field: field.name, storage, name: `${field.name}:${storage}` }
  })
  const [present, past, text] = [quoteName(schema.name), pastOf(schema.name), quoteName(`${schema.name}/text`)]
  const columnNames = [...metaColumns, ...columns.map((column) => column.name)].map(quoteName)
  const definitions = [
    ...tableDefinitions({ present, past, columns, isPastMarked }),
    `CREATE VIRTUAL TABLE IF NOT EXISTS ${text} USING fts5(words, content='', tokenize='ascii', detail=full)`,
  ]
  const indexes = [
    index({ table: schema.name, name: '$createdAt', on: newest, earlierOn: '"$createdAt" DESC' }),
    pastIndex({ schema, isPastMarked }, { name: '$createdAt' }),
    ...fields.flatMap((field, at) => fieldIndexes({ schema, isPastMarked, field, column: columns[at] as Column })),
    ...schema.indexes.flatMap((path) => pathIndexes({ schema, isPastMarked }, path)),
  ]
  return {
    schema,
    present,
    past,
    text,
    isPastMarked,
    columns,
    uniqueColumns: columns.filter((_, at) => fields[at]?.unique === true),
    references: fields.filter((field) => field.kind === 'reference'),
    lists: columns
      .filter((_, at) => fields[at]?.indexed === true && fields[at].many)
      .map((column) => listIndexOf(schema, column)),
    columnNames,
    columnList: columnNames.join(', '),
    definitions,
    indexes,
  }
}

/** Returns the statements that create the two tables of versions, without indexes. */
function tableDefinitions(table: Pick<NounTable, 'present' | 'past' | 'columns' | 'isPastMarked'>): string[] {
  const { present, past, columns, isPastMarked } = table
  const mark = isPastMarked ? `, ${quoteName(pastMark)} INTEGER` : ''
  const fields = columns.map((column) => `, ${columnDefinition(column)}`).join('')
  return [
    `CREATE TABLE IF NOT EXISTS ${present} (${metaDefinitions}${fields}, PRIMARY KEY ("$id")) WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${past} (${metaDefinitions}${fields}, "$until" INTEGER NOT NULL${mark}, PRIMARY KEY ("$id", "$seq")) WITHOUT ROWID`,
  ]
}

/** Returns tables with the same columns, other names and no indexes on them, in which a rebuild prepares a new state. */
export function shadowOf(table: NounTable): NounTable {
  const { name } = table.schema
  const [present, past] = [quoteName(`${name}/rebuilt`), quoteName(`${name}/rebuilt past`)]
  const lists = table.lists.map(({ column }) => listIndexOf({ name: `${name}/rebuilt` }, column))
  return { ...table, present, past, definitions: tableDefinitions({ ...table, present, past }), indexes: [], lists }
}

export function columnDefinition(column: Column): string {
  return `${quoteName(column.name)} ${sqlTypes[column.storage]}`
}

type IndexedNoun = Pick<NounTable, 'isPastMarked'> & { readonly schema: NounSchema }

function fieldIndexes(options: IndexedNoun & { readonly field: StoredField; readonly column: Column }): TableIndex[] {
  const { schema, field, column } = options
  if (!field.indexed || column.storage === 'json' || isListStorage(column.storage)) return []
  const on = quoteName(column.name)
  const indexes = valueIndexes(options, { name: column.name, on, isUnique: field.unique })
  if (!field.unique || !hasCanonicalText(field)) return indexes
  return [...indexes, oldSpellingIndex({ table: schema.name, name: column.name, on })]
}

/** Finds old spellings in any letter case, so that a new entity cannot have the same address. */
function oldSpellingIndex({ table, name, on }: IndexOptions): TableIndex {
  return index({ table, name: `${name}${oldSpellingSuffix}`, on: `${on} COLLATE NOCASE`, where: isOldSpelling(on) })
}

/** Returns the indexes of a path. They contain values of all types, and a query also tests the type. */
function pathIndexes(noun: IndexedNoun, { path, field, keys, unique }: PathIndex): TableIndex[] {
  return valueIndexes(noun, { name: path, on: pathValue(quoteName(`${field}:json`), keys), isUnique: unique })
}

function valueIndexes(
  noun: IndexedNoun,
  { name, on, isUnique }: { readonly name: string; readonly on: string; readonly isUnique: boolean },
): TableIndex[] {
  const present = { table: noun.schema.name, name, where: `${on} IS NOT NULL` }
  const ordered = { on: `${on}, ${newest}`, earlierOn: `${on}, "$createdAt" DESC` }
  return [isUnique ? uniqueIndex({ ...present, on }) : index({ ...present, ...ordered }), pastIndex(noun, { name, on })]
}

function pastIndex(
  { schema, isPastMarked }: IndexedNoun,
  { name, on }: { readonly name: string; readonly on?: string },
): TableIndex {
  const first = on === undefined ? '' : `${on}, `
  const conditions = [...(isPastMarked ? [isMarked] : []), ...(on === undefined ? [] : [`${on} IS NOT NULL`])]
  return index({
    table: `${schema.name}/past`,
    name,
    on: isPastMarked ? `${first}${newest}, "$until"` : `${first}"$createdAt" DESC, "$until"`,
    ...(conditions.length === 0 ? {} : { where: conditions.join(' AND ') }),
  })
}

interface IndexOptions {
  readonly table: string
  readonly name: string
  readonly on: string
  readonly earlierOn?: string
  readonly where?: string
}

function index(options: IndexOptions): TableIndex {
  const { table, name, earlierOn } = options
  const earlier = earlierOn === undefined ? {} : { earlier: indexText('INDEX', { ...options, on: earlierOn }) }
  return { name: `${table}.${name}`, text: indexText('INDEX', options), ...earlier }
}

function uniqueIndex(options: IndexOptions): TableIndex {
  const { on } = options
  return {
    name: `${options.table}.${options.name}`,
    text: indexText('UNIQUE INDEX', options),
    unique: { on, plainText: indexText('INDEX', options) },
  }
}

function indexText(kind: 'INDEX' | 'UNIQUE INDEX', { table, name, on, where }: IndexOptions): string {
  const condition = where === undefined ? '' : ` WHERE ${where}`
  return `CREATE ${kind} ${quoteName(`${table}.${name}`)} ON ${quoteName(table)} (${on})${condition}`
}
