// The system tables of a tenant, besides the tables of its Nouns. `docs/storage-schema.md` describes them. A change is a new
// step in `upgrades`, never an edit of an old one.

import { auditTable } from './identity/audit-log.ts'
import { secretsTable } from './secrets/secret-store.ts'
import { erasureTables } from './state/erased-entities.ts'

/** Version 1. */
const initial = [
  // Values of the whole tenant: `schema`, `epoch`, `tenant`, `context`, `sealed`, `text`.
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  // The log, from which all other tables can be rebuilt. Rows are never changed.
  `CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    "commit" INTEGER,
    format INTEGER NOT NULL DEFAULT 1,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    target TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of TEXT,
    via TEXT NOT NULL,
    caused_by TEXT,
    noun TEXT NOT NULL,
    data TEXT NOT NULL,
    changes TEXT
  )`,
  // The definitions under which events were written.
  'CREATE TABLE nouns (name TEXT NOT NULL, version TEXT NOT NULL, definition TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID',
  // The outbox: one row for each event and AFTER handler that still has to run.
  `CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handler TEXT NOT NULL,
    target TEXT NOT NULL,
    seq INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    parked INTEGER NOT NULL DEFAULT 0,
    error TEXT
  )`,
  'CREATE INDEX outbox_due ON outbox (parked, due)',
  'CREATE INDEX outbox_order ON outbox (handler, target, id)',
  // The results of writes with an idempotency key.
  'CREATE TABLE idempotency (scope TEXT PRIMARY KEY, hash TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE INDEX idempotency_at ON idempotency (at)',
] as const

/** Version 2. */
const lake = [
  // The state of the files: `manifest` (their contents), `published`, `intent` (the flush in progress), `compaction`,
  // `archive` (the Iceberg table of the log).
  'CREATE TABLE lake (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  // Files that no manifest names: replaced, or about to be written. They are deleted when they are due.
  'CREATE TABLE garbage (key TEXT PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE INDEX garbage_due ON garbage (due)',
  // The files of the log's Iceberg table, each for a range of the log. `file` is its layout as JSON.
  'CREATE TABLE segments (through_seq INTEGER PRIMARY KEY, after_seq INTEGER NOT NULL, file TEXT NOT NULL)',
] as const

/** Version 3. */
const actors = [
  // The blocks of 64 events in which each actor occurs.
  'CREATE TABLE actors (actor TEXT NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (actor, block)) WITHOUT ROWID',
  'INSERT INTO actors SELECT DISTINCT actor, seq / 64 FROM log',
] as const

/** Version 4. */
const jobs = [
  // Failing jobs: the number of consecutive failures, and the time of the next attempt.
  'CREATE TABLE jobs (name TEXT PRIMARY KEY, attempts INTEGER NOT NULL, retry_at INTEGER NOT NULL, error TEXT NOT NULL) WITHOUT ROWID',
] as const

/** Version 5. */
const thin = [
  // The requests of writes with an idempotency key, and the events that they made. `at` is in seconds.
  'CREATE TABLE idempotency_keys (scope BLOB PRIMARY KEY, request BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID',
  // The strings that rows of the log refer to by number.
  'CREATE TABLE log_words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)',
  // The entity's previous event, to which `changes` are added, and the characters of the whole event.
  'ALTER TABLE log ADD COLUMN previous INTEGER',
  'ALTER TABLE log ADD COLUMN size INTEGER',
  // The event since which a definition is in use. Events of before may have other definitions, so none builds on them.
  'ALTER TABLE nouns ADD COLUMN latest INTEGER NOT NULL DEFAULT 0',
  'UPDATE nouns SET latest = (SELECT coalesce(max(seq), 0) + 1 FROM log)',
] as const

/** Version 6. */
const transactions = [
  // The commit that an event takes back, and the person who approved the event's plan.
  'ALTER TABLE log ADD COLUMN undoes INTEGER',
  'ALTER TABLE log ADD COLUMN approved_by TEXT',
  // The results of requests with an idempotency key that cannot be made from one event. Deleted together with the key.
  'CREATE TABLE idempotency_results (scope BLOB PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID',
  // The events that a handler has delivered to the world outside, or has begun to deliver.
  'CREATE TABLE deliveries (seq INTEGER NOT NULL, handler TEXT NOT NULL, PRIMARY KEY (seq, handler)) WITHOUT ROWID',
  // Dry runs that can be executed once: the request, the ids that it promised, and a hash of its outcome. Times are in ms.
  `CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    expires INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    request TEXT NOT NULL,
    ids TEXT NOT NULL,
    now INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    "commit" INTEGER
  )`,
  'CREATE INDEX plans_expires ON plans (expires)',
  // Writes of many entities that take several commits, with their progress. Times are in ms.
  `CREATE TABLE bulk_jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    noun TEXT NOT NULL,
    actor TEXT NOT NULL,
    request TEXT NOT NULL,
    position TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL,
    refusals TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    created INTEGER NOT NULL,
    finished INTEGER
  )`,
  'CREATE INDEX bulk_jobs_finished ON bulk_jobs (finished)',
] as const

/** Version 7. */
const business = [
  // The time at which an event happened, in ms, if its writer named an earlier one than that of the commit.
  'ALTER TABLE log ADD COLUMN effective INTEGER',
  // The reason for which an administrator forced the event.
  'ALTER TABLE log ADD COLUMN reason TEXT',
  // The commits that bulk jobs have made. Jobs of before have not recorded theirs.
  'ALTER TABLE bulk_jobs ADD COLUMN has_commits INTEGER NOT NULL DEFAULT 0',
  'CREATE TABLE bulk_commits (job TEXT NOT NULL, "commit" INTEGER NOT NULL, PRIMARY KEY (job, "commit")) WITHOUT ROWID',
  // The commits that a bulk job takes back, while it is running.
  'CREATE TABLE undo_targets (job TEXT NOT NULL, "commit" INTEGER NOT NULL, PRIMARY KEY (job, "commit")) WITHOUT ROWID',
  // The ids that entities of a loaded history have in their old system, until the load has ended.
  'CREATE TABLE external_ids (noun TEXT NOT NULL, external TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (noun, external)) WITHOUT ROWID',
] as const

/** Version 7, too. */
const scheduled = [
  // The entities that wait for a schedule of their Noun or were called by it. `rank` is the place of the schedule in the Noun,
  // `due` the time of its call, `next` that of the next attempt, and `fired` the time of the last call. Times are in ms.
  `CREATE TABLE schedules (
    noun TEXT NOT NULL,
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    rank INTEGER NOT NULL,
    due INTEGER,
    next INTEGER,
    fired INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    PRIMARY KEY (noun, target, name)
  ) WITHOUT ROWID`,
  'CREATE INDEX schedules_next ON schedules (next, rank, noun, name, target) WHERE next IS NOT NULL',
  'CREATE INDEX schedules_failed ON schedules (due) WHERE attempts > 0',
  // The schedules and settings that the rows of a Noun were made by, and the last entity whose rows were made again.
  'CREATE TABLE schedule_marks (noun TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, cursor TEXT) WITHOUT ROWID',
] as const

/** Version 8. */
const identity = [
  // The key with which the actor of an event called.
  'ALTER TABLE log ADD COLUMN key TEXT',
  // Secrets that prove a principal: the SHA-256 of each, and the entity that it proves, such as an `ApiKey`.
  'CREATE TABLE credentials (hash TEXT PRIMARY KEY, entity TEXT NOT NULL) WITHOUT ROWID',
  'CREATE INDEX credentials_entity ON credentials (entity)',
] as const

/** Version 9. */
const audited = [auditTable, secretsTable] as const
const sessions = [
  // Sessions of people. A session has an id of its own, which events name as their key, and ends by itself.
  'ALTER TABLE credentials ADD COLUMN id TEXT',
  'ALTER TABLE credentials ADD COLUMN ends INTEGER',
  'CREATE INDEX credentials_id ON credentials (id) WHERE id IS NOT NULL',
  'CREATE INDEX credentials_ends ON credentials (ends) WHERE ends IS NOT NULL',
] as const
const lateEvents = [
  // The events that happened before their commit, by which a past state that they belong to is found.
  'CREATE INDEX log_effective ON log (effective) WHERE effective IS NOT NULL',
] as const

/** Version 9, too. */
const authorizations = [
  // Values of services that end by themselves, such as tokens: `name` is a second name by which a value is found, `ends` the
  // time from which it does not exist, in ms, and `meta` a short string that listings have.
  'CREATE TABLE expiring_values (key TEXT PRIMARY KEY, name TEXT, value TEXT NOT NULL, ends INTEGER, meta TEXT) WITHOUT ROWID',
  'CREATE INDEX expiring_values_name ON expiring_values (name) WHERE name IS NOT NULL',
  'CREATE INDEX expiring_values_ends ON expiring_values (ends) WHERE ends IS NOT NULL',
] as const

/** Version 11. */
const nounTables = [
  // The Iceberg tables of the Nouns: where each is, and the files that its snapshots name.
  'CREATE TABLE lake_tables (noun TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE lake_table_files (key TEXT PRIMARY KEY, noun TEXT NOT NULL) WITHOUT ROWID',
]

/** Version 10, too. */
const approvals = [
  // Commits that wait for the consent of a person, or have got it or not: what a plan has, who asked, what it would do, and who
  // decided. Times are in ms.
  `CREATE TABLE approval_requests (
    id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    status TEXT NOT NULL,
    actor TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    about TEXT NOT NULL,
    request TEXT NOT NULL,
    ids TEXT NOT NULL,
    now INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    decided INTEGER,
    decided_by TEXT,
    note TEXT,
    "commit" INTEGER,
    next TEXT
  ) WITHOUT ROWID`,
  'CREATE INDEX approvals_created ON approval_requests (created)',
  'CREATE INDEX approvals_waiting ON approval_requests (status, actor)',
  // The texts of strangers by entity, field and event. Without an origin, a text of the tenant took the place of one.
  'CREATE TABLE text_origins (entity TEXT NOT NULL, field TEXT NOT NULL, seq INTEGER NOT NULL, origin TEXT, PRIMARY KEY (entity, field, seq)) WITHOUT ROWID',
] as const

/** Version 11, too. */
const imports = [
  // Files that are imported: who sent them, the job that imports them, and the names of their columns. Times are in ms.
  `CREATE TABLE import_sources (
    id TEXT PRIMARY KEY,
    actor TEXT NOT NULL,
    job TEXT,
    pieces INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    expires INTEGER,
    header TEXT NOT NULL
  ) WITHOUT ROWID`,
  'CREATE INDEX import_sources_job ON import_sources (job) WHERE job IS NOT NULL',
  // Their rows, compressed, until they are imported.
  'CREATE TABLE import_pieces (source TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (source, n))',
  'CREATE TABLE import_refused (source TEXT NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, "row" TEXT NOT NULL, PRIMARY KEY (source, n)) WITHOUT ROWID',
  // References to rows that come later in their file.
  'CREATE TABLE import_links (source TEXT NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, entity TEXT NOT NULL, field TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (source, n)) WITHOUT ROWID',
  // The names of entities in the programs that they come from.
  'CREATE TABLE import_names (noun TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (noun, name)) WITHOUT ROWID',
] as const

/** `upgrades[n]` upgrades the tables from version n to n + 1. */
const upgrades: readonly (readonly string[])[] = [
  initial,
  lake,
  actors,
  jobs,
  thin,
  transactions,
  [...business, ...scheduled],
  [...identity],
  [...audited, ...sessions, ...lateEvents, ...authorizations],
  // Version 10.
  [...erasureTables, ...approvals],
  // Version 11.
  [...nounTables, ...imports],
]

export const systemSchemaVersion = upgrades.length

/** Upgrades the tables. Throws if the database has a later version. Call it inside a transaction. */
export function upgradeSystemTables(sql: SqlStorage): void {
  const version = readSystemSchemaVersion(sql)
  if (version > systemSchemaVersion) {
    throw new Error(`this data has schema version ${version}; this program knows versions up to ${systemSchemaVersion}`)
  }
  for (const statements of upgrades.slice(version)) for (const statement of statements) sql.exec(statement)
  dropEmptyOldKeys(sql)
  sql.exec(
    "INSERT INTO meta VALUES ('schema', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    String(systemSchemaVersion),
  )
}

/** Keys of versions before 5 stay in their table until they expire. */
function dropEmptyOldKeys(sql: SqlStorage): void {
  const hasTable = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'idempotency'").toArray().length > 0
  if (!hasTable) return
  const [oldest] = sql.exec<{ at: number }>('SELECT at FROM idempotency ORDER BY at LIMIT 1').toArray()
  if (oldest === undefined) sql.exec('DROP TABLE idempotency')
  else sql.exec("INSERT OR IGNORE INTO meta VALUES ('keysSweep', ?)", String(oldest.at))
}

/** Returns 0 for a tenant that was never written to. */
export function readSystemSchemaVersion(sql: SqlStorage): number {
  const hasMeta = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'meta'").toArray().length > 0
  if (!hasMeta) return 0
  return Number(sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'").one().value)
}
