// Restores a tenant from its lake alone: the log from its table, then definitions, state, indexes and files from the log. Until it
// has ended, the tenant counts as lost, and a restore that was killed goes on where it stopped.

import {
  DamagedFile,
  type EventFile,
  type EventRow,
  manifestKey,
  openFile,
  parseManifest,
  readEventRows,
} from '@dotdo/db'
import { type NounSchema, ObjectError, parseEventPattern, schemaNoun, systemNoun } from 'digital-objects'
import { erasuresKey } from '../erasure/recorded-erasures.ts'
import { readWithArchive } from '../log/archived-events.ts'
import type { EventsStore } from '../log/events-store.ts'
import type { LogRow } from '../log/log-row.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import { finalThrough } from '../flush/archive-plan.ts'
import { eventDataToRow, isDeletion } from '../flush/changed-entities.ts'
import { insertKept, type KeptRows, readKept } from '../flush/kept-tables.ts'
import { type RebuildOptions, rebuildTenant } from '../flush/rebuild-tenant.ts'
import { copyFiles } from './copy-files.ts'
import { readStoredLog } from './stored-log.ts'

export interface RestoreRequest {
  /** The tenant whose lake is read. */
  readonly from: string
  /** Leaves out what happened after this time, in ms. */
  readonly throughMs: number | undefined
}

export interface RestoreReport {
  readonly tenant: string
  readonly from: string
  /** The last event that was restored, and its time; null without events. */
  readonly seq: number
  readonly timestamp: string | null
  readonly events: number
  readonly entities: number
  /** Tables that events do not have: the number of rows that were restored, and whether the copy was complete. */
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly isWhole: boolean }>>
  /** The parts that the lake did not have. */
  readonly lost: readonly string[]
}

export interface RestoreOptions extends Omit<RebuildOptions, 'events' | 'state'> {
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly meta: TenantMeta
  readonly now: () => number
  readonly settings: { readonly sealedEvents: number; readonly keptEvents: number; readonly graceMs: number }
  /** Reads all caches again. */
  readonly reload: () => void
}

/** Events of one transaction. */
const appendedTogether = 200
const logPageRows = 500
const listedMax = 1_000

/** Kept by what the tenant is: credentials and sealed secrets are bound to it. */
const ownTables = new Set(['credentials', 'secrets', 'expiring_values', 'idempotency_keys', 'approval_requests'])

/** Call once the tables exist, while no job runs. */
export async function restoreTenant(options: RestoreOptions, request: RestoreRequest): Promise<RestoreReport> {
  const { events, lake, meta, storage } = options
  const tenant = meta.get('tenant') ?? ''
  const isOwn = request.from === tenant
  const log = await readStoredLog(lake.store, request.from)
  if (log.files.length === 0 && !isOwn)
    throw new ObjectError({ code: 'not_found', field: 'from', message: `the lake has no log of '${request.from}'` })
  const { sealedEvents, keptEvents } = options.settings
  const end = log.files.at(-1)?.throughSeq ?? 0
  // Texts whose file is final stay in the lake, as they were before.
  const final = isOwn ? Math.min(finalThrough(log.files, sealedEvents), end - keptEvents) : 0
  const trimmedSeq = log.files.findLast(({ throughSeq }) => throughSeq <= final)?.throughSeq ?? 0
  if (isOwn) adoptTable(options, { ...log, trimmedSeq, throughSeq: end })
  else {
    await takeErasures(options, request.from, tenant)
    await copyFiles(lake.store, { from: request.from, to: tenant, pause: options.pause })
  }
  for (const file of log.files) await appendFile(options, file, { trimmedSeq, throughMs: request.throughMs })
  // Appending kept the texts of archived events as empty ones.
  events.forgetTexts()
  const kept = await readKept(lake.store, { tenant: request.from, head: events.head })
  const tables = restoreTables(options, kept, isOwn)
  const unknown = await restoreDefinitions(options, kept.get('nouns')?.rows ?? [])
  if (isOwn) await adoptManifest(options, tenant)
  const rebuilt = await rebuildTenant(options, { keepsTable: isOwn })
  storage.transactionSync(() => lake.state.clear('restoredNouns'))
  return {
    tenant,
    from: request.from,
    seq: events.head,
    timestamp: events.head === 0 ? null : new Date(events.headAtMs).toISOString(),
    ...rebuilt,
    tables,
    lost: [...lostOf(tables, isOwn), ...unknown],
  }
}

function adoptTable(
  { storage, lake }: RestoreOptions,
  of: {
    readonly version: number
    readonly files: readonly EventFile[]
    readonly trimmedSeq: number
    readonly throughSeq: number
  },
): void {
  const { version, files, trimmedSeq, throughSeq } = of
  storage.transactionSync(() => {
    storage.sql.exec('DELETE FROM segments')
    for (const file of files)
      storage.sql.exec('INSERT INTO segments VALUES (?, ?, ?)', file.throughSeq, file.afterSeq, JSON.stringify(file))
    lake.state.write('archive', { version, throughSeq, trimmedSeq, expiredAtMs: 0 })
  })
}

/** Appends the events of a file that the log does not have yet. */
async function appendFile(
  options: RestoreOptions,
  file: EventFile,
  { trimmedSeq, throughMs = Infinity }: { readonly trimmedSeq: number; readonly throughMs: number | undefined },
): Promise<void> {
  const { events, lake, storage, pause } = options
  if (file.throughSeq <= events.head || file.firstMs > throughMs) return
  for await (const rows of readEventRows(await openFile(lake.store, file))) {
    const wanted = rows.filter(({ seq, atMs }) => seq > events.head && atMs <= throughMs)
    for (let start = 0; start < wanted.length; start += appendedTogether) {
      storage.transactionSync(() => {
        for (const row of wanted.slice(start, start + appendedTogether)) {
          if (row.seq !== events.head + 1)
            throw new DamagedFile(file.key, `expected event ${events.head + 1}, found event ${row.seq}`)
          const whole = toLogRow(row)
          events.append(file.throughSeq <= trimmedSeq ? { ...whole, data: '', changes: null } : whole)
          noteDefinition(options, row)
        }
      })
      await pause()
    }
  }
}

function toLogRow({ via, ...row }: EventRow): LogRow {
  return { ...row, via: via as LogRow['via'] } // a file of the log has the log's own values
}

/** Records since when a definition is in use. */
export function noteDefinition(
  { lake }: RestoreOptions,
  { type, noun, seq }: Pick<EventRow, 'type' | 'noun' | 'seq'>,
): void {
  const known = lake.state.read('restoredNouns') ?? {}
  const name = type.slice(0, type.indexOf('.'))
  const before = known[name]
  if (before?.version === noun) return
  const since = { ...before?.since, [noun]: before?.since[noun] ?? seq }
  lake.state.write('restoredNouns', { ...known, [name]: { version: noun, latest: seq, since } })
}

function restoreTables(
  { storage }: RestoreOptions,
  kept: ReadonlyMap<string, KeptRows>,
  isOwn: boolean,
): RestoreReport['tables'] {
  const tables: Record<string, { rows: number; isWhole: boolean }> = {}
  for (const [name, { rows, isWhole }] of kept) {
    if (name === 'nouns' || (!isOwn && ownTables.has(name))) continue
    storage.transactionSync(() => insertKept(storage.sql, name, rows))
    tables[name] = { rows: rows.length, isWhole }
  }
  return tables
}

/**
 * Brings back the definitions: the tenant's own from their events, those of the program from the copy in the lake. Returns
 * sentences about those that are not known.
 */
export async function restoreDefinitions(options: RestoreOptions, kept: KeptRows['rows']): Promise<readonly string[]> {
  const { lake, storage, state, catalog, events, reload } = options
  const noted = Object.entries(lake.state.read('restoredNouns') ?? {})
  const copies = new Map(kept.map((row) => [`${String(row['name'])} ${String(row['version'])}`, row]))
  const lost: string[] = []
  storage.transactionSync(() => storage.sql.exec('DELETE FROM nouns'))
  reload()
  if (noted.some(([name]) => name === schemaNoun.name)) await replaySchemas(options)
  catalog.reload()
  storage.transactionSync(() => {
    for (const [name, { version, latest, since }] of noted) {
      const stored = copies.get(`${name} ${version}`)
      const schema = systemNoun(name) ?? catalog.current.lookup(name) ?? definitionOf(stored)
      if (schema === undefined) {
        lost.push(`the definition of ${name}, whose entities cannot be read`)
        continue
      }
      if (!state.hasTable(name)) state.ensureTable(schema, schema.version === version ? latest : events.head + 1)
      for (const [each, first] of Object.entries(since)) {
        const known = copies.get(`${name} ${each}`)
        if (each === schema.version) {
          // Its text stays as it was written.
          if (known !== undefined)
            storage.sql.exec(
              'UPDATE nouns SET definition = ? WHERE name = ? AND version = ?',
              String(known['definition']),
              name,
              each,
            )
          continue
        }
        if (known === undefined)
          lost.push(`version ${each} of the definition of ${name}: its events are read by the present one`)
        // Values of fields that only this definition has.
        const past = definitionOf(known)
        if (past !== undefined) state.widen(past)
        storage.sql.exec(
          'INSERT OR REPLACE INTO nouns VALUES (?, ?, ?, ?, ?)',
          name,
          each,
          String(known?.['definition'] ?? JSON.stringify(schema)),
          first,
          Number(known?.['latest'] ?? first),
        )
      }
    }
  })
  reload()
  return lost
}

function definitionOf(row: Readonly<Record<string, SqlStorageValue>> | undefined): NounSchema | undefined {
  const definition = row?.['definition']
  return typeof definition === 'string' ? (JSON.parse(definition) as NounSchema) : undefined // `ensureTable` stored it
}

/** The definitions come first, since the tables of all other Nouns depend on them. The rebuild replays them once more. */
async function replaySchemas({ events, state, storage, lake, pause }: RestoreOptions): Promise<void> {
  storage.transactionSync(() => state.ensureTable(schemaNoun, 1))
  const table = state.tableOf(schemaNoun)
  // A restore that was killed has left some.
  for (const name of [table.present, table.past, ...table.lists.map((list) => list.table)])
    storage.sql.exec(`DELETE FROM ${name}`)
  state.forgetRows()
  for (let after = 0; after < events.head;) {
    const from = after
    const { rows, readThrough } = await readWithArchive(
      () => events.read({ after: from, limit: logPageRows, pattern: parseEventPattern(`${schemaNoun.name}.*`) }),
      (seqs) => lake.fetchArchived(seqs),
    )
    storage.transactionSync(() => {
      for (const row of rows) {
        const previous = state.get(table, row.target)
        const kind = isDeletion(row.type) ? 'deleted' : previous === undefined ? 'created' : 'changed'
        const { isDeleted: _, ...entity } = eventDataToRow(row.data, { seq: row.seq, isDeleted: kind === 'deleted' })
        const next = { ...entity, textSeq: null }
        state.apply({ table, kind, next, ...(previous === undefined ? {} : { previous }) })
      }
    })
    after = readThrough
    await pause()
  }
}

/** Goes on from the revision of the manifest in the lake, and registers the entity files there, which are made again. */
async function adoptManifest({ lake, meta, now, settings }: RestoreOptions, tenant: string): Promise<void> {
  const key = manifestKey(tenant)
  const bytes = await lake.store.get(key)
  if (bytes !== undefined) {
    try {
      const { revision } = parseManifest(new TextDecoder().decode(bytes), key)
      lake.state.write('manifest', { ...lake.manifests.current, epoch: meta.get('epoch') ?? '', tenant, revision })
      lake.state.reload()
    } catch (error) {
      // A damaged manifest is replaced by the new one.
      if (!(error instanceof DamagedFile)) throw error
    }
  }
  // Files of the log may be its only copy, and those of the folder `current` keep their names.
  const isKept = (key: string): boolean => /^[^/]+\/(?:events|current)\//.test(key) || !key.endsWith('.parquet')
  for (let after = ''; ;) {
    const { objects, hasMore } = await lake.store.list({ prefix: `${tenant}/`, after, limit: listedMax })
    lake.state.discard(
      objects.map((object) => object.key).filter((key) => !isKept(key)),
      now() + settings.graceMs,
    )
    after = objects.at(-1)?.key ?? after
    if (!hasMore || objects.length === 0) return
  }
}

/** A copy of a tenant forgets whom its original has forgotten. */
async function takeErasures({ lake }: RestoreOptions, from: string, tenant: string): Promise<void> {
  const list = await lake.store.get(erasuresKey(from))
  if (list === undefined) return
  const key = erasuresKey(tenant)
  await lake.store.put(key, list, { ifAbsent: false })
  await lake.store.sync([key])
}

function lostOf(tables: RestoreReport['tables'], isOwn: boolean): readonly string[] {
  const lost = ['events that were not in the lake, if there were any', 'plans and bulk jobs']
  if (!isOwn) lost.push('keys, sessions, secrets and grants, which belong to the original tenant')
  for (const [name, { isWhole }] of Object.entries(tables)) if (!isWhole) lost.push(`rows of the table ${name}`)
  return lost
}
