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

export function nounToTable(schema: NounSchema): NounTable {
  const fields = Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
  const columns = fields.map((field): Column => {
    const storage = storageClassOf(field)
    return { field: field.name, storage, name: `${field.name}:${storage}` }
  })
  const [present, past, text] = [schema.name, `${schema.name}/past`, `${schema.name}/text`].map(quoteName) as [
    string,
    string,
    string,
  ]
  const columnNames = [...metaColumns, ...columns.map((column) => column.name)].map(quoteName)
  const definitions = [
    ...tableDefinitions({ present, past, columns }),
    `CREATE VIRTUAL TABLE IF NOT EXISTS ${text} USING fts5(words, content='', tokenize='ascii', detail=full)`,
  ]
  const indexes = [
    index({ table: schema.name, name: '$createdAt', on: newest, earlierOn: '"$createdAt" DESC' }),
    index({ table: `${schema.name}/past`, name: '$createdAt', on: '"$createdAt" DESC, "$until"' }),
    ...fields.flatMap((field, at) => fieldIndexes({ schema, field, column: columns[at] as Column })),
    ...schema.indexes.flatMap((path) => pathIndexes(schema, path)),
  ]
  return {
    schema,
    present,
    past,
    text,
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
function tableDefinitions({ present, past, columns }: Pick<NounTable, 'present' | 'past' | 'columns'>): string[] {
  const fields = columns.map((column) => `, ${columnDefinition(column)}`).join('')
  return [
    `CREATE TABLE IF NOT EXISTS ${present} (${metaDefinitions}${fields}, PRIMARY KEY ("$id")) WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${past} (${metaDefinitions}${fields}, "$until" INTEGER NOT NULL, PRIMARY KEY ("$id", "$seq")) WITHOUT ROWID`,
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

function fieldIndexes(options: { schema: NounSchema; field: StoredField; column: Column }): TableIndex[] {
  const { schema, field, column } = options
  if (!field.indexed || column.storage === 'json' || isListStorage(column.storage)) return []
  const name = quoteName(column.name)
  const where = `${name} IS NOT NULL`
  const past = index({
    table: `${schema.name}/past`,
    name: column.name,
    on: `${name}, "$createdAt" DESC, "$until"`,
    where,
  })
  const unique = { table: schema.name, name: column.name, on: name, where }
  if (field.unique && hasCanonicalText(field)) return [uniqueIndex(unique), oldSpellingIndex(unique), past]
  if (field.unique) return [uniqueIndex(unique), past]
  const earlierOn = `${name}, "$createdAt" DESC`
  return [index({ table: schema.name, name: column.name, on: `${name}, ${newest}`, earlierOn, where }), past]
}

/** Finds old spellings in any letter case, so that a new entity cannot have the same address. */
function oldSpellingIndex({ table, name, on }: IndexOptions): TableIndex {
  return index({ table, name: `${name}${oldSpellingSuffix}`, on: `${on} COLLATE NOCASE`, where: isOldSpelling(on) })
}

/** Returns the index of a path. It contains values of all types, and a query also tests the type. */
function pathIndexes(schema: NounSchema, { path, field, keys, unique }: PathIndex): TableIndex[] {
  const value = pathValue(quoteName(`${field}:json`), keys)
  const present = { table: schema.name, name: path, where: `${value} IS NOT NULL` }
  const past = index({ ...present, table: `${schema.name}/past`, on: `${value}, "$createdAt" DESC, "$until"` })
  const ordered = { on: `${value}, ${newest}`, earlierOn: `${value}, "$createdAt" DESC` }
  return [unique ? uniqueIndex({ ...present, on: value }) : index({ ...present, ...ordered }), past]
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
