// The guarantees of the write path, in a real Durable Object with a real SQLite.

import { env, runInDurableObject } from 'cloudflare:test'
import {
  applyDefaults,
  type EntityFields,
  idMaker,
  Noun,
  type NounSchema,
  ObjectError,
  validateCreate,
} from 'digital-objects'
import { describe, expect, test } from 'vitest'
import type { Change, Written } from './write/change.ts'
import { type AfterHandler, type Hooks, noHooks } from './write/hooks.ts'
import { versionsAsOf } from './state/versions-as-of.ts'
import { TenantStore } from './tenant-store.ts'

const Robot = Noun('Robot', {
  name: 'string!',
  serial: 'string?##',
  power: 'number?',
  maker: '-> Maker.robots',
  mood: 'Calm | Angry',
  calm: 'Calmed',
}).$schema
const Maker = Noun('Maker', { name: 'string!', robots: '<- Robot.maker[]' }).$schema
const schemas: readonly NounSchema[] = [Robot, Maker]
const tenantName = { name: 'test', context: 'http://localhost/~test' }

interface Bench {
  readonly store: TenantStore
  readonly state: DurableObjectState
  readonly told: Written[][]
  clock: { ms: number }
}

/** Runs a test with a new store in a new object. */
function inStore<Result>(
  work: (bench: Bench) => Promise<Result>,
  options: { hooks?: Hooks; lookup?: readonly NounSchema[] } = {},
): Promise<Result> {
  const stub = env.BARE.get(env.BARE.newUniqueId())
  return runInDurableObject(stub, (_, state) => work(makeBench(state, options)))
}

function makeBench(state: DurableObjectState, options: { hooks?: Hooks; lookup?: readonly NounSchema[] } = {}): Bench {
  const told: Written[][] = []
  const clock = { ms: 1_800_000_000_000 }
  const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
  const all = options.lookup ?? schemas
  const store = new TenantStore({
    storage: state.storage,
    nouns: all,
    hooks: options.hooks ?? noHooks,
    validate: (schema, fields) => checked(schema, fields),
    makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
    makeEpoch: () => 'e1',
    now: () => clock.ms,
    log: () => {},
    committed: (written) => told.push([...written]),
  })
  return { store, state, told, clock }
}

function checked(schema: NounSchema, fields: EntityFields): EntityFields {
  const validated = validateCreate(schema, fields)
  if (validated.ok) return validated.fields
  throw new ObjectError({ code: 'validation_error', message: 'not valid', faults: validated.faults })
}

function create(fields: EntityFields, schema: NounSchema = Robot, extra: Partial<Change> = {}): Change {
  const verb = schema.verbs['create']
  if (verb === undefined) throw new Error('no create')
  return {
    schema,
    verb,
    kind: 'create',
    actor: 'user_1',
    via: 'rest',
    decide: () => checked(schema, applyDefaults(schema, fields)),
    ...extra,
  }
}

function change(target: string, fields: EntityFields, extra: Partial<Change> = {}): Change {
  const verb = Robot.verbs['update']
  if (verb === undefined) throw new Error('no update')
  return {
    schema: Robot,
    verb,
    kind: 'change',
    target,
    actor: 'user_1',
    via: 'rest',
    decide: ({ current }) => ({ ...current, ...fields }),
    ...extra,
  }
}

function remove(target: string): Change {
  const verb = Robot.verbs['delete']
  if (verb === undefined) throw new Error('no delete')
  return {
    schema: Robot,
    verb,
    kind: 'remove',
    target,
    actor: 'user_1',
    via: 'rest',
    decide: ({ current }) => current ?? {},
  }
}

const failure = (work: Promise<unknown>): Promise<ObjectError> =>
  work.then(
    () => Promise.reject(new Error('was not refused')),
    (error: ObjectError) => error,
  )

describe('a group commit', () => {
  test('takes all waiting writes in order, and a failing one leaves nothing behind and does not affect the others', () =>
    inStore(async ({ store, state, told }) => {
      const writes = [
        store.write(create({ name: 'a', serial: '1' }), tenantName),
        store.write(create({ name: 'b', serial: '1' }), tenantName),
        store.write(create({ name: 'c', maker: 'maker_000000000000' }), tenantName),
        store.write(create({ name: 'd' }), tenantName),
      ]
      const outcomes = await Promise.allSettled(writes)
      expect(
        outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? outcome.value.row.seq : (outcome.reason as ObjectError).code,
        ),
      ).toEqual([1, 'conflict', 'invalid_reference', 2])
      expect(store.events.head).toBe(2)
      expect(state.storage.sql.exec('SELECT count(*) AS n FROM "Robot"').one()).toEqual({ n: 2 })
      await state.storage.sync()
      expect(told.flat().map(({ row }) => row.seq)).toEqual([1, 2])
    }))

  test('a fault in the middle of a write leaves no event without its state', () =>
    inStore(async ({ store, state }) => {
      await store.write(create({ name: 'a' }), tenantName)
      state.storage.sql.exec(
        'CREATE TRIGGER broken BEFORE INSERT ON "Robot" WHEN new."name:text" = \'poison\' BEGIN SELECT raise(ABORT, \'disk\'); END',
      )
      const outcomes = await Promise.allSettled([
        store.write(create({ name: 'poison' }), tenantName),
        store.write(create({ name: 'fine' }), tenantName),
      ])
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled'])
      expect(
        state.storage.sql.exec("SELECT seq, json_extract(data, '$.name') AS name FROM log ORDER BY seq").toArray(),
      ).toEqual([
        { seq: 1, name: 'a' },
        { seq: 2, name: 'fine' },
      ])
    }))

  test('writers above the limit are refused, and the waiting ones succeed', () =>
    inStore(async ({ store }) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 4_200 }, (_, at) => store.write(create({ name: `r${at}` }), tenantName)),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.every((outcome) => (outcome.reason as ObjectError).code === 'overloaded')).toBe(true)
      expect(store.events.head).toBe(4_200 - refused.length)
    }))
})

describe('versions and timestamps', () => {
  test('a write on a stale version is refused and emits nothing', () =>
    inStore(async ({ store }) => {
      const { row } = await store.write(create({ name: 'a' }), tenantName)
      await store.write(change(row.target, { power: 1 }, { ifVersion: 1 }), tenantName)
      expect(await failure(store.write(change(row.target, { power: 2 }, { ifVersion: 1 }), tenantName))).toMatchObject({
        code: 'version_conflict',
        detail: { currentVersion: 2 },
      })
      expect(store.events.head).toBe(2)
    }))

  test('of many writers that expect the same version, one succeeds', () =>
    inStore(async ({ store }) => {
      const { row } = await store.write(create({ name: 'a' }), tenantName)
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, power) =>
          store.write(change(row.target, { power }, { ifVersion: 1 }), tenantName),
        ),
      )
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    }))

  test('timestamps in the log never decrease, whatever the clock does', () =>
    inStore(async ({ store, clock }) => {
      await store.write(create({ name: 'a' }), tenantName)
      clock.ms -= 60_000
      const { row } = await store.write(create({ name: 'b' }), tenantName)
      expect(row.atMs).toBe(1_800_000_000_000)
    }))

  test('a time that was read is sealed, also after a restart with a clock that was set back', () =>
    inStore(async ({ store, state, clock }) => {
      await store.write(create({ name: 'a' }), tenantName)
      clock.ms += 500
      expect(store.sealAt(clock.ms)).toBe(1)
      const again = makeBench(state)
      again.clock.ms -= 60_000
      const { row } = await again.store.write(create({ name: 'b' }), tenantName)
      expect(row.atMs).toBe(clock.ms + 1)
      expect(again.store.sealAt(clock.ms)).toBe(1)
      expect(() => again.store.sealAt(clock.ms + 10_000)).toThrow('a past time')
    }))

  test('an entity is found in its state at every seq of its lifetime, and not before or after', () =>
    inStore(async ({ store, state }) => {
      const { row } = await store.write(create({ name: 'a' }), tenantName)
      await store.write(create({ name: 'other' }), tenantName)
      for (const power of [1, 2]) await store.write(change(row.target, { power }), tenantName)
      await store.write(remove(row.target), tenantName)
      const table = store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      const others = [row.target, 'robot_none']
      for (const seq of [0, 1, 2, 3, 4, 5])
        expect(
          versionsAsOf(
            state.storage.sql,
            table,
            others.map((id) => ({ id, seq })),
          ).get(row.target),
        ).toEqual(store.state.getAsOf(table, row.target, seq))
      const seen = [0, 1, 2, 3, 4, 5].map(
        (seq) =>
          store.state.getAsOf(table, row.target, seq)?.fields['power'] ??
          (store.state.getAsOf(table, row.target, seq) === undefined ? 'absent' : 'none'),
      )
      expect(seen).toEqual(['absent', 'none', 'none', 1, 2, 'absent'])
      expect(store.state.eventSeqs(table, { id: row.target, after: 0, limit: 10 })).toEqual([1, 3, 4, 5])
    }))

  test('an object continues its log after a restart', () =>
    inStore(async ({ store, state }) => {
      const { row } = await store.write(create({ name: 'a' }), tenantName)
      const again = makeBench(state)
      expect(again.store.bookmark).toBe(store.bookmark)
      const { row: next } = await again.store.write(change(row.target, { power: 1 }), tenantName)
      expect([next.seq, next.version]).toEqual([2, 2])
    }))
})

describe('definitions', () => {
  test('a Noun with the maximum number of fields can be written, changed and read', () => {
    const Wide = Noun('Wide', Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`f${at}`, 'string?']))).$schema
    return inStore(
      async ({ store }) => {
        const fields = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`f${at}`, `v${at}`]))
        const { row } = await store.write(create(fields, Wide), tenantName)
        const changed = Object.fromEntries(Object.keys(fields).map((name) => [name, 'w']))
        const verb = Wide.verbs['update']
        if (verb === undefined) throw new Error('no update')
        await store.write(
          { schema: Wide, verb, kind: 'change', target: row.target, actor: 'a', via: 'rest', decide: () => changed },
          tenantName,
        )
        const table = store.state.table('Wide')
        expect(table === undefined ? undefined : store.state.get(table, row.target)?.fields).toEqual(changed)
      },
      { lookup: [Wide] },
    )
  })

  test('an added field, and a field with a new type, get new columns, and old values can still be read', () =>
    inStore(async ({ store, state }) => {
      const { row } = await store.write(create({ name: 'a', power: 3 }), tenantName)
      const Newer = Noun('Robot', { name: 'string!', power: 'string?', colour: 'string?#' }).$schema
      const again = makeBench(state, { lookup: [Newer] })
      const verb = Newer.verbs['update']
      if (verb === undefined) throw new Error('no update')
      await again.store.write(
        {
          schema: Newer,
          verb,
          kind: 'change',
          target: row.target,
          actor: 'a',
          via: 'rest',
          decide: ({ current }) => ({ ...current, power: 'high', colour: 'red' }),
        },
        tenantName,
      )
      const table = again.store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      expect(again.store.state.get(table, row.target)?.fields).toEqual({ name: 'a', power: 'high', colour: 'red' })
      expect(again.store.state.getAsOf(table, row.target, 1)?.fields).toEqual({ name: 'a' })
      expect(JSON.parse(again.store.events.at(1)?.data ?? '')).toMatchObject({ power: 3 })
      expect(state.storage.sql.exec('SELECT count(*) AS n FROM nouns').one()).toEqual({ n: 2 })
    }))

  test('a definition that changes while the object runs applies from the next write on, and so does a restored one', () => {
    const Unique = Noun('Robot', { name: 'string!##', power: 'string?', colour: 'string?#' }).$schema
    const program: NounSchema[] = [Robot]
    return inStore(
      async ({ store, state }) => {
        const indexes = (): unknown =>
          state.storage.sql
            .exec("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'Robot' AND sql LIKE '%UNIQUE%'")
            .toArray()
        const first = (await store.write(create({ name: 'a', serial: '1', power: 3 }), tenantName)).row.target
        expect(indexes()).toEqual([{ name: 'Robot.serial:text' }])
        program[0] = Unique
        store.catalog.follow()
        expect(indexes()).toEqual([{ name: 'Robot.name:text' }])
        const second = (await store.write(create({ name: 'b', power: 'high', colour: 'red' }, Unique), tenantName)).row
          .target
        expect(await failure(store.write(create({ name: 'a' }, Unique), tenantName))).toMatchObject({
          code: 'conflict',
        })
        expect(await failure(store.write(create({ name: 'c' }), tenantName))).toMatchObject({
          message: expect.stringContaining('by the definition in use'),
        })
        const fieldsOf = (schema: NounSchema, id: string) => store.state.get(store.state.tableOf(schema), id)?.fields
        expect([fieldsOf(Unique, first), fieldsOf(Unique, second)]).toEqual([
          { name: 'a' },
          { name: 'b', power: 'high', colour: 'red' },
        ])
        program[0] = Robot
        store.catalog.follow()
        expect(indexes()).toEqual([{ name: 'Robot.serial:text' }])
        expect(await failure(store.write(create({ name: 'a', serial: '1' }), tenantName))).toMatchObject({
          code: 'conflict',
        })
        await store.write(create({ name: 'a', serial: '2', power: 4 }), tenantName)
        expect(fieldsOf(Robot, first)).toEqual({ name: 'a', serial: '1', power: 3 })
        expect(fieldsOf(Robot, second)).toEqual({ name: 'b' })
        expect(store.state.getAsOf(store.state.tableOf(Unique), second, 2)?.fields).toMatchObject({ colour: 'red' })
        // The second definition makes a field unique that has duplicates, which it refuses from the next write on.
        program[0] = Unique
        store.catalog.follow()
        expect(indexes()).toEqual([])
        expect(await failure(store.write(create({ name: 'a' }, Unique), tenantName))).toMatchObject({
          code: 'conflict',
        })
      },
      { lookup: program },
    )
  })

  test('added and removed fields are absent from entities that were not written since', () =>
    inStore(async ({ store, state }) => {
      const { row } = await store.write(create({ name: 'a', power: 3 }), tenantName)
      const { row: second } = await store.write(change(row.target, { power: 4 }), tenantName)
      const Newer = Noun('Robot', {
        name: 'string!',
        power: 'string?',
        colour: 'string?#',
        madeAt: 'datetime?',
      }).$schema
      const again = makeBench(state, { lookup: [Newer] })
      const table = again.store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      expect(again.store.state.get(table, row.target)?.fields).toEqual({ name: 'a' })
      expect(again.store.state.getAsOf(table, row.target, 1)?.fields).toEqual({ name: 'a' })
      const text = JSON.parse(again.store.presentText(table, row.target)?.text ?? '')
      expect(Object.entries(text).filter(([field]) => !field.startsWith('$'))).toEqual([['name', 'a']])
      expect(text).toMatchObject({ $version: second.version, $type: 'Robot' })
    }))

  test('a restored field has its values in the past, and in entities that were not changed without it', () =>
    inStore(async ({ store, state }) => {
      const [changed, kept, gone] = [
        (await store.write(create({ name: 'changed', power: 1 }), tenantName)).row.target,
        (await store.write(create({ name: 'kept', power: 2 }), tenantName)).row.target,
        (await store.write(create({ name: 'gone', power: 3 }), tenantName)).row.target,
      ]
      const Without = Noun('Robot', { name: 'string!' }).$schema
      const between = makeBench(state, { lookup: [Without] })
      const verb = Without.verbs['update']
      if (verb === undefined) throw new Error('no update')
      await between.store.write(
        {
          schema: Without,
          verb,
          kind: 'change',
          target: changed,
          actor: 'a',
          via: 'rest',
          decide: ({ current }) => ({ ...current, name: 'renamed' }),
        },
        tenantName,
      )
      await between.store.write({ ...remove(gone), schema: Without }, tenantName)
      const again = makeBench(state)
      const table = again.store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      const fieldsAt = (id: string, seq: number) => again.store.state.getAsOf(table, id, seq)?.fields
      expect(fieldsAt(changed, 5)).toEqual({ name: 'renamed' })
      expect(fieldsAt(kept, 5)).toMatchObject({ name: 'kept', power: 2 })
      expect([fieldsAt(changed, 3), fieldsAt(gone, 3)]).toMatchObject([{ power: 1 }, { power: 3 }])
      expect(fieldsAt(gone, 5)).toBe(undefined)
    }))

  test('the data of a later version is refused', () =>
    inStore(async ({ store, state }) => {
      await store.write(create({ name: 'a' }), tenantName)
      state.storage.sql.exec("UPDATE meta SET value = '99' WHERE key = 'schema'")
      expect(() => makeBench(state)).toThrow('schema version 99')
    }))

  test('the stored format is the documented one', () =>
    inStore(async ({ store, state }) => {
      await store.write(create({ name: 'a' }), tenantName)
      const tables = state.storage.sql
        .exec(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
        )
        .toArray()
      expect(tables.map(({ name }) => name)).toMatchSnapshot()
      const [log] = state.storage.sql
        .exec("SELECT group_concat(name || ' ' || type, ', ') AS columns FROM pragma_table_info('log')")
        .toArray()
      expect(log).toMatchSnapshot()
      expect(
        state.storage.sql
          .exec("SELECT group_concat(name || ' ' || type, ', ') AS columns FROM pragma_table_info('Robot/past')")
          .one(),
      ).toMatchSnapshot()
      expect(
        state.storage.sql
          .exec(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name LIKE 'Robot%' AND sql IS NOT NULL ORDER BY name",
          )
          .toArray(),
      ).toMatchSnapshot()
    }))
})

describe('hooks', () => {
  test('BEFORE hooks transform in order or refuse, see a consistent state, and their results are validated', () => {
    const hooks: Hooks = {
      after: [],
      before: [
        {
          id: 'trim',
          applies: (noun, verb) => noun === 'Robot' && verb === 'create',
          run: (fields) => ({ ...fields, name: String(fields['name']).trim() }),
        },
        {
          id: 'no-evil',
          applies: () => true,
          run: (fields) => {
            if (fields['name'] === 'evil') throw new ObjectError({ code: 'hook_rejected', message: 'no evil robots' })
            return fields['name'] === 'broken' ? { ...fields, power: 'much' } : undefined
          },
        },
      ],
    }
    return inStore(
      async ({ store }) => {
        const { row } = await store.write(create({ name: '  a ' }), tenantName)
        expect(JSON.parse(row.data)).toMatchObject({ name: 'a' })
        expect(await failure(store.write(create({ name: ' evil ' }), tenantName))).toMatchObject({
          code: 'hook_rejected',
        })
        expect(await failure(store.write(create({ name: 'broken' }), tenantName))).toMatchObject({
          code: 'validation_error',
        })
        expect(store.events.head).toBe(1)
      },
      { hooks },
    )
  })

  test('AFTER handlers run in order for their entity, and a failing one is retried, then parked, and blocks no other', () => {
    const ran: string[] = []
    const hooks: Hooks = {
      before: [],
      after: [
        {
          id: 'note',
          handles: () => true,
          run: (event) => {
            const { name, power } = event.data as { name?: string; power?: number }
            ran.push(`${name} ${power ?? 0}`)
            return name === 'bad' ? Promise.reject(new Error('cannot')) : Promise.resolve()
          },
        },
      ],
    }
    return inStore(
      async ({ store, state, clock }) => {
        const [bad, good] = await Promise.all([
          store.write(create({ name: 'bad' }), tenantName),
          store.write(create({ name: 'good' }), tenantName),
        ])
        for (const power of [1, 2]) await store.write(change(good.row.target, { power }), tenantName)
        await store.write(change(bad.row.target, { power: 1 }), tenantName)
        await store.runOutbox()
        expect(ran).toEqual(['bad 0', 'good 0', 'good 1', 'good 2'])
        for (let attempt = 0; attempt < 12; attempt++) {
          clock.ms += 60 * 60_000
          await store.runOutbox()
        }
        const rows = state.storage.sql.exec('SELECT handler, target, parked, error FROM outbox ORDER BY id').toArray()
        expect(rows).toEqual(
          [bad.row.target, bad.row.target].map((target) => ({ handler: 'note', target, parked: 1, error: 'cannot' })),
        )
        expect(ran.filter((line) => line === 'bad 0')).toHaveLength(6)
        expect(await state.storage.getAlarm()).toBeNull()
      },
      { hooks },
    )
  })

  test('what a handler that comes and goes has failed at is parked, and a replay makes it good once and in order', () => {
    const ran: string[] = []
    let isDown = true
    const run: AfterHandler['run'] = ({ data }) => {
      if (isDown) return Promise.reject(new Error('not yet'))
      const { name, power } = data as { name?: string; power?: number }
      ran.push(`${name} ${power ?? 0}`)
      return Promise.resolve()
    }
    const changing = { prefix: 'kind:', handling: () => ['one'], find: () => ({ run }) }
    return inStore(
      async ({ store, clock }) => {
        const made = await store.write(create({ name: 'a' }), tenantName)
        await store.write(change(made.row.target, { power: 1 }), tenantName)
        await store.write(create({ name: 'b' }), tenantName)
        for (let attempt = 0; attempt < 20; attempt++) {
          await store.runOutbox()
          clock.ms += 60 * 60_000
        }
        expect([store.outboxCounts(), ran]).toEqual([{ waiting: 0, parked: 3 }, []])
        isDown = false
        // Later events are not held up by a parked one.
        await store.write(create({ name: 'c' }), tenantName)
        await store.runOutbox()
        expect(ran).toEqual(['c 0'])
        expect(store.outbox.replay('kind:another')).toBe(0)
        expect(store.outbox.replay('kind:one')).toBe(3)
        await store.runOutbox()
        expect(ran.slice(1)).toEqual(['a 0', 'b 0', 'a 1'])
        expect([store.outboxCounts(), store.outbox.replay('kind:one')]).toEqual([{ waiting: 0, parked: 0 }, 0])
      },
      { hooks: { before: [], after: [], changingAfter: [changing] } },
    )
  })

  test('a handler is retried by its own rule', () => {
    let attempts = 0
    const run = (): Promise<void> => Promise.reject(new Error(`attempt ${++attempts}`))
    const retry = { firstMs: 3_000, factor: 10, maxMs: 20_000, attemptsMax: 4 }
    const hooks: Hooks = { before: [], after: [{ id: 'note', handles: () => true, run, retry }] }
    return inStore(
      async ({ store, state, clock }) => {
        clock.ms = Date.UTC(2040, 0)
        await store.write(create({ name: 'a' }), tenantName)
        const waits: number[] = []
        for (;;) {
          await store.runOutbox()
          const alarmMs = await state.storage.getAlarm()
          if (alarmMs === null) break
          expect(store.jobs().find(({ name }) => name === 'outbox')?.failure).toEqual({
            message: `handler 'note': attempt ${attempts}`,
            attempts,
            nextTry: new Date(alarmMs).toISOString(),
          })
          waits.push(alarmMs - clock.ms)
          clock.ms = alarmMs
        }
        expect(waits).toEqual([3_000, 20_000, 20_000])
        expect(store.jobs().find(({ name }) => name === 'outbox')).toMatchObject({ state: 'idle', parked: 1 })
      },
      { hooks },
    )
  })

  test('while rows wait for a failed one, the alarm is set for its retry and not for now', () => {
    const hooks: Hooks = {
      before: [],
      after: [{ id: 'note', handles: () => true, run: () => Promise.reject(new Error('cannot')) }],
    }
    return inStore(
      async ({ store, state, clock }) => {
        clock.ms = Date.UTC(2040, 0)
        const { row } = await store.write(create({ name: 'a' }), tenantName)
        for (const power of [1, 2]) await store.write(change(row.target, { power }), tenantName)
        await store.runOutbox()
        expect(await state.storage.getAlarm()).toBe(clock.ms + 500)
      },
      { hooks },
    )
  })

  test('a step ends even if handlers keep adding work, and an alarm is set for the rest', () => {
    let ran = 0
    let write: (() => Promise<unknown>) | undefined
    let pass: (() => void) | undefined
    const run = async (): Promise<void> => {
      pass?.()
      if (++ran < 1_000) await write?.()
    }
    const hooks: Hooks = { before: [], after: [{ id: 'more', handles: () => true, run }] }
    return inStore(
      async ({ store, state, clock }) => {
        clock.ms = Date.UTC(2040, 0)
        write = () => store.write(create({ name: 'a' }), tenantName)
        pass = () => (clock.ms += 100)
        await write()
        await store.alarm()
        expect(ran).toBe(100)
        expect(await state.storage.getAlarm()).toBeLessThanOrEqual(clock.ms)
      },
      { hooks },
    )
  })

  test('rows survive an object that dies before their handlers run, and an alarm is set for them', () => {
    const ran: string[] = []
    const hooks: Hooks = {
      before: [],
      after: [{ id: 'note', handles: () => true, run: (event) => Promise.resolve(void ran.push(event.type)) }],
    }
    return inStore(
      async ({ store, state }) => {
        await store.write(create({ name: 'a' }), tenantName)
        expect(await state.storage.getAlarm()).not.toBeNull()
        const again = makeBench(state, { hooks })
        await again.store.runOutbox()
        expect(ran).toEqual(['Robot.Created'])
        await again.store.runOutbox()
        expect(ran).toHaveLength(1)
      },
      { hooks },
    )
  })
})

describe('keys', () => {
  test('a key is valid for seven days and for one request', () =>
    inStore(async ({ store, clock }) => {
      const keyed = (request: string): Change =>
        create({ name: 'a' }, Robot, { idempotency: { actor: 'user_1', key: 'k', request } })
      const first = await store.write(keyed('h'), tenantName)
      expect(await store.write(keyed('h'), tenantName)).toMatchObject({ isReplay: true, row: { seq: first.row.seq } })
      expect(await failure(store.write(keyed('other'), tenantName))).toMatchObject({ code: 'idempotency_mismatch' })
      clock.ms += (7 * 24 * 60 * 60 + 1) * 1_000
      expect(await store.write(keyed('other'), tenantName)).toMatchObject({ isReplay: false, row: { seq: 2 } })
    }))

  test('another actor may use the same key', () =>
    inStore(async ({ store }) => {
      for (const actor of ['user_1', 'user_2'])
        await store.write(create({ name: 'a' }, Robot, { idempotency: { actor, key: 'k', request: 'h' } }), tenantName)
      expect(store.events.head).toBe(2)
    }))
})

test('an event that is too large is refused, and changes nothing', () =>
  inStore(async ({ store }) => {
    expect(await failure(store.write(create({ name: 'x'.repeat(1_000_001) }), tenantName))).toMatchObject({
      code: 'payload_too_large',
    })
    expect(store.events.head).toBe(0)
  }))
