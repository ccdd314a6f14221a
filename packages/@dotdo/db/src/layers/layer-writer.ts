// Writes entities to the files of a layer. Rows arrive sorted by id, one page at a time. Files are cut by size, put and
// read back before anybody may rely on them. Each entity file gets an index of its references.

import type { NounSchema } from 'digital-objects'
import type { LayerFile } from './manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { Column } from '../parquet/columns.ts'
import { entityRowToValue, type EntityRow } from '../parquet/entity-row.ts'
import { FileWriter, type WrittenFile } from '../parquet/file-writer.ts'
import type { FileRef } from '../parquet/open-file.ts'
import { putChecked } from '../parquet/put-checked.ts'
import { RelationCollector, relationsKey } from '../relations/relation-index.ts'

/** A file with this many rows has a footer of some 60 KB, and takes some 10 MB of memory while it is written. */
export const fileRowsMax = 125_000
/** Limits files of rows with long texts: a file is in memory while it is written. */
const fileBytesMax = 24 * 2 ** 20
/** References of one file. They stay in memory until the file ends, at some 100 bytes each. */
const fileReferencesMax = 250_000

export interface LayerWriterOptions {
  readonly store: ObjectStore
  readonly columns: readonly Column[]
  /** Returns the key of the file with index `part`; it ends in `.parquet`. No manifest may name the key already. */
  readonly keyOf: (part: number) => string
  readonly afterSeq: number
  readonly throughSeq: number
  readonly noun: Pick<NounSchema, 'name' | 'version' | 'fields'>
  /** Called before a file is put. A crash after this call leaves an orphan file, so record the key first. */
  readonly willPut: (key: string) => void
  /** Set by tests, like `relationGroupRows`. A file ends when another group of the last size would exceed this. */
  readonly rowsMax?: number
  /** Rows in a row group of an index. */
  readonly relationGroupRows?: number
  /** Lets others run between two parts of an index, which has up to 250,000 rows. */
  readonly pause?: () => Promise<void>
}

export class LayerWriter {
  readonly #options: LayerWriterOptions
  readonly #files: LayerFile[] = []
  readonly #relations: RelationCollector
  #writer: FileWriter<EntityRow> | undefined
  #idMin = ''
  #idMax = ''

  constructor(options: LayerWriterOptions) {
    this.#options = options
    this.#relations = new RelationCollector(options.noun)
  }

  /** Adds 1 to `rowGroupRowsMax` rows, sorted by id after all earlier ones. The caller limits their total size. */
  async addGroup(rows: readonly EntityRow[]): Promise<void> {
    const { columns, noun, rowsMax = fileRowsMax } = this.#options
    this.#writer ??= new FileWriter({
      columns,
      toValue: entityRowToValue,
      facts: { 'headlessly.noun': noun.name, 'headlessly.noun.version': noun.version },
    })
    if (this.#writer.rows === 0) this.#idMin = rows[0]?.id ?? ''
    for (const [at, row] of rows.entries()) {
      if (row.id <= this.#idMax)
        throw new Error(`rows must be added in order: expected an id above '${this.#idMax}', got '${row.id}'`)
      this.#idMax = row.id
      // A tombstone matches no filter, so its references do not matter.
      if (!row.isDeleted) this.#relations.add(this.#writer.rows + at, row.fields)
    }
    this.#writer.addGroup(rows)
    const isFull =
      this.#writer.rows + rows.length > rowsMax ||
      this.#writer.bytes > fileBytesMax ||
      this.#relations.references > fileReferencesMax
    if (isFull) await this.#endFile()
  }

  /** Returns the files, all of which were put and read back. */
  async finish(): Promise<readonly LayerFile[]> {
    await this.#endFile()
    return this.#files
  }

  async #endFile(): Promise<void> {
    const { keyOf, afterSeq, throughSeq } = this.#options
    const entities = await this.#put(keyOf(this.#files.length), this.#takeEntities())
    if (entities === undefined) return
    const { relationGroupRows: groupRows, pause } = this.#options
    const index = await this.#relations.finish({ groupRows, pause })
    const relations = await this.#put(relationsKey(entities.key), index)
    this.#files.push({
      ...entities,
      idMin: this.#idMin,
      idMax: this.#idMax,
      afterSeq,
      throughSeq,
      ...(relations === undefined ? {} : { relations }),
    })
  }

  #takeEntities(): WrittenFile | undefined {
    const written = this.#writer?.finish()
    this.#writer = undefined
    return written
  }

  /** Frees the bytes when it resolves, so that two files are never in memory at once. */
  async #put(key: string, written: WrittenFile | undefined): Promise<FileRef | undefined> {
    if (written === undefined) return undefined
    const { content, ...layout } = written
    this.#options.willPut(key)
    await putChecked(this.#options.store, key, content)
    return { key, ...layout }
  }
}
