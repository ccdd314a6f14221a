// The files of a tenant's entities. A range of the log becomes a delta, deltas of one size class become a larger one,
// and eventually a new base. Everything is built from the log and the state, so it can be rebuilt at any time.

import {
  keysOf,
  LayerWriter,
  type Manifest,
  noLayers,
  type NounLayers,
  nounToColumns,
  numberFields,
  type ObjectStore,
} from '@dotdo/db'
import type { CatalogEntry, NounLookup, NounSchema } from 'digital-objects'
import type { StateReader } from '../state/state-reader.ts'
import type { LogReader } from '../log/log-reader.ts'
import { readBaseGroup } from './base-rows.ts'
import { type ChangedEntity, changedEntities, rowGroupsOf } from './changed-entities.ts'
import { countLiving } from './count-in-slices.ts'
import { type CompactionDue, nextCompaction } from './compaction-plan.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { CompactionProgress, LakeState } from './lake-state.ts'
import type { NounTables } from './noun-tables.ts'
import { LayerDefinitions } from './layer-definitions.ts'
import { PastDefinitions } from './past-definitions.ts'
import { nextTask } from '../base/next-task.ts'

export interface EntityLayersOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly log: LogReader
  readonly state: StateReader
  readonly lookup: NounLookup
  /** Definitions of the tenant's Nouns. */
  readonly definitions: () => readonly CatalogEntry[]
  readonly lake: LakeState
  readonly now: () => number
  readonly settings: Pick<FlushSettings, 'deltaRowsMin' | 'rowsPerStep'>
  /** Records a key before its file is put, because a crash after the put leaves an orphan file. */
  readonly willPut: (key: string) => void
  /** The folder of the files of a Noun. */
  readonly tables: Pick<NounTables, 'folderOf' | 'isMisplaced'>
}

type Nouns = Manifest['nouns']

/** Characters that one step rewrites, however few rows they are: a few seconds of CPU. */
const rewrittenCharactersMax = 64_000_000

/** A rewrite that has done this share of its step makes room for a flush, so that files do not become too small. */
const interruptedShare = 1 / 6

/** The result of a compaction step. */
export type Compacted =
  /** The layers of all Nouns after the step. */
  | { readonly kind: 'done'; readonly nouns: Nouns }
  /** Progress to record; the layers are unchanged. */
  | { readonly kind: 'unfinished'; readonly progress: CompactionProgress }

export class EntityLayers {
  readonly #options: EntityLayersOptions
  readonly #definitions: PastDefinitions
  readonly #written: LayerDefinitions

  constructor(options: EntityLayersOptions) {
    this.#options = options
    this.#definitions = new PastDefinitions(options.storage.sql)
    this.#written = new LayerDefinitions({ ...options, sql: options.storage.sql })
  }

  /** Compares the definitions in use with those that layers were written by. */
  register(): void {
    this.#written.register()
  }

  /**
   * Returns the manifest with the present definitions, by which all files of the step are written. A Noun whose base
   * the step rewrites is no longer stale when the step ends.
   */
  begin(manifest: Manifest, rewritten: readonly string[] = []): Manifest {
    this.register()
    const stale = (this.#options.lake.read('stale') ?? []).filter((noun) => !rewritten.includes(noun))
    return { ...manifest, definitions: this.#options.definitions(), stale }
  }

  /** Adds a delta to each Noun that events after `manifest.seq` changed. `name` becomes part of file names. */
  async flush(manifest: Manifest, to: { readonly throughSeq: number; readonly name: string }): Promise<Nouns> {
    const { lookup, storage } = this.#options
    const changed = changedEntities(storage.sql, { after: manifest.seq, through: to.throughSeq })
    // Definitions may change during the step: all its layers use those of its start.
    const schemas = new Map([...changed.keys()].map((noun) => [noun, lookup(noun)]))
    const nouns: Record<string, NounLayers> = { ...manifest.nouns }
    for (const [noun, entities] of changed) {
      const schema = schemas.get(noun)
      if (schema === undefined) {
        this.skipped(noun)
        continue
      }
      this.#written.recordWritten(schema)
      const layers = layersOf(manifest, noun)
      const fields = numberFields(schema, layers.fields)
      const range = { afterSeq: manifest.seq, throughSeq: to.throughSeq }
      const writer = this.#writer({ schema, fields, ...range, name: `delta-${to.name}` })
      await this.#addChanged(writer, schema, entities)
      nouns[noun] = {
        ...layers,
        fields,
        entities: layers.entities + this.#growth(schema, entities),
        deltas: [...layers.deltas, ...(await this.#finish(writer))],
      }
    }
    return nouns
  }

  due(manifest: Manifest): CompactionDue | undefined {
    const { lake, lookup } = this.#options
    const known = Object.entries(manifest.nouns).filter(([noun]) => lookup(noun) !== undefined)
    const misplaced = (): string | undefined =>
      known.find(([noun, layers]) => this.#options.tables.isMisplaced(noun, layers))?.[0]
    const underWay = lake.read('compaction')?.noun ?? this.#written.firstStale ?? misplaced()
    return nextCompaction({
      manifest: { ...manifest, nouns: Object.fromEntries(known) },
      underWay,
      deltaRowsMin: this.#options.settings.deltaRowsMin,
    })
  }

  /** Records that events of this Noun are in no layer, since no definition of it is in use. */
  skipped(noun: string): void {
    this.#written.skipped(noun)
  }

  /** Whether the Noun's layers lack data that the log has. They are rewritten soon. */
  isStale(noun: string): boolean {
    return this.#written.isStale(noun)
  }

  /** Called in the transaction that records the manifest with the rewritten base. */
  rewrote(noun: string): void {
    const { lake, now } = this.#options
    lake.endCompaction(now())
    this.#written.rewritten(noun)
  }

  /**
   * Makes one step. `name` becomes part of file names; `progress` continues a rewrite, which ends its step early if
   * `isFlushDue` says so.
   */
  async compact(
    manifest: Manifest,
    step: {
      readonly due: CompactionDue
      readonly name: string
      readonly progress: CompactionProgress | undefined
      readonly isFlushDue: () => boolean
    },
  ): Promise<Compacted> {
    const { due, name, progress, isFlushDue } = step
    const schema = this.#options.lookup(due.noun)
    if (schema === undefined) throw new Error(`no definition of '${due.noun}' to compact by`)
    return due.kind === 'merge'
      ? this.#merge(manifest, { schema, count: due.deltas, name })
      : this.#rewrite(manifest, { schema, name, isFlushDue, progress: progress ?? startOf(manifest, due.noun) })
  }

  /** Merges the newest deltas into one, built from the log. */
  async #merge(
    manifest: Manifest,
    of: { readonly schema: NounSchema; readonly count: number; readonly name: string },
  ): Promise<Compacted> {
    const { schema, count, name } = of
    const layers = layersOf(manifest, schema.name)
    const merged = layers.deltas.slice(-count)
    const [first, last] = [merged[0], merged.at(-1)]
    if (first === undefined || last === undefined) throw new Error(`no deltas of ${schema.name} to merge`)
    const range = { afterSeq: first.afterSeq, throughSeq: last.throughSeq }
    const { sql } = this.#options.storage
    const stretch = { after: range.afterSeq, through: range.throughSeq, noun: schema.name }
    const entities = changedEntities(sql, stretch).get(schema.name) ?? []
    const writer = this.#writer({ schema, fields: layers.fields, ...range, name: `delta-${name}` })
    await this.#addChanged(writer, schema, entities)
    const deltas = [...layers.deltas.slice(0, -count), ...(await this.#finish(writer))]
    return { kind: 'done', nouns: { ...manifest.nouns, [schema.name]: { ...layers, deltas } } }
  }

  /**
   * Writes some more files of the new base. With the last one, it replaces the old base and the deltas included in it.
   */
  async #rewrite(
    manifest: Manifest,
    of: {
      readonly schema: NounSchema
      readonly name: string
      readonly isFlushDue: () => boolean
      readonly progress: CompactionProgress
    },
  ): Promise<Compacted> {
    const { schema, name, isFlushDue, progress } = of
    const { log, state, storage } = this.#options
    const layers = layersOf(manifest, schema.name)
    const fields = numberFields(schema, layers.fields)
    const range = { afterSeq: 0, throughSeq: progress.throughSeq }
    const writer = this.#writer({ schema, fields, ...range, name: `base-${name}` })
    const table = state.hasTable(schema.name) ? state.tableOf(schema) : undefined
    let { lastId } = progress
    let rows = 0
    let characters = 0
    let isDone = table === undefined
    const { rowsPerStep } = this.#options.settings
    while (table !== undefined && rows < rowsPerStep && characters < rewrittenCharactersMax) {
      if (rows >= rowsPerStep * interruptedShare && isFlushDue()) break
      const group = readBaseGroup({ sql: storage.sql, state, table, seq: progress.throughSeq, afterId: lastId })
      if (group === undefined) {
        isDone = true
        break
      }
      lastId = group.lastId
      // Reading a group and encoding it are slices of their own.
      await nextTask()
      if (group.rows.length > 0) await writer.addGroup(group.rows)
      rows += group.rows.length
      characters += group.characters
      await nextTask()
    }
    const files = [...progress.files, ...(await this.#finish(writer))]
    if (!isDone) return { kind: 'unfinished', progress: { ...progress, lastId, rows: progress.rows + rows, files } }
    const deltas = layers.deltas.filter(({ throughSeq }) => throughSeq > progress.throughSeq)
    // Skipped events were not counted before.
    const entities =
      table !== undefined && this.#written.isStale(schema.name)
        ? await countLiving({ sql: storage.sql, events: log, state, pause: nextTask }, table, manifest.seq)
        : layers.entities
    const rewritten = { ...layers, fields, entities, base: files, baseSeq: progress.throughSeq, deltas }
    return { kind: 'done', nouns: { ...manifest.nouns, [schema.name]: rewritten } }
  }

  async #addChanged(writer: LayerWriter, schema: NounSchema, entities: readonly ChangedEntity[]): Promise<void> {
    const { state, storage } = this.#options
    const source = { sql: storage.sql, state, definitions: this.#definitions, schema }
    for (const rows of rowGroupsOf(source, entities)) {
      await nextTask()
      await writer.addGroup(rows)
      await nextTask()
    }
  }

  /** Finishes the files and makes them durable. */
  async #finish(writer: LayerWriter): Promise<NounLayers['base']> {
    const files = await writer.finish()
    await this.#options.store.sync(files.flatMap(keysOf))
    return files
  }

  /** Returns the change in the number of live entities. */
  #growth(schema: NounSchema, entities: readonly ChangedEntity[]): number {
    const { state } = this.#options
    const table = state.hasTable(schema.name) ? state.tableOf(schema) : undefined
    // An entity with an earlier version may have been deleted in between and restored by a rollback.
    const older = entities.filter(({ first }) => first.version > 1)
    const existed =
      table === undefined
        ? 0
        : state.countReplaced(
            table,
            older.map(({ id, first }) => ({ id, seq: first.seq })),
          )
    return entities.filter(({ isDeleted }) => !isDeleted).length - existed
  }

  #writer(options: {
    readonly schema: NounSchema
    readonly fields: NounLayers['fields']
    readonly afterSeq: number
    readonly throughSeq: number
    readonly name: string
  }): LayerWriter {
    const { schema, fields, afterSeq, throughSeq, name } = options
    const { store, tables, willPut } = this.#options
    const folder = `${tables.folderOf(schema.name)}/data`
    return new LayerWriter({
      store,
      columns: nounToColumns(schema, fields),
      keyOf: (part) => `${folder}/${name}-${part}.parquet`,
      afterSeq,
      throughSeq,
      noun: schema,
      willPut,
      pause: nextTask,
    })
  }
}

function startOf(manifest: Manifest, noun: string): CompactionProgress {
  return { noun, throughSeq: manifest.seq, lastId: '', rows: 0, files: [] }
}

function layersOf(manifest: Manifest, noun: string): NounLayers {
  return Object.hasOwn(manifest.nouns, noun) ? (manifest.nouns[noun] ?? noLayers) : noLayers
}
