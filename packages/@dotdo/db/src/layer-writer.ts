// Entities into the files of a layer: rows come sorted by id, a page at a time; files are cut by size, put, read back
// and compared before anybody may rely on them.

import type { LayerFile } from './manifest.ts'
import type { ObjectStore } from './object-store/object-store.ts'
import type { Column } from './parquet/columns.ts'
import { DamagedFile } from './parquet/block-checksums.ts'
import { entityRowToValue, type EntityRow } from './parquet/entity-row.ts'
import { FileWriter, rowGroupRowsMax, type WrittenFile } from './parquet/file-writer.ts'

/** A file of this many rows has a footer of some 60 KB, and is some 10 MB while it is made. */
export const fileRowsMax = 125_000
/** Rows with long texts: a file is in memory while it is made. */
const fileBytesMax = 24 * 2 ** 20

export interface LayerWriterOptions {
  readonly store: ObjectStore
  readonly columns: readonly Column[]
  /** The key of the n-th file, from 0. None that a manifest names already. */
  readonly keyOf: (part: number) => string
  readonly afterSeq: number
  readonly throughSeq: number
  readonly noun: { readonly name: string; readonly version: string }
  /** Called before a file is put: whoever is killed after it leaves a file that somebody must know of. */
  readonly willPut: (key: string) => void
  /** For tests; a multiple of what a row group holds. */
  readonly rowsMax?: number
}

export class LayerWriter {
  readonly #options: LayerWriterOptions
  readonly #files: LayerFile[] = []
  #writer: FileWriter<EntityRow> | undefined
  #idMin = ''
  #idMax = ''

  constructor(options: LayerWriterOptions) {
    this.#options = options
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
    for (const { id } of rows) {
      if (id <= this.#idMax) throw new Error(`row '${id}' comes after '${this.#idMax}'`)
      this.#idMax = id
    }
    this.#writer.addGroup(rows)
    if (this.#writer.rows + rowGroupRowsMax > rowsMax || this.#writer.bytes > fileBytesMax) await this.#endFile()
  }

  /** The files, all of them put and read back. */
  async finish(): Promise<readonly LayerFile[]> {
    await this.#endFile()
    return this.#files
  }

  async #endFile(): Promise<void> {
    if (this.#writer === undefined) return
    const { store, keyOf, willPut, afterSeq, throughSeq } = this.#options
    const key = keyOf(this.#files.length)
    const { content, ...layout } = this.#writer.finish()
    this.#writer = undefined
    willPut(key)
    await putChecked(store, key, content)
    this.#files.push({ key, ...layout, idMin: this.#idMin, idMax: this.#idMax, afterSeq, throughSeq })
  }
}

/** Puts the bytes and reads them back. Throws when the store does not hold exactly them. */
export async function putChecked(store: ObjectStore, key: string, content: WrittenFile['content']): Promise<void> {
  await store.put(key, content, { ifAbsent: false })
  const kept = await store.get(key)
  if (kept === undefined) throw new DamagedFile(key, 'it was put and is missing')
  if (kept.length !== content.length || kept.some((byte, at) => byte !== content[at]))
    throw new DamagedFile(key, 'it was put and reads back otherwise')
}
