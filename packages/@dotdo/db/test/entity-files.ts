// Entities in one file of a store, as a layer holds them, and a Noun with every field type.

import { Noun, type NounSchema } from 'digital-objects'
import type { ByteRange, ObjectStore } from '../src/object-store/object-store.ts'
import { MemoryObjectStore } from '../src/object-store/memory-object-store.ts'
import { type Column, nounToColumns, numberFields } from '../src/parquet/columns.ts'
import { entityRowToValue, type EntityRow } from '../src/parquet/entity-row.ts'
import { FileWriter, rowGroupRowsMax } from '../src/parquet/file-writer.ts'
import { type FileRef, openFile } from '../src/parquet/open-file.ts'
import { readColumns, rowAt } from '../src/parquet/read-columns.ts'

/** Each type plain, with `#` and with `##`, as far as the grammar allows. */
export const everyType = Noun('Thing', {
  string: 'string',
  stringIndexed: 'string#',
  stringUnique: 'string##',
  number: 'number',
  numberIndexed: 'number#',
  numberUnique: 'number##',
  boolean: 'boolean',
  booleanIndexed: 'boolean#',
  datetime: 'datetime',
  datetimeIndexed: 'datetime#',
  datetimeUnique: 'datetime##',
  date: 'date',
  dateIndexed: 'date#',
  dateUnique: 'date##',
  json: 'json',
  url: 'url',
  urlIndexed: 'url#',
  urlUnique: 'url##',
  email: 'email',
  emailIndexed: 'email#',
  emailUnique: 'email##',
  id: 'id',
  idIndexed: 'id#',
  idUnique: 'id##',
  enum: 'Small | Big',
  enumIndexed: 'Small | Big #',
  reference: '-> Thing',
}).$schema

export interface EntityFile {
  readonly ref: FileRef
  readonly columns: readonly Column[]
}

export function columnsOf(schema: NounSchema): readonly Column[] {
  return nounToColumns(schema, numberFields(schema, []))
}

export function columnMap(columns: readonly Column[]): ReadonlyMap<string, Column> {
  return new Map(columns.map((column) => [column.name, column]))
}

/** Rows must be sorted by id. */
export async function putEntityFile(options: {
  readonly store: ObjectStore
  readonly columns: readonly Column[]
  readonly rows: readonly EntityRow[]
  readonly key?: string
  readonly groupRows?: number
}): Promise<FileRef> {
  const { store, columns, rows, key = 'acme/thing.parquet', groupRows = rowGroupRowsMax } = options
  const writer = new FileWriter({ columns, toValue: entityRowToValue, facts: { 'headlessly.noun': 'Thing' } })
  for (let at = 0; at < rows.length; at += groupRows) writer.addGroup(rows.slice(at, at + groupRows))
  const { content, ...layout } = writer.finish()
  await store.put(key, content, { ifAbsent: false })
  return { key, ...layout }
}

export async function readAllRows(store: ObjectStore, file: EntityFile): Promise<readonly EntityRow[]> {
  const { ref, columns } = file
  const open = await openFile(store, ref)
  const rows: EntityRow[] = []
  for (const group of open.groups) {
    const read = await readColumns(open, group, columns)
    for (let row = 0; row < group.rowEnd - group.rowStart; row++) rows.push(rowAt(read, columns, row))
  }
  return rows
}

/** Counts the requests and bytes that are read. */
export class CountingObjectStore extends MemoryObjectStore {
  requests = 0
  bytes = 0

  override async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const read = await super.get(key, range)
    this.requests++
    this.bytes += read?.length ?? 0
    return read
  }

  forget(): void {
    this.requests = 0
    this.bytes = 0
  }
}
