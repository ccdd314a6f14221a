// Commits of several changes: all of them or none, whatever throws, and whoever else commits in the same group.

import { expect, test } from 'vitest'
import { seededRandom } from '@dotdo/db'
import { assert, type EntityFields, ObjectError } from 'digital-objects'
import { type Flushed, futureMs, inFlushedStore, Maker, Robot } from '../../test/flushed-store.ts'
import type { Change } from './change.ts'
import type { Committing, CommitWork } from './commit.ts'

const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

function changeOf(schema: typeof Robot, fields: EntityFields, target?: string): Change {
  const verb = schema.verbs[target === undefined ? 'create' : 'update']
  assert(verb !== undefined, 'the Noun has the verb')
  const kind = target === undefined ? 'create' : 'change'
  return {
    schema,
    verb,
    kind,
    ...(target === undefined ? {} : { target }),
    actor: 'user_1',
    via: 'rest',
    decide: ({ current }) => ({ mood: 'Calm', ...current, ...fields }),
  }
}

function removalOf(target: string): Change {
  const verb = Robot.verbs['delete']
  assert(verb !== undefined, 'a robot can be deleted')
  return { schema: Robot, verb, kind: 'remove', target, actor: 'user_1', via: 'rest', decide: () => ({}) }
}

/** Every row of every table, apart from the shadow tables of the full text. */
function dump({ storage }: Flushed): string {
  const query =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%/text%' AND name NOT LIKE '_cf%'"
  const names = [...storage.sql.exec<{ name: string }>(query)].map(({ name }) => name)
  return JSON.stringify(names.map((name) => [name, [...storage.sql.exec(`SELECT * FROM "${name}"`).raw()]]))
}

const codeOf = (error: unknown): string => (error instanceof ObjectError ? error.code : 'bug')

test('a commit has one number and one timestamp, and its changes see each other', () =>
  inFlushedStore(async ({ store, create, clock }) => {
    await create({ name: 'first' })
    const committed = await store.commit(
      (commit) => {
        const maker = commit.write(changeOf(Maker, { name: 'Acme' })).row.target
        clock.ms += 5
        const robot = commit.write(changeOf(Robot, { name: 'a', serial: '1', maker })).row.target
        commit.write(changeOf(Robot, { power: 2 }, robot))
        return { robot, number: commit.number }
      },
      { tenant },
    )
    const { rows } = store.events.read({ after: 0, limit: 10 })
    expect(rows.map(({ seq, commit, type, version }) => [seq, commit, type, version])).toEqual([
      [1, 1, 'Robot.Created', 1],
      [2, 2, 'Maker.Created', 1],
      [3, 2, 'Robot.Created', 1],
      [4, 2, 'Robot.Updated', 2],
    ])
    expect(new Set(rows.slice(1).map(({ atMs }) => atMs)).size).toBe(1)
    expect(committed).toMatchObject({ commit: 2, isReplay: false, result: { number: 2 } })
    expect(store.events.commitEnd(2)).toBe(4)
  }))

test('a throw leaves nothing: no row, no table, no alarm, and the other commits of the group remain', () =>
  inFlushedStore(
    async (flushed) => {
      const { store, create, storage } = flushed
      await create({ name: 'first' })
      const before = dump(flushed)
      const failing =
        (error: () => Error): CommitWork<null> =>
        (commit) => {
          const maker = commit.write(changeOf(Maker, { name: 'Acme' })).row.target
          commit.write(changeOf(Robot, { name: 'a', serial: '1', maker }))
          throw error()
        }
      const refuse = failing(() => new ObjectError({ code: 'conflict', message: 'no' }))
      expect(await store.commit(refuse, { tenant }).catch(codeOf)).toBe('conflict')
      expect(dump(flushed)).toBe(before)
      expect(store.state.hasTable('Maker')).toBe(false)
      const outcomes = await Promise.all([
        store.write(changeOf(Robot, { name: 'x', serial: '1' }), tenant).then(({ row }) => row.seq),
        store.commit(refuse, { tenant }).catch(codeOf),
        store
          .commit(
            (): never => {
              throw new Error('bug')
            },
            { tenant },
          )
          .catch(codeOf),
        store.commit((commit) => commit.write(changeOf(Robot, { name: 'y', serial: '2' })).row.seq, { tenant }),
        store.write(changeOf(Robot, { name: 'z', serial: '2' }), tenant).catch(codeOf),
      ])
      expect(outcomes).toMatchObject([2, 'conflict', 'bug', { result: 3, commit: 3 }, 'conflict'])
      expect(store.state.hasTable('Maker')).toBe(false)
      expect(await storage.getAlarm()).not.toBeNull()
    },
    { startMs: futureMs },
  ))

test('a bug in a commit is its own: the others of its group are performed once, and it cannot be written to afterwards', () =>
  inFlushedStore(async ({ store, create }) => {
    await create({ name: 'first' })
    let decided = 0
    const counted = { ...changeOf(Robot, { name: 'a' }), decide: () => ({ name: `a${++decided}`, mood: 'Calm' }) }
    let leaked: Committing | undefined
    const outcomes = await Promise.all([
      store.write(counted, tenant).then(({ row }) => row.seq),
      store
        .commit(
          (commit): never => {
            leaked = commit
            commit.write(changeOf(Robot, { name: 'b' }))
            throw new Error('bug')
          },
          { tenant },
        )
        .catch(codeOf),
      store.write(counted, tenant).then(({ row }) => row.seq),
    ])
    expect([outcomes, decided]).toEqual([[2, 'bug', 3], 2])
    expect(() => leaked?.write(counted)).toThrow('a commit is written to only by its work')
    expect(store.events.head).toBe(3)
  }))

test('a refused change inside a commit leaves nothing, and the commit may go on', () =>
  inFlushedStore(async ({ store, create }) => {
    await create({ name: 'first', serial: '1' })
    const { result } = await store.commit(
      (commit) => {
        const codes = [{ serial: '1' }, { serial: '2' }, { serial: '2' }].map((fields) => {
          try {
            return commit.write(changeOf(Robot, { name: 'a', ...fields })).row.seq
          } catch (error) {
            return codeOf(error)
          }
        })
        return codes
      },
      { tenant },
    )
    expect(result).toEqual(['conflict', 2, 'conflict'])
    expect(store.events.head).toBe(2)
  }))

test('the limits of changes and characters refuse a commit as a whole', () =>
  inFlushedStore(async (flushed) => {
    const { store, create } = flushed
    await create({ name: 'first' })
    const before = dump(flushed)
    const many =
      (count: number, name: string): CommitWork<number> =>
      (commit) => {
        for (let at = 0; at < count; at++) commit.write(changeOf(Robot, { name }))
        return count
      }
    expect(await store.commit(many(1_001, 'x'), { tenant }).catch(codeOf)).toBe('payload_too_large')
    expect(await store.commit(many(11, 'x'.repeat(900_000)), { tenant }).catch(codeOf)).toBe('payload_too_large')
    expect(dump(flushed)).toBe(before)
    expect(await store.commit(many(1_000, 'x'), { tenant })).toMatchObject({ commit: 2, result: 1_000 })
    expect(store.events.commitEnd(2)).toBe(1_001)
  }))

test('an idempotency key covers the whole commit, also one that changes nothing, and expires with its result', () =>
  inFlushedStore(
    async ({ store, create, clock, parts, storage }) => {
      await create({ name: 'first' })
      let runs = 0
      const send = (request: string, fields: readonly EntityFields[], at = 0) =>
        store
          .commit(
            (commit) => {
              runs++
              if (at < 0) throw new ObjectError({ code: 'conflict', message: 'refused' })
              return fields.map((each) => commit.write(changeOf(Robot, each)).row.target)
            },
            { tenant, idempotency: { actor: 'user_1', key: request.slice(0, 1), request } },
          )
          .catch(codeOf)
      expect(await send('a', [{ name: 'a' }], -1)).toBe('conflict')
      const first = await send('a', [{ name: 'a' }, { name: 'b' }])
      expect(first).toMatchObject({ commit: 2, isReplay: false })
      expect(await send('a', [{ name: 'c' }])).toEqual({ ...(first as object), written: [], isReplay: true })
      expect(await send('another', [])).toBe('idempotency_mismatch')
      expect(await send('b', [])).toMatchObject({ commit: undefined, result: [], isReplay: false })
      expect(await send('b', [{ name: 'd' }])).toMatchObject({ commit: undefined, result: [], isReplay: true })
      expect([runs, store.events.head]).toEqual([3, 3])
      clock.ms += 9 * 86_400_000
      await parts.runner.run('idempotency-keys')
      expect(storage.sql.exec('SELECT 1 FROM idempotency_results').toArray()).toEqual([])
      expect(await send('a', [{ name: 'c' }])).toMatchObject({ commit: 4, isReplay: false })
    },
    { startMs: futureMs },
  ))

test('a preferred time is used unless the log or a read of the past has passed it', () =>
  inFlushedStore(async ({ store, create, clock }) => {
    await create({ name: 'first' })
    const started = clock.ms + 10
    clock.ms += 1_000
    const write = (commit: Committing): number => commit.write(changeOf(Robot, { name: 'a' })).row.atMs
    expect((await store.commit(write, { tenant, atMs: started })).result).toBe(started)
    store.sealAt(started + 20)
    expect((await store.commit(write, { tenant, atMs: started + 10 })).result).toBe(started + 21)
    expect((await store.commit(write, { tenant, atMs: clock.ms + 1_000 })).result).toBe(clock.ms)
  }))

test(`generated commits and dry runs do what a model does, and a new process reads the same (seed ${seed})`, () =>
  inFlushedStore(
    async (first) => {
      const random = seededRandom(seed)
      let flushed = first
      const model = new Map<string, EntityFields>()
      const pick = <Value>(values: readonly Value[]): Value | undefined => values[Math.floor(random() * values.length)]
      let commits = 0
      for (let round = 0; round < 120; round++) {
        const { store } = flushed
        const isDryRun = random() < 0.3 && store.isReady
        const isFailing = random() < 0.3
        const next = new Map(model)
        const before = dump(flushed)
        const work: CommitWork<number> = (commit) => {
          const changes = 1 + Math.floor(random() * 6)
          for (let at = 0; at < changes; at++) {
            const target = pick([...next.keys()])
            const fields = { name: `n${Math.floor(random() * 5)}`, power: Math.floor(random() * 5) }
            const written =
              target === undefined || random() < 0.4
                ? commit.write(changeOf(Robot, fields))
                : commit.write(random() < 0.3 ? removalOf(target) : changeOf(Robot, fields, target))
            if (written.kind === 'deleted') next.delete(written.row.target)
            else next.set(written.row.target, { mood: 'Calm', ...fields })
          }
          if (isFailing) throw new ObjectError({ code: 'conflict', message: 'no' })
          return store.state.countPresent(store.state.tableOf(Robot))
        }
        const outcome = await store.commit(work, { tenant, isDryRun }).catch(codeOf)
        if (isFailing) expect(outcome).toBe('conflict')
        else expect(outcome).toMatchObject({ result: next.size })
        if (isFailing || isDryRun) {
          if (store.isReady && commits > 0) expect(dump(flushed)).toBe(before)
        } else {
          commits++
          model.clear()
          for (const [id, fields] of next) model.set(id, fields)
        }
        if (random() < 0.2) flushed = flushed.restart()
        const table = flushed.store.state.tableOf(Robot)
        for (const [id, fields] of model) expect(flushed.store.state.get(table, id)?.fields).toEqual(fields)
        expect(flushed.store.state.countPresent(table)).toBe(model.size)
        flushed.clock.ms += 1
      }
      const { rows } = flushed.store.events.read({ after: 0, limit: 10_000 })
      for (const { seq, commit } of rows) expect(commit === seq || rows[seq - 2]?.commit === commit).toBe(true)
      expect(new Set(rows.map(({ commit }) => commit)).size).toBeLessThanOrEqual(commits)
    },
    { startMs: futureMs },
  ))
