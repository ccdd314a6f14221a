// A Parquet file of plain rows for other programs, written group by group: what is written can be sent before the next group.

import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { ParquetWriter } from 'hyparquet-writer/src/parquet-writer.js'
import { schemaFromColumnData } from 'hyparquet-writer/src/schema.js'

/** Values of a column: strings, numbers, booleans, milliseconds, or anything that is JSON. */
export type PlainType = 'text' | 'number' | 'boolean' | 'time' | 'json'

export interface PlainColumn {
  readonly name: string
  readonly type: PlainType
}

const writtenTypes = {
  text: 'STRING',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
  json: 'STRING',
} as const

export class RowStream {
  readonly #columns: readonly PlainColumn[]
  readonly #bytes = new ByteWriter(2 ** 16)
  readonly #writer: ParquetWriter

  constructor(columns: readonly PlainColumn[]) {
    this.#columns = columns
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: schemaFromColumnData({ columnData: this.#dataOf([]) }),
      createdBy: 'headless.ly',
    })
  }

  /** Adds a row group, which is in memory. Returns the bytes to send. */
  add(rows: readonly Readonly<Record<string, unknown>>[]): Uint8Array<ArrayBuffer> {
    void this.#writer.write({ columnData: this.#dataOf(rows), rowGroupSize: rows.length })
    return this.#take()
  }

  finish(): Uint8Array<ArrayBuffer> {
    void this.#writer.finish()
    return this.#take()
  }

  #dataOf(rows: readonly Readonly<Record<string, unknown>>[]): {
    name: string
    data: unknown[]
    type: (typeof writtenTypes)[PlainType]
    nullable: boolean
  }[] {
    return this.#columns.map(({ name, type }) => ({
      name,
      data: rows.map((row) => toWritten(row[name], type)),
      type: writtenTypes[type],
      nullable: true,
    }))
  }

  /** Offsets in the file count on, while the buffer begins again. */
  #take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.getBytes().slice()
    this.#bytes.index = 0
    return bytes
  }
}

function toWritten(value: unknown, type: PlainType): unknown {
  if (value === undefined || value === null) return undefined
  if (type === 'json') return JSON.stringify(value)
  return type === 'time' ? new Date(Number(value)) : value
}
