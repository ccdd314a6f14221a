// Databases of every version are upgraded. This file keeps the statements of old versions unchanged.

import type { NounSchema, Verb } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore, Maker, Robot } from '../test/flushed-store.ts'
import { toVersion5 } from '../test/to-version-5.ts'
import { nounToTable } from './state/noun-table.ts'
import { readSystemSchemaVersion, systemSchemaVersion } from './system-tables.ts'

/** The version before files. */
const version1 = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
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
  'CREATE TABLE nouns (name TEXT NOT NULL, version TEXT NOT NULL, definition TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID',
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
  'CREATE TABLE idempotency (scope TEXT PRIMARY KEY, hash TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE INDEX idempotency_at ON idempotency (at)',
  "INSERT INTO meta VALUES ('schema', '1'), ('epoch', 'e1'), ('tenant', 'acme'), ('context', 'http://localhost/~acme')",
] as const

/** The version before the index of actors. */
const version2 = [
  'CREATE TABLE lake (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE garbage (key TEXT PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE INDEX garbage_due ON garbage (due)',
  'CREATE TABLE segments (through_seq INTEGER PRIMARY KEY, after_seq INTEGER NOT NULL, file TEXT NOT NULL)',
  "UPDATE meta SET value = '2' WHERE key = 'schema'",
] as const

/** The version before stored failures of jobs. */
const version3 = [
  'CREATE TABLE actors (actor TEXT NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (actor, block)) WITHOUT ROWID',
  "UPDATE meta SET value = '3' WHERE key = 'schema'",
] as const

const idOf = (at: number): string => `robot_${String(at).padStart(12, '0')}`

/** An answered request of the time before version 5. */
const oldKey = { actor: 'user_1', key: 'old', request: 'the request' } as const
const oldHash = 'e05da7415785d85884c1170fc1d7b1a0b87056a90a312c3c2957ed0eba9571be'

/** Writes 60 robots, and then renames every third and deletes every fifth of them. */
function fill(sql: SqlStorage, statements: readonly string[]): void {
  for (const statement of statements) sql.exec(statement)
  const table = nounToTable(Robot)
  for (const definition of table.definitions) sql.exec(definition)
  sql.exec('INSERT INTO nouns VALUES (?, ?, ?, 1)', 'Robot', Robot.version, JSON.stringify(Robot))
  const atMs = futureMs - 1_000_000
  const at = new Date(atMs).toISOString()
  let seq = 0
  const hasActors = statements.some((statement) => statement.startsWith('CREATE TABLE actors'))
  const log = (event: { verb: string; id: string; version: number; name: string; changes: string | null }): number => {
    const data = `{"$type":"Robot","$id":"${event.id}","$version":${event.version},"$createdAt":"${at}","$createdBy":"user_1","$updatedAt":"${at}","name":"${event.name}"}`
    sql.exec(
      'INSERT INTO log (seq, id, type, target, version, at, actor, via, noun, data, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ++seq,
      `evt_${String(seq).padStart(12, '0')}`,
      `Robot.${event.verb}`,
      event.id,
      event.version,
      atMs,
      'user_1',
      'rest',
      Robot.version,
      data,
      event.changes,
    )
    if (hasActors) sql.exec('INSERT OR IGNORE INTO actors VALUES (?, ?)', 'user_1', Math.floor(seq / 64))
    return seq
  }
  const columns = '"$id", "$version", "$createdAt", "$createdBy", "$updatedAt", "$seq", "$text", "name:text"'
  const put = (name: string, values: (string | number)[], until?: number): void => {
    const places = [...values, ...(until === undefined ? [] : [until])]
    sql.exec(
      `INSERT INTO ${name} (${columns}${until === undefined ? '' : ', "$until"'}) VALUES (${places.map(() => '?').join(', ')})`,
      ...places,
    )
  }
  for (let robot = 0; robot < 60; robot++) {
    const id = idOf(robot)
    let name = `first ${robot}`
    let version = 1
    let made = log({ verb: 'Created', id, version, name, changes: null })
    const row = (): (string | number)[] => [id, version, atMs, 'user_1', atMs, made, made, name]
    if (robot % 3 === 0) {
      const before = row()
      const changes = JSON.stringify({ name: { from: name, to: `second ${robot}` } })
      version++
      name = `second ${robot}`
      made = log({ verb: 'Updated', id, version, name, changes })
      put(table.past, before, made)
    }
    if (robot % 5 === 0) put(table.past, row(), log({ verb: 'Deleted', id, version: version + 1, name, changes: '{}' }))
    else put(table.present, row())
  }
  sql.exec('INSERT INTO idempotency VALUES (?, ?, 1, ?)', JSON.stringify(['user_1', 'old']), oldHash, futureMs)
}

function verbOf(schema: NounSchema): Verb {
  const verb = schema.verbs['create']
  if (verb === undefined) throw new Error('no create')
  return verb
}

async function expectWhole({ store, lake }: Flushed, entities: number): Promise<void> {
  const report = await store.verify()
  expect(report.faults).toEqual([])
  expect(report.entities).toBe(entities)
  expect(lake.manifests.current.seq).toBe(store.events.head)
}

test.each([
  [1, version1],
  [2, [...version1, ...version2]],
  [3, [...version1, ...version2, ...version3]],
] as const)('a database of version %i is read, written to, flushed by itself and made again', (_, statements) =>
  inFlushedStore(
    async (flushed) => {
      const { store, storage, create, update, ring } = flushed
      expect(readSystemSchemaVersion(storage.sql)).toBe(systemSchemaVersion)
      const table = store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      expect(store.state.get(table, idOf(3))?.fields).toEqual({ name: 'second 3' })
      expect(store.state.getAsOf(table, idOf(3), 6)?.fields).toEqual({ name: 'first 3' })
      // Version 3 indexes actors, also of earlier events.
      const by = (actor: string): number => store.events.read({ after: 0, limit: 1_000, actor }).rows.length
      expect([by('user_1'), by('user_2')]).toEqual([store.events.head, 0])
      const repeated = { schema: Maker, verb: verbOf(Maker), kind: 'create', decide: () => ({ name: 'new' }) } as const
      const replayOf = (request: string) => flushed.write({ ...repeated, idempotency: { ...oldKey, request } })
      expect(await replayOf(oldKey.request)).toMatchObject({ isReplay: true, row: { seq: 1 } })
      await expect(replayOf('another')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
      for (let rings = 0; (await ring()) !== undefined; rings++) expect(rings).toBeLessThan(50)
      await expectWhole(flushed, 48)
      // The keys of earlier versions expired while the alarm rang.
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'idempotency'").toArray()).toEqual([])
      expect(flushed.lake.archive.state.position.trimmedSeq).toBeGreaterThan(0)
      await update(idOf(3), { power: 1 })
      await create({ name: 'Ada' }, Maker)
      await flushed.drain()
      await expectWhole(flushed, 49)
      await store.rebuild()
      await expectWhole(flushed, 49)
      await expectWhole(flushed.restart(), 49)
    },
    {
      prepare: ({ sql }) => fill(sql, statements),
      startMs: futureMs,
      settings: { eventsMax: 40, sealedEvents: 20, keptEvents: 10, graceMs: 1_000 },
    },
  ),
)

test('a database of version 5 with trimmed texts is read, and takes a change that undoes a commit', () =>
  inFlushedStore(
    async (flushed) => {
      const { row } = await flushed.create({ name: 'Ada' })
      for (let power = 0; power < 40; power++) await flushed.update(row.target, { power })
      await flushed.drain()
      const rowsOf = ({ store }: Flushed) => store.reading(() => store.events.read({ after: 0, limit: 100 }).rows)
      const before = await rowsOf(flushed)
      toVersion5(flushed.storage.sql)
      const upgraded = flushed.restart()
      expect(readSystemSchemaVersion(upgraded.storage.sql)).toBe(systemSchemaVersion)
      expect(await rowsOf(upgraded)).toEqual(before)
      const verb = Robot.verbs['update']
      if (verb === undefined) throw new Error('no update')
      const decide = () => ({ name: 'Ada', power: 1 })
      const undone = await upgraded.write({
        schema: Robot,
        verb,
        kind: 'change',
        target: row.target,
        decide,
        undoes: 40,
        approvedBy: 'user_2',
        atMs: 1,
      })
      expect(undone.row).toMatchObject({ undoes: 40, approvedBy: 'user_2', effectiveMs: 1 })
      expect(await rowsOf(upgraded)).toEqual([...before, undone.row])
      await upgraded.drain()
      await expectWhole(upgraded, 1)
      await upgraded.store.rebuild()
      await expectWhole(upgraded.restart(), 1)
    },
    { startMs: futureMs, settings: { eventsMax: 40, sealedEvents: 10, keptEvents: 10, graceMs: 1_000 } },
  ))
