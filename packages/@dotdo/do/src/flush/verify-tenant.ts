// Verifies a tenant: the log has no gaps, its commits are whole, the state and its past equal the log version by version,
// and the Iceberg table and the entity files equal both and end at commits. It reads everything and changes nothing.

import {
  type EntityRow,
  type FileCache,
  listDataFiles,
  listTableVersions,
  LruCache,
  type Manifest,
  manifestKey,
  noLayers,
  parseManifest,
  pathToKey,
  Snapshot,
} from '@dotdo/db'
import { type Catalog, type Filter, isSameJson, type NounLookup, type NounSchema, type SortTerm } from 'digital-objects'
import { ActorBlocks } from '../log/actor-blocks.ts'
import type { LogRow } from '../log/log-row.ts'
import type { LogReader } from '../log/log-reader.ts'
import { countListFaults } from '../state/list-index.ts'
import type { NounTable } from '../state/noun-table.ts'
import { compileRegex } from '../state/regex-engine.ts'
import { readWithArchive } from '../log/archived-events.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import type { StateReader } from '../state/state-reader.ts'
import { eventDataToRow, isDeletion } from './changed-entities.ts'
import { countLiving, countVersions } from './count-in-slices.ts'
import type { TenantLake } from './tenant-lake.ts'
import { listBreaches } from './list-breaches.ts'
import { verifyNounTables } from './verify-noun-tables.ts'
import { PastDefinitions } from './past-definitions.ts'

export interface VerifyReport {
  readonly isWhole: boolean
  /** Number of events checked. */
  readonly events: number
  /** Number of entities in files that were compared with the state. */
  readonly entities: number
  /** Number of files of the log that were compared with it. */
  readonly segments: number
  /** The texts of events up to here exist in the lake only. */
  readonly trimmedSeq: number
  /** Descriptions of the first hundred faults. */
  readonly faults: readonly string[]
  /** The first hundred entities that a rule of today would refuse, and definitions that do not fit. They are kept, and are no faults. */
  readonly breaches: readonly string[]
}

export interface VerifyOptions {
  readonly sql: SqlStorage
  readonly events: LogReader
  readonly state: StateReader
  readonly lookup: NounLookup
  readonly catalog: () => Catalog
  readonly lake: TenantLake
  /** Resolves when the next slice may begin. */
  readonly pause: () => Promise<void>
  readonly verifyMore?: VerifyMore | undefined
}

/** Checks what is no part of log, state and lake, such as files of people, and notes each fault. */
export type VerifyMore = (note: (fault: string) => void) => Promise<void>

/** The report about a tenant whose database is lost, so that there is nothing to compare its files with. */
export function lostReport(fault: string): VerifyReport {
  return { isWhole: false, events: 0, entities: 0, segments: 0, trimmedSeq: 0, faults: [fault], breaches: [] }
}

const faultsMax = 100
const logPageRows = 1_000
const entityPageRows = 2_000
/** Rows that are compared before others run. A page is larger, because files decode a whole row group for each. */
const comparedTogether = 200
/** Characters of a page, if all its entities were as large as the largest. */
const entityPageCharacters = 16_000_000
const cachedBytes = 32 * 2 ** 20

/** Call while no job changes files; writes may continue. */
export async function verifyTenant(options: VerifyOptions): Promise<VerifyReport> {
  const faults: string[] = []
  const note = (fault: string): void => {
    if (faults.length < faultsMax) faults.push(fault)
  }
  const largest = new Map<string, number>()
  const events = await verifyLog(options, largest, note)
  const segments = await verifyArchive(options, note)
  const entities = await verifyFiles(options, largest, note)
  await noteFailure(note, async () => options.verifyMore?.(note))
  const { trimmedSeq } = options.lake.archive.state.position
  const breaches = await listBreaches({ ...options, seq: options.events.head })
  return { isWhole: faults.length === 0, events, entities, segments, trimmedSeq, faults, breaches }
}

type Note = (fault: string) => void

/**
 * Checks that every event has the version it made, and that there is no version without one. Records the largest text
 * of each Noun.
 */
async function verifyLog(options: VerifyOptions, largest: Map<string, number>, note: Note): Promise<number> {
  const { events, state, lake } = options
  const { head } = events
  const versions = new Map<string, number>()
  const definitions = new PastDefinitions(options.sql)
  const actors = new ActorBlocks(options.sql)
  const commits = new Commits(note)
  for (let after = 0; after < head;) {
    const { rows, readThrough } = await readWithArchive(
      () => events.read({ after, limit: logPageRows, through: head }),
      (seqs) => lake.fetchArchived(seqs),
    )
    if (rows.length === 0) {
      note(`the log ends at ${after}, but its recorded end is ${head}`)
      return after
    }
    for (const [at, row] of rows.entries()) {
      if (row.seq !== after + 1 + at) note(`expected event ${after + 1 + at}, found event ${row.seq}`)
      commits.check(row)
      if (!actors.has(row.actor, row.seq)) note(`event ${row.seq} is not found by its actor`)
      const noun = row.type.slice(0, row.type.indexOf('.'))
      largest.set(noun, Math.max(largest.get(noun) ?? 0, row.data.length))
      const table = state.table(noun)
      if (table === undefined) continue
      verifyVersion({ state, definitions, table }, row, note)
      if (!isDeletion(row.type)) versions.set(noun, (versions.get(noun) ?? 0) + 1)
      if (at % comparedTogether === comparedTogether - 1) await options.pause()
    }
    after = readThrough
    await options.pause()
  }
  for (const [noun, count] of versions) {
    const table = state.table(noun)
    const kept = table === undefined ? 0 : await countVersions(options, table, head)
    if (kept !== count) note(`${noun}: the state has ${kept} versions, the log ${count}`)
  }
  for (const noun of state.nounsWithTables()) {
    const table = state.table(noun)
    if (table === undefined) continue
    await verifyLists(options, table, note)
  }
  return head
}

/** Checks that the events of a commit follow each other, have its first `seq` as its number, and one timestamp. */
class Commits {
  readonly #note: Note
  #before: LogRow | undefined

  constructor(note: Note) {
    this.#note = note
  }

  check(row: LogRow): void {
    const before = this.#before
    this.#before = row
    if (row.commit === row.seq) return
    if (row.commit !== before?.commit)
      this.#note(`event ${row.seq} is of commit ${row.commit}, and the event before it is not`)
    else if (row.atMs !== before.atMs) this.#note(`event ${row.seq} has another timestamp than its commit`)
  }
}

async function verifyLists(options: VerifyOptions, table: NounTable, note: Note): Promise<void> {
  for (const list of table.lists) {
    const faults = await countListFaults(options, list, table)
    if (faults > 0)
      note(`${table.schema.name}.${list.column.field}: its index is wrong about ${faults} values of lists`)
  }
}

function verifyVersion(
  of: { readonly state: StateReader; readonly definitions: PastDefinitions; readonly table: NounTable },
  row: LogRow,
  note: Note,
): void {
  const { state, definitions, table } = of
  const version = state.getAsOf(table, row.target, row.seq)
  if (isDeletion(row.type)) {
    if (version !== undefined) note(`'${row.target}' is in the state after its deletion by event ${row.seq}`)
    const before = state.getAsOf(table, row.target, row.seq - 1)
    if (before?.version !== row.version - 1)
      note(`event ${row.seq} deletes version ${row.version - 1} of '${row.target}'`)
  } else if (version?.seq !== row.seq) {
    note(`the state of '${row.target}' at event ${row.seq} comes from event ${version?.seq ?? 'none'}`)
  } else {
    const logged = eventDataToRow(row.data, { seq: row.seq, isDeleted: false })
    const fields = definitions.fieldsToday(table.schema, { version: row.noun, fields: logged.fields })
    if (!isSameRow({ ...logged, fields }, version))
      note(`the state of '${row.target}' at event ${row.seq} is not what the event says`)
  }
}

/** Checks that the Iceberg table names exactly the files of the log, and that they equal the log. */
async function verifyArchive(options: VerifyOptions, note: Note): Promise<number> {
  const { lake } = options
  const { store } = lake
  const { archive } = lake
  const { version, throughSeq } = archive.state.position
  const segments = archive.state.segments()
  let through = 0
  for (const segment of segments) {
    if (segment.afterSeq !== through)
      note(`file '${segment.key}' begins after event ${segment.afterSeq}, not ${through}`)
    through = segment.throughSeq
    await noteFailure(note, () => archive.reader.compareWithLog(segment))
  }
  if (through !== throughSeq) note(`the files of the log end at event ${through}, not ${throughSeq}`)
  if (options.events.commitEnd(through) !== through)
    note(`the files of the log end inside a commit, at event ${through}`)
  await noteFailure(note, async () => {
    const stored = (await listTableVersions(store, archive.prefix)).at(-1) ?? 0
    if (archive.state.position.pending === undefined && stored > version)
      note(
        `the lake has version ${stored} of the log's table, and the database knows ${version}: they do not belong together, as ` +
          'if they came from different backups',
      )
  })
  if (version === 0) return segments.length
  await noteFailure(note, async () => {
    const metadata = await archive.table()
    const listed = await listDataFiles(store, { prefix: archive.prefix, metadata })
    const table = { store, prefix: archive.prefix, metadata }
    const named = new Map(listed.map((file) => [pathToKey(table, file.path), file]))
    for (const { key, rows, bytes } of segments) {
      const file = named.get(key)
      if (file?.rows !== rows || file.bytes !== bytes) note(`the Iceberg table does not have '${key}' as it is`)
      named.delete(key)
    }
    for (const key of named.keys()) note(`the Iceberg table names '${key}', which is no file of the log`)
  })
  return segments.length
}

/**
 * Checks that the published manifest is the recorded one, and that its files hold exactly the entities of that time.
 */
async function verifyFiles(options: VerifyOptions, largest: ReadonlyMap<string, number>, note: Note): Promise<number> {
  const { lookup, state, lake } = options
  const { manifest } = lake.state
  if (manifest === undefined) {
    await noteFailure(note, () => verifyUnknown(options, note))
    return 0
  }
  await noteFailure(note, () => verifyPublished(options, manifest, note))
  if (options.events.commitEnd(manifest.seq) !== manifest.seq)
    note(`the files of entities end inside a commit, at event ${manifest.seq}`)
  let entities = 0
  lake.layers.register()
  for (const noun of state.nounsWithTables()) {
    const [schema, table] = [lookup(noun), state.table(noun)]
    // Layers known to be stale are rewritten next, and readers do not use them.
    if (schema === undefined || table === undefined || lake.layers.isStale(noun)) continue
    const pageRows = Math.ceil(Math.min(entityPageRows, entityPageCharacters / (largest.get(noun) ?? 1)))
    await noteFailure(note, async () => {
      entities += await verifyNoun(options, { manifest, schema, table, pageRows }, note)
    })
  }
  await noteFailure(note, () => verifyNounTables(options, manifest, note))
  return entities
}

/** A database that has no files yet finds none. */
async function verifyUnknown({ lake }: VerifyOptions, note: Note): Promise<void> {
  const key = manifestKey(lake.archive.tenant)
  if ((await lake.store.head(key)) !== undefined)
    note(`'${key}' is of another database: this one has written no files yet`)
}

async function verifyPublished(options: VerifyOptions, manifest: Manifest, note: Note): Promise<void> {
  const key = manifestKey(manifest.tenant)
  const bytes = await options.lake.store.get(key)
  if (bytes === undefined) return note(`'${key}' is missing`)
  const published = parseManifest(new TextDecoder().decode(bytes), key)
  const { state: recorded } = options.lake
  // The newest manifest may be published although its put failed; then it is put again.
  const isKnown = [recorded.publishedRevision, manifest.revision].includes(published.revision)
  if (published.tenant !== manifest.tenant) note(`'${key}' is of the tenant '${published.tenant}'`)
  if (published.epoch !== manifest.epoch)
    return note(`'${key}' is of another log, '${published.epoch}', and this database has '${manifest.epoch}'`)
  if (!isKnown)
    note(
      `'${key}' is revision ${published.revision}, not ${recorded.publishedRevision}${olderThan(published, manifest)}`,
    )
}

/** A reason why files may be newer than the database that wrote them. */
function olderThan(published: Manifest, recorded: Manifest): string {
  const isOlder = published.epoch === recorded.epoch && published.revision > recorded.revision
  return isOlder ? ': the database is older than its files, as if it came from an earlier backup than they did' : ''
}

const byId: readonly SortTerm[] = [{ field: '$id', storage: 'text', direction: 1 }]

async function verifyNoun(
  options: VerifyOptions,
  of: {
    readonly manifest: Manifest
    readonly schema: NounSchema
    readonly table: NounTable
    readonly pageRows: number
  },
  note: Note,
): Promise<number> {
  const { lake, state, lookup } = options
  const { store } = lake
  const { manifest, schema, table, pageRows } = of
  const cache: FileCache = { files: new LruCache(cachedBytes), ids: new LruCache(cachedBytes) }
  const snapshot = new Snapshot({ store, manifest, cache, lookup, regex: compileRegex })
  let count = 0
  for (let lastId = ''; ;) {
    const request = { filter: idAfter(lastId), sort: byId, limit: pageRows, isCounted: false }
    const rows = (await snapshot.find(schema, request))?.rows ?? []
    for (const [at, row] of rows.entries()) {
      if (at % comparedTogether === comparedTogether - 1) await options.pause()
      const version = state.getAsOf(table, row.id, manifest.seq)
      if (version === undefined) note(`'${row.id}' is in the files and was not at event ${manifest.seq}`)
      else if (row.seq !== version.seq || !isSameRow(row, version))
        note(`'${row.id}' is in the files as of event ${row.seq}, and otherwise in the state`)
    }
    count += rows.length
    lastId = rows.at(-1)?.id ?? lastId
    if (rows.length < pageRows) break
    await options.pause()
  }
  const living = await countLiving(options, table, manifest.seq)
  if (count !== living)
    note(`${schema.name}: the files have ${count} entities, but there were ${living} at event ${manifest.seq}`)
  const counted = (manifest.nouns[schema.name] ?? noLayers).entities
  if (counted !== count) note(`${schema.name}: the manifest counts ${counted} entities, but its files have ${count}`)
  return count
}

function idAfter(id: string): Filter {
  return { kind: 'compare', path: { steps: [], field: '$id', storage: 'text', keys: [] }, op: 'gt', value: id }
}

/** Compares everything but the event that the row came from. */
function isSameRow(row: EntityRow, version: StoredVersion): boolean {
  return (
    row.id === version.id &&
    row.version === version.version &&
    row.createdAtMs === version.createdAtMs &&
    row.createdBy === version.createdBy &&
    row.updatedAtMs === version.updatedAtMs &&
    isSameJson(row.fields, version.fields)
  )
}

async function noteFailure(note: Note, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    // Any failure here is a finding.
    note(error instanceof Error ? error.message : String(error))
  }
}
