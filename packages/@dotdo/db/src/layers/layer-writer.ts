// Entities into the files of a layer: rows come sorted by id, a page at a time; files are cut by size, put, read back
// and compared before anybody may rely on them. Each has an index of its references beside it.

import type { NounSchema } from 'digital-objects'
import type { LayerFile } from './manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { Column } from '../parquet/columns.ts'
import { entityRowToValue, type EntityRow } from '../parquet/entity-row.ts'
import { FileWriter, type WrittenFile } from '../parquet/file-writer.ts'
import type { FileRef } from '../parquet/open-file.ts'
import { putChecked } from '../parquet/put-checked.ts'
import { RelationCollector, relationsKey } from '../relations/relation-index.ts'

/** A file of this many rows has a footer of some 60 KB, and is some 10 MB while it is made. */
export const fileRowsMax = 125_000
/** Rows with long texts: a file is in memory while it is made. */
const fileBytesMax = 24 * 2 ** 20
/** Of one file: they are in memory until it ends, some 100 bytes each. */
const fileReferencesMax = 250_000

export interface LayerWriterOptions {
  readonly store: ObjectStore
  readonly columns: readonly Column[]
  /** The key of the n-th file, from 0; ends in `.parquet`. None that a manifest names already. */
  readonly keyOf: (part: number) => string
  readonly afterSeq: number
  readonly throughSeq: number
  readonly noun: Pick<NounSchema, 'name' | 'version' | 'fields'>
  /** Called before a file is put: whoever is killed after it leaves a file that somebody must know of. */
  readonly willPut: (key: string) => void
  /** For tests, as is the next one. A file ends when one more group like the last would go beyond it. */
  readonly rowsMax?: number
  /** Rows in a row group of an index. */
  readonly relationGroupRows?: number
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

  /** 1 to `rowGroupRowsMax` rows in order of id, after those before. The caller bounds how large they are together. */
  async addGroup(rows: readonly EntityRow[]): Promise<void> {
    const { columns, noun, rowsMax = fileRowsMax } = this.#options
    this.#writer ??= new FileWriter({
      columns,
      toValue: entityRowToValue,
      facts: { 'headlessly.noun': noun.name, 'headlessly.noun.version': noun.version },
    })
    if (this.#writer.rows === 0) this.#idMin = rows[0]?.id ?? ''
    for (const [at, row] of rows.entries()) {
      if (row.id <= this.#idMax) throw new Error(`row '${row.id}' comes after '${this.#idMax}'`)
      this.#idMax = row.id
      // A tombstone matches nothing, whatever it refers to.
      if (!row.isDeleted) this.#relations.add(this.#writer.rows + at, row.fields)
    }
    this.#writer.addGroup(rows)
    const isFull =
      this.#writer.rows + rows.length > rowsMax ||
      this.#writer.bytes > fileBytesMax ||
      this.#relations.references > fileReferencesMax
    if (isFull) await this.#endFile()
  }

  /** The files, all of them put and read back. */
  async finish(): Promise<readonly LayerFile[]> {
    await this.#endFile()
    return this.#files
  }

  async #endFile(): Promise<void> {
    const { keyOf, afterSeq, throughSeq } = this.#options
    const entities = await this.#put(keyOf(this.#files.length), this.#takeEntities())
    if (entities === undefined) return
    const { relationGroupRows } = this.#options
    const relations = await this.#put(relationsKey(entities.key), this.#relations.finish(relationGroupRows))
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

  /** The bytes are free when it is done: two files are never held at once. */
  async #put(key: string, written: WrittenFile | undefined): Promise<FileRef | undefined> {
    if (written === undefined) return undefined
    const { content, ...layout } = written
    this.#options.willPut(key)
    await putChecked(this.#options.store, key, content)
    return { key, ...layout }
  }
}
