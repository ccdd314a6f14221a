// Rebuilds a tenant's state, files and Iceberg table from its log, whatever has become of them. The state is rebuilt in
// tables beside the present ones, so that writes and reads continue, and replaces them in one transaction.

import { assert } from 'digital-objects'
import { type Manifest, noLayers, type NounLayers } from '@dotdo/db'
import { type NounSchema, ObjectError } from 'digital-objects'
import { ActorBlocks } from '../log/actor-blocks.ts'
import { readWithArchive } from '../log/archived-events.ts'
import type { LogRow } from '../log/events-store.ts'
import type { LogReader } from '../log/log-reader.ts'
import { type FullText, textSeqOf } from '../state/full-text.ts'
import { quoteName } from '../state/column.ts'
import { type NounTable, shadowOf } from '../state/noun-table.ts'
import { encodeValue, type StoredVersion } from '../state/row-codec.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import { eventDataToRow, isDeletion } from './changed-entities.ts'
import type { CompactionProgress } from './lake-state.ts'
import type { TenantLake } from './tenant-lake.ts'
import { PastDefinitions } from './past-definitions.ts'
import { nextTask } from '../base/next-task.ts'

export interface RebuildReport {
  readonly events: number
  readonly entities: number
}

export interface RebuildOptions {
  readonly storage: DurableObjectStorage
  readonly events: LogReader
  readonly state: StorageHandler
  readonly text: FullText
  readonly lake: TenantLake
}

const logPageRows = 500
/** Pages of events that writers add meanwhile. What is left then is replayed while they wait. */
const chasedPagesMax = 1_000
const attemptsMax = 3

/** Call while no job changes files; writes may continue. */
export async function rebuildTenant(options: RebuildOptions): Promise<RebuildReport> {
  const events = await rebuildStateByOneCatalog(options)
  const entities = await rebuildFiles(options)
  return { events, entities }
}

/** Starts the rebuild again if a definition changes meanwhile. */
async function rebuildStateByOneCatalog(options: RebuildOptions): Promise<number> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const head = await rebuildState(options)
    if (head !== undefined) return head
  }
  throw new ObjectError({
    code: 'conflict',
    message: `definitions changed during each of ${attemptsMax} rebuilds; retry when they no longer change`,
  })
}

/** Returns undefined, and leaves the state unchanged, if a definition changes meanwhile. */
async function rebuildState(options: RebuildOptions): Promise<number | undefined> {
  const { events, state, storage, text, lake } = options
  const shadows = new Shadows(options)
  storage.transactionSync(() => shadows.create())
  const before = events.head
  let through = 0
  for (let chased = 0; through < events.head && chased < chasedPagesMax; chased += through < before ? 0 : 1) {
    const page = await readWithArchive(
      () => events.read({ after: through, limit: logPageRows }),
      (seqs) => lake.fetchArchived(seqs),
    )
    assert(page.rows.length > 0, `the log has events after ${through}`)
    storage.transactionSync(() => shadows.replay(page.rows))
    through = page.readThrough
    await nextTask()
  }
  const isDone = storage.transactionSync(() => {
    if (!shadows.areCurrent()) {
      shadows.drop()
      return false
    }
    // Events written since the start are not archived.
    while (through < events.head) {
      const page = events.read({ after: through, limit: logPageRows })
      assert(page.rows.length > 0, `the log has events after ${through}`)
      shadows.replay(page.rows)
      through = page.readThrough
    }
    shadows.takePlace()
    text.clear(state.nounsWithTables())
    return true
  })
  if (!isDone) return undefined
  const { head } = events
  await text.follow(head)
  return head
}

/** Drops the tables of a killed rebuild; call at start. */
export function dropShadows(sql: SqlStorage): void {
  const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*/rebuilt*'"
  for (const { name } of sql.exec<{ name: string }>(query).toArray()) sql.exec(`DROP TABLE ${quoteName(name)}`)
}

/** The tables in which the state is rebuilt. */
class Shadows {
  readonly #storage: DurableObjectStorage
  readonly #state: StorageHandler
  readonly #tables: ReadonlyMap<string, NounTable>
  readonly #definitions: PastDefinitions
  readonly #actors: ActorBlocks

  constructor({ storage, state }: RebuildOptions) {
    this.#storage = storage
    this.#state = state
    this.#definitions = new PastDefinitions(storage.sql)
    this.#actors = new ActorBlocks(storage.sql)
    this.#tables = new Map(
      state.nounsWithTables().flatMap((noun) => {
        const table = state.table(noun)
        return table === undefined ? [] : [[noun, shadowOf(table)]]
      }),
    )
  }

  create(): void {
    const { sql } = this.#storage
    // A killed rebuild may have left some.
    this.drop()
    for (const { schema, present, past, definitions } of this.#tables.values()) {
      for (const definition of definitions) sql.exec(definition)
      for (const column of this.#state.otherColumns(this.#state.tableOf(schema)))
        for (const name of [present, past]) sql.exec(`ALTER TABLE ${name} ADD COLUMN ${column}`)
    }
  }

  drop(): void {
    for (const { present, past } of this.#tables.values())
      for (const name of [present, past]) this.#storage.sql.exec(`DROP TABLE IF EXISTS ${name}`)
  }

  /** Whether the definitions by which the state is rebuilt are still in use. */
  areCurrent(): boolean {
    return [...this.#tables].every(([noun, { schema }]) => this.#state.table(noun)?.schema === schema)
  }

  /** Rows must come in order of `seq`, each once. */
  replay(rows: readonly LogRow[]): void {
    for (const row of rows) {
      // Written directly: existing rows stay valid.
      this.#actors.add(row.actor, row.seq)
      const table = this.#tables.get(row.type.slice(0, row.type.indexOf('.')))
      // Without a table the definition was removed, or is newer than this rebuild and the state has the event already.
      if (table !== undefined) this.#replayOne(table, row)
    }
  }

  #replayOne(table: NounTable, row: LogRow): void {
    const { schema } = table
    const previous = this.#state.get(table, row.target)
    const kind = isDeletion(row.type) ? 'deleted' : previous === undefined ? 'created' : 'changed'
    const { isDeleted: _, ...entity } = eventDataToRow(row.data, { seq: row.seq, isDeleted: kind === 'deleted' })
    const fields = this.#definitions.fieldsToday(schema, { version: row.noun, fields: entity.fields })
    const before = previous ?? (row.version > 1 ? this.#state.getDeleted(table, row.target)?.version : undefined)
    const next: StoredVersion = { ...entity, fields, textSeq: textSeqOf(schema, { fields, seq: row.seq }, before) }
    this.#state.apply({ table, kind, next, ...(previous === undefined ? {} : { previous }) })
    if (kind === 'deleted') return
    // Values of fields that only other definitions have, which may come back.
    for (const { column, value } of this.#definitions.fieldsGone(schema, {
      version: row.noun,
      fields: entity.fields,
    })) {
      const statement = `UPDATE ${table.present} SET ${quoteName(column.name)} = ? WHERE "$id" = ?`
      this.#storage.sql.exec(statement, encodeValue(column, value), row.target)
    }
  }

  takePlace(): void {
    const { sql } = this.#storage
    for (const shadow of this.#tables.values()) {
      const table = this.#state.tableOf(shadow.schema)
      const columns = [table.columnList, ...this.#state.otherColumns(table)].join(', ')
      sql.exec(`DELETE FROM ${table.present}`)
      sql.exec(`DELETE FROM ${table.past}`)
      sql.exec(`INSERT INTO ${table.present} (${columns}) SELECT ${columns} FROM ${shadow.present}`)
      sql.exec(`INSERT INTO ${table.past} (${columns}, "$until") SELECT ${columns}, "$until" FROM ${shadow.past}`)
      this.#state.refillLists(table)
      this.#state.reclaimColumns(table)
    }
    this.drop()
    this.#state.forgetCounts()
  }
}

/**
 * Rebuilds the Iceberg table, then a base for each Noun, and a manifest with nothing else. Returns the number of
 * entities.
 */
async function rebuildFiles(options: RebuildOptions): Promise<number> {
  const { events, state, lake } = options
  const seq = events.head
  await lake.archive.remake(seq)
  const manifest: Manifest = { ...lake.layers.begin(lake.manifests.current), seq }
  const nouns: Record<string, NounLayers> = {}
  let entities = 0
  for (const noun of state.nounsWithTables()) {
    const table = state.table(noun)
    if (table === undefined) {
      lake.layers.skipped(noun)
      continue
    }
    const layers = await rewrite(options, manifest, noun)
    if (layers === undefined) continue
    const living = state.countLiving(table, seq)
    nouns[noun] = { ...layers, deltas: [], entities: living }
    entities += living
  }
  const stale = manifest.stale.filter((noun) => !Object.hasOwn(nouns, noun))
  await lake.manifests.commit({ ...manifest, nouns, stale }, () => {
    for (const noun of Object.keys(nouns)) lake.layers.rewrote(noun)
    lake.state.clear('intent')
  })
  return entities
}

/** After a crash its files are garbage, since its progress is not recorded. */
async function rewrite(
  { lake, state }: RebuildOptions,
  manifest: Manifest,
  noun: string,
): Promise<NounLayers | undefined> {
  let progress: CompactionProgress | undefined
  let schema: NounSchema | undefined
  for (;;) {
    const current = state.table(noun)?.schema
    if (current === undefined) return undefined
    // A base has one definition from its first file to its last.
    if (current !== schema) {
      lake.layers.register()
      schema = current
      progress = undefined
    }
    const step = { due: { kind: 'rewrite', noun } as const, name: lake.names.next(), progress }
    const compacted = await lake.layers.compact(manifest, step)
    if (compacted.kind === 'done') return compacted.nouns[noun] ?? noLayers
    progress = compacted.progress
  }
}
