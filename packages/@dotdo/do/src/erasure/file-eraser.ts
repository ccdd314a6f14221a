// Removes personal values from a tenant's files: files of the log with erased events are written again, the entity files of
// their Nouns too, and the files that these replace are deleted without the usual wait. Each step may be killed at any line.

import type { FilesParts } from '../flush/tenant-lake.ts'
import { recordErasures } from './recorded-erasures.ts'
import type { ErasureReport, ErasureStore, StoredErasure } from './erasure-store.ts'

export interface FileEraserOptions extends FilesParts {
  readonly sql: SqlStorage
  readonly erasures: ErasureStore
  readonly tenant: () => string
}

export class FileEraser {
  readonly #options: FileEraserOptions

  constructor(options: FileEraserOptions) {
    this.#options = options
  }

  /** Tells readers of files to ask the object about these Nouns, until their files are written again. */
  async begin(erasure: StoredErasure): Promise<void> {
    const { erasures, lake, layers, manifests, now, tables } = this.#options
    await recordErasures(this.#options)
    const stored = Object.keys(manifests.current.nouns)
    const nouns = erasures.nouns(erasure.id).filter((noun) => stored.includes(noun))
    for (const noun of nouns) {
      layers.skipped(noun)
      tables.distrust(noun)
    }
    if (nouns.includes(lake.read('compaction')?.noun ?? '')) lake.endCompaction(now())
    if (nouns.length > 0) await manifests.commit(layers.begin(manifests.current), () => {})
  }

  /** Makes one step; returns what has changed of the report, or undefined once nothing is left. */
  async step(erasure: StoredErasure): Promise<Partial<ErasureReport> | undefined> {
    const { report } = erasure
    const segment = this.#nextSegment(erasure)
    if (segment !== undefined) {
      await this.#options.archive.rewrite(segment)
      return { segments: report.segments + 1, through: segment.throughSeq }
    }
    if (await this.#options.archive.expireAll()) return {}
    if (this.#isStale(erasure)) {
      await this.#options.compaction.step()
      return {}
    }
    if (await this.#renewTables(erasure)) return {}
    // Requests were emptied before, and their copies are now.
    await this.#options.keepTables()
    const deleted = await this.#deleteGarbage()
    return deleted === 0 ? undefined : { files: report.files + deleted }
  }

  /** The first file of the log, after those that are done, that has an event of an erased entity. */
  #nextSegment({ id, report }: StoredErasure): { readonly afterSeq: number; readonly throughSeq: number } | undefined {
    const { sql, archive } = this.#options
    const query = `SELECT 1 FROM log WHERE seq > ? AND seq <= ? AND target IN (SELECT entity FROM erased_entities WHERE erasure = ?) LIMIT 1`
    return archive.state
      .segments()
      .find(
        ({ afterSeq, throughSeq }) =>
          throughSeq > report.through && sql.exec(query, afterSeq, throughSeq, id).toArray().length > 0,
      )
  }

  /** Makes a step towards tables of which no snapshot has files of before. Returns false once there are none. */
  async #renewTables({ id }: StoredErasure): Promise<boolean> {
    const { erasures, tables } = this.#options
    for (const noun of erasures.nouns(id)) {
      if (tables.due.includes(noun)) {
        await tables.follow(noun)
        return true
      }
      if (await tables.expireAll(noun)) return true
    }
    return false
  }

  #isStale({ id }: StoredErasure): boolean {
    const { erasures, lake, lookup } = this.#options
    const stale = lake.read('stale') ?? []
    return erasures.nouns(id).some((noun) => stale.includes(noun) && lookup(noun) !== undefined)
  }

  /** No job of the files runs beside this one, so every file that no record names is left over. */
  async #deleteGarbage(): Promise<number> {
    const { lake, garbage, now } = this.#options
    const before = lake.garbageCount
    if (before === 0) return 0
    lake.hasten(now())
    await garbage.step()
    return before - lake.garbageCount
  }
}
