// Schedules of Nouns: each call is made once, at its time and in due order, whatever happens in between.

import {
  decideChange,
  type EntityFields,
  type JsonValue,
  Noun,
  type NounSchema,
  parseDuration,
  settingsNoun,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Flushed, type FlushedOptions, futureMs, inFlushedStore } from '../../test/flushed-store.ts'

const Shelf = Noun('Shelf', { name: 'string?', days: 'number?' }).$schema
const Task = Noun(
  'Task',
  {
    title: 'string!',
    stage: 'Open | Sent | Closed',
    dueAt: 'datetime?',
    day: 'date?',
    from: 'datetime?',
    priority: 'Urgent | Low',
    nags: 'number?',
    shelf: '-> Shelf.tasks',
    send: 'Sent',
    nag: 'Nagged',
    note: 'Noted',
    start: 'Started',
    close: 'Closed',
  },
  {
    effects: {
      nag: { sets: { nags: { kind: 'add', amount: 1 } } },
      close: { from: { field: 'stage', values: ['Open'], hard: true } },
    },
    schedules: [
      { at: 'dueAt', when: { stage: 'Open' }, call: 'send' },
      { at: 'dueAt', after: 'P2D', when: { stage: ['Open', 'Sent'] }, call: 'note' },
      { at: 'from', every: 'P1M', when: { stage: 'Open' }, call: 'nag' },
      { at: 'day', call: 'start' },
    ],
  },
).$schema
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const firstMs = Date.UTC(2026, 0)
const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const iso = (ms: number): string => new Date(ms).toISOString()

function withTasks<Result>(work: (flushed: Flushed) => Promise<Result>, options: FlushedOptions = {}): Promise<Result> {
  return inFlushedStore(work, { schemas: [Task, Shelf], startMs: futureMs, settings: { intervalMs: 1e12 }, ...options })
}

/** Does what `withTasks` does, in a test tenant. */
const withTest = <Result>(work: (flushed: Flushed) => Promise<Result>, options?: FlushedOptions): Promise<Result> =>
  withTasks((flushed) => {
    flushed.store.setTestClock(firstMs, tenant)
    return work(flushed)
  }, options)

async function add({ create }: Flushed, fields: EntityFields, schema: NounSchema = Task): Promise<string> {
  return (await create(schema === Task ? { title: 't', ...fields } : fields, schema)).row.target
}

const change = ({ write }: Flushed, target: string, patch: Record<string, JsonValue>, schema: NounSchema = Task) =>
  write({
    schema,
    verb: schema.verbs['update'] ?? fail(),
    kind: 'change',
    target,
    decide: (context) => decideChange({ schema, verb: schema.verbs['update'] ?? fail(), input: patch, ...context }),
  })

function fail(): never {
  throw new Error('no such verb')
}

async function advance({ store }: Flushed, duration: string): Promise<void> {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new Error(`'${duration}' is not a duration`)
  const state = await store.advanceTestClock(parsed)
  expect(state.advancingTo).toBe(null)
}

const set = ({ create }: Flushed, values: Record<string, JsonValue>) => create({ name: 'tenant', values }, settingsNoun)

/** Returns the events that schedules have caused: type, entity and time. */
function calls({ store }: Flushed): readonly (readonly [string, string, string])[] {
  const { rows } = store.events.read({ after: 0, limit: 10_000 })
  return rows
    .filter((row) => row.via === 'job')
    .map((row) => {
      expect(row.actor).toBe('system')
      return [row.type, row.target, iso(row.atMs)] as const
    })
}

const names = (flushed: Flushed): readonly string[] =>
  calls(flushed).map(([type, , at]) => `${type} ${at.slice(0, 16)}`)

describe('a call', () => {
  test('is made once at its time, as the actor system, and nothing else happens', () =>
    withTasks(async (flushed) => {
      const id = await add(flushed, { dueAt: iso(futureMs + 10 * dayMs) })
      flushed.clock.ms = futureMs + 10 * dayMs - 1
      await flushed.store.alarm()
      expect(calls(flushed)).toEqual([])
      await flushed.ring()
      expect(calls(flushed)).toEqual([['Task.Sent', id, iso(futureMs + 10 * dayMs)]])
      for (let rings = 0; rings < 3; rings++) await flushed.store.alarm()
      expect(calls(flushed)).toHaveLength(1)
    }))

  test('that was due while the server was down is made once when it is up again', () =>
    withTasks(async (flushed) => {
      await add(flushed, { dueAt: iso(futureMs + dayMs) })
      await add(flushed, { from: iso(futureMs + dayMs) })
      flushed.clock.ms += 200 * dayMs
      const again = flushed.restart()
      for (let rings = 0; rings < 5; rings++) await again.store.alarm()
      // A repetition is called once for all the times that have passed.
      expect(
        calls(again)
          .map(([type]) => type)
          .toSorted(),
      ).toEqual(['Task.Nagged', 'Task.Noted', 'Task.Sent'])
    }))

  test('is not made if the entity no longer waits, and made anew at another time', () =>
    withTest(async (flushed) => {
      const closed = await add(flushed, { dueAt: iso(firstMs + dayMs) })
      await change(flushed, closed, { stage: 'Closed' })
      const deleted = await add(flushed, { dueAt: iso(firstMs + dayMs) })
      await flushed.remove(deleted, Task)
      const moved = await add(flushed, { dueAt: iso(firstMs + dayMs) })
      await change(flushed, moved, { dueAt: iso(firstMs + 3 * dayMs) })
      await advance(flushed, 'P4D')
      expect(calls(flushed)).toEqual([['Task.Sent', moved, iso(firstMs + 3 * dayMs)]])
      // The entity was called for this time, so that opening it again does not call it a second time.
      await change(flushed, moved, { stage: 'Open' })
      await advance(flushed, 'PT1H')
      expect(names(flushed)).toEqual(['Task.Sent 2026-01-04T00:00'])
      await change(flushed, moved, { dueAt: iso(firstMs + 10 * dayMs) })
      await advance(flushed, 'P7D')
      expect(names(flushed).at(-1)).toBe('Task.Sent 2026-01-11T00:00')
    }))

  test('that changes nothing is made once', () =>
    withTest(
      async (flushed) => {
        const [schema] = flushed.store.catalog.current.nouns
        await add(flushed, { title: 't', dueAt: iso(firstMs + dayMs), stage: 'Sent' }, schema)
        await advance(flushed, 'P2D')
        expect(flushed.store.jobs().find(({ name }) => name === 'schedules')).toMatchObject({
          state: 'idle',
          parked: 0,
        })
        expect(flushed.store.clockState().ran).toEqual({ schedules: 1 })
      },
      {
        schemas: [
          Noun(
            'Task',
            { title: 'string', stage: 'Open | Sent', dueAt: 'datetime?', send: 'Sent' },
            { schedules: [{ at: 'dueAt', call: 'send' }] },
          ).$schema,
        ],
      },
    ))

  test('that is refused is tried again after 1, 5, 25 and 125 minutes, then parked, and holds up no other', () => {
    const Guarded = Noun(
      'Task',
      { title: 'string!', stage: 'Open | Held | Closed', dueAt: 'datetime?', close: 'Closed', start: 'Started' },
      {
        effects: {
          close: {
            from: { field: 'stage', values: ['Open'], hard: true },
            sets: { title: { kind: 'argument', name: 'none' } },
          },
        },
        schedules: [
          { at: 'dueAt', call: 'close' },
          { at: 'dueAt', after: 'PT1M', call: 'start' },
        ],
      },
    ).$schema
    return withTest(
      async (flushed) => {
        const id = (await flushed.create({ title: 't', stage: 'Held', dueAt: iso(firstMs + dayMs) }, Guarded)).row
          .target
        const other = (await flushed.create({ title: 'o', dueAt: iso(firstMs + dayMs) }, Guarded)).row.target
        const job = () => flushed.store.jobs().find(({ name }) => name === 'schedules')
        await advance(flushed, 'P1DT20M')
        expect(calls(flushed).map(([type, target]) => `${type} ${target}`)).toEqual([
          `Task.Closed ${other}`,
          ...[id, other].toSorted().map((target) => `Task.Started ${target}`),
        ])
        expect(job()).toMatchObject({
          parked: 0,
          failure: { attempts: 3, message: expect.stringContaining(id) as string },
        })
        await advance(flushed, 'P1D')
        expect(job()).toMatchObject({ parked: 1 })
        expect(flushed.logged.join()).toContain(`schedule Task.close of '${id}' is parked after 5 attempts`)
        // A change of the entity lets the call be tried again.
        await change(flushed, id, { stage: 'Open' }, Guarded)
        await advance(flushed, 'PT1M')
        expect(calls(flushed).at(-1)?.slice(0, 2)).toEqual(['Task.Closed', id])
        expect(job()).toMatchObject({ parked: 0, failure: null })
      },
      { schemas: [Guarded] },
    )
  })
})

describe('times', () => {
  test('repeat by calendar months, and end with the condition', () =>
    withTest(async (flushed) => {
      const id = await add(flushed, { from: '2026-01-31T10:00:00Z' })
      await advance(flushed, 'P4M')
      expect(names(flushed)).toEqual(
        ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'].map((day) => `Task.Nagged ${day}T10:00`),
      )
      await change(flushed, id, { stage: 'Closed' })
      await advance(flushed, 'P4M')
      expect(names(flushed)).toHaveLength(4)
    }))

  test('of dates begin with the day in the time zone of the tenant, and follow a change of the zone', () =>
    withTest(async (flushed) => {
      await set(flushed, { timeZone: 'America/New_York' })
      await add(flushed, { day: '2026-02-01' })
      await add(flushed, { day: '2026-03-01' })
      await advance(flushed, 'P1M1D')
      const [settings] = flushed.store.events.read({ after: 0, limit: 1 }).rows
      await flushed.update(settings?.target ?? '', { values: { timeZone: 'Asia/Tokyo' } }, settingsNoun)
      await advance(flushed, 'P1M')
      expect(names(flushed)).toEqual(['Task.Started 2026-02-01T05:00', 'Task.Started 2026-02-28T15:00'])
    }))

  test('that read a related entity follow its changes', () =>
    withTest(async (flushed) => {
      const Deal = Noun(
        'Deal',
        { name: 'string', shelf: '-> Shelf.deals', touchedAt: 'datetime?', rot: 'Rotting' },
        {
          schedules: [
            { at: ['touchedAt', '$createdAt'], after: { of: 'shelf', field: 'days', otherwise: 'P14D' }, call: 'rot' },
          ],
        },
      ).$schema
      const again = flushed.restart({ schemas: [Deal, Shelf] })
      const shelf = await add(again, { days: 30 }, Shelf)
      const [short, none] = [await add(again, { shelf }, Deal), await add(again, { name: 'n' }, Deal)]
      await advance(again, 'P15D')
      expect(calls(again).map(([, target]) => target)).toEqual([none])
      await change(again, shelf, { days: 20 }, Shelf)
      await advance(again, 'P6D')
      expect(calls(again).map(([, target]) => target)).toEqual([none, short])
      await change(again, short, { touchedAt: '2026-01-22T00:00:00Z' }, Deal)
      await advance(again, 'P1M')
      expect(names(again).at(-1)).toBe('Deal.Rotting 2026-02-11T00:00')
    }))

  test('of cron are those of the tenant’s zone, each once, also in the night when clocks change', () =>
    withTest(
      async (flushed) => {
        await set(flushed, { timeZone: 'Europe/Berlin' })
        await flushed.create({ name: 'weekly', plan: { cron: '30 2 * * SUN' } }, Report)
        await advance(flushed, 'P3M')
        const times = names(flushed)
        expect(times).toHaveLength(13)
        expect(times.slice(-2)).toEqual(['Report.Ran 2026-03-22T01:30', 'Report.Ran 2026-03-29T01:30'])
      },
      { schemas: [Report] },
    ))
})

const Report = Noun(
  'Report',
  { name: 'string!', plan: 'json?', run: 'Ran' },
  { schedules: [{ cron: { field: 'plan' }, call: 'run' }] },
).$schema

describe('definitions', () => {
  test('that get schedules find the entities that exist, however many, except for times that have passed', () =>
    withTasks(async (flushed) => {
      const Plain = Noun('Task', {
        title: 'string',
        stage: 'Open | Sent | Closed',
        dueAt: 'datetime?',
        send: 'Sent',
      }).$schema
      const before = flushed.restart({ schemas: [Plain] })
      const dueAt = iso(futureMs + dayMs)
      await Promise.all(Array.from({ length: 450 }, () => before.create({ title: 't', dueAt }, Plain)))
      const past = iso(futureMs - dayMs)
      await before.create({ title: 'old', dueAt: past }, Plain)
      const again = before.restart({ schemas: [Task, Shelf] })
      for (let rings = 0; rings < 5; rings++) await again.store.alarm()
      again.clock.ms = futureMs + 5 * dayMs
      for (let rings = 0; rings < 20; rings++) await again.store.alarm()
      expect(Map.groupBy(calls(again), ([type]) => type).get('Task.Sent')).toHaveLength(450)
      expect(new Set(calls(again).map(([type, id]) => type + id)).size).toBe(calls(again).length)
    }))
})

interface Op {
  readonly at: number
  readonly task: number
  readonly fields: Record<string, JsonValue>
}

const fields = fc.record(
  {
    stage: fc.constantFrom('Open', 'Sent', 'Closed'),
    dueAt: fc.option(fc.nat(40).map((days) => iso(firstMs + days * dayMs + hourMs))),
    day: fc.option(fc.constantFrom('2026-01-05', '2026-01-20', '2026-02-03')),
  },
  { requiredKeys: [] },
)
const ops: fc.Arbitrary<readonly Op[]> = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 40 * 24 }), task: fc.nat(3), fields }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((list) => list.toSorted((a, b) => a.at - b.at))

/** The calls that a reader of the definition expects, hour by hour. */
function model(list: readonly Op[]): readonly string[] {
  const tasks = new Map<number, Record<string, JsonValue | undefined>>()
  const fired = new Map<string, string>()
  const made: string[] = []
  const waits = (task: number, schedule: string): number | undefined => {
    const { stage, dueAt, day } = tasks.get(task) ?? {}
    const due = typeof dueAt === 'string' ? Date.parse(dueAt) : undefined
    if (schedule === 'send') return stage === 'Open' ? due : undefined
    if (schedule === 'note') return stage === 'Closed' || due === undefined ? undefined : due + 2 * dayMs
    return typeof day === 'string' ? Date.parse(day) : undefined
  }
  for (let hour = 0; hour <= 60 * 24; hour++) {
    const now = firstMs + hour * hourMs
    const call = (): void => {
      // A call may make another one due at once, but none of these do.
      const due = [...tasks.keys()]
        .flatMap((task) => ['send', 'note', 'start'].map((schedule) => ({ task, schedule, at: waits(task, schedule) })))
        .filter(
          ({ task, schedule, at }) => at !== undefined && at <= now && fired.get(`${task}${schedule}`) !== String(at),
        )
      for (const { task, schedule, at } of due) {
        // An earlier call of this hour may have closed it.
        if (waits(task, schedule) !== at) continue
        fired.set(`${task}${schedule}`, String(at))
        made.push(`${schedule} ${task} ${hour}`)
        if (schedule === 'send') tasks.set(task, { ...tasks.get(task), stage: 'Sent' })
      }
    }
    call()
    for (const op of list.filter(({ at }) => at === hour)) {
      const { task, fields: patch } = op
      const clean = Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value ?? undefined]))
      tasks.set(task, { stage: 'Open', ...tasks.get(task), ...clean })
    }
    call()
  }
  return made
}

test('generated changes of entities cause exactly the calls that a simple model expects', () =>
  fc.assert(
    fc.asyncProperty(ops, (list) =>
      withTest(async (flushed) => {
        let store = flushed
        const ids = new Map<number, string>()
        let hour = 0
        const to = async (at: number): Promise<void> => {
          if (at > hour) await advance(store, `PT${at - hour}H`)
          hour = Math.max(hour, at)
        }
        for (const { at, task, fields: patch } of list) {
          await to(at)
          const id = ids.get(task)
          const given = Object.fromEntries(
            Object.entries(patch).filter(([, value]) => id !== undefined || value !== null),
          )
          if (id === undefined) ids.set(task, await add(store, given))
          else await change(store, id, given)
          store = store.restart()
        }
        await to(60 * 24)
        const tasks = new Map([...ids].map(([task, id]) => [id, task]))
        const verbs: Record<string, string> = { 'Task.Sent': 'send', 'Task.Noted': 'note', 'Task.Started': 'start' }
        const made = calls(store).map(
          ([type, id, time]) => `${verbs[type]} ${tasks.get(id)} ${Math.floor((Date.parse(time) - firstMs) / hourMs)}`,
        )
        expect(made.toSorted()).toEqual([...model(list)].toSorted())
        const times = calls(store).map(([, , time]) => time)
        expect(times).toEqual(times.toSorted())
      }),
    ),
    { numRuns: 15 },
  ))
