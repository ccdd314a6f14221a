// A test tenant's clock, and the parts of the tenant that still use the server's clock.

import { addDuration, Noun, type NounSchema, ObjectError, parseDuration, schemaNoun } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Flushed, type FlushedOptions, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import type { Job, RetryRule } from '../jobs/job.ts'
import type { JobContext } from '../compose-tenant.ts'
import type { Change } from '../write/change.ts'
import type { Hooks } from '../write/hooks.ts'

const Reminder = Noun('Reminder', {
  title: 'string!',
  dueAt: 'datetime!#',
  stage: 'Pending | Sent | Failed',
  note: 'string?',
}).$schema
const Maker = Noun('Maker', { name: 'string!' }).$schema
const schemas: readonly NounSchema[] = [Reminder, Maker]
const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const firstMs = Date.UTC(2026, 0)
const dayMs = 86_400_000
const iso = (ms: number): string => new Date(ms).toISOString()

/** Hooks at the start and the end of a step, for tests that interrupt it. */
interface Interference {
  before(title: string): Promise<void>
  after(title: string): Promise<void>
}
const none: Interference = { before: () => Promise.resolve(), after: () => Promise.resolve() }

/** Sends the next due reminder. */
function reminders(interference: Interference, retry: RetryRule): (context: JobContext) => readonly Job[] {
  return ({ sql, state, write }) => {
    const next = (): { readonly id: string; readonly title: string; readonly due: number } | undefined => {
      if (!state.hasTable('Reminder')) return undefined
      const query = `SELECT "$id" AS id, "title:text" AS title, "dueAt:time" AS due FROM "Reminder"
        WHERE "stage:text" = 'Pending' ORDER BY "dueAt:time", "$id" LIMIT 1`
      return sql.exec<{ id: string; title: string; due: number }>(query).toArray()[0]
    }
    const update = async (fields: Record<string, string>): Promise<void> => {
      const [target, verb] = [next()?.id, Reminder.verbs['update']]
      if (target === undefined || verb === undefined) throw new Error('nothing to update')
      const decide: Change['decide'] = ({ current }) => ({ ...current, ...fields })
      await write(() => ({ schema: Reminder, verb, kind: 'change', target, actor: 'system', via: 'system', decide }))
    }
    const job: Job = {
      name: 'reminders',
      clock: 'tenant',
      lane: 'reminders',
      retry,
      dueMs: () => next()?.due,
      eventAppended: ({ type }) => (type.startsWith('Reminder.') ? next()?.due : undefined),
      async step() {
        const title = next()?.title
        if (title === undefined) return false
        await interference.before(title)
        await update({ stage: 'Sent' })
        await interference.after(title)
        return true
      },
      park: (message) => update({ stage: 'Failed', note: message }),
    }
    return [job]
  }
}

function withReminders<Result>(
  work: (flushed: Flushed) => Promise<Result>,
  options: FlushedOptions & { readonly interference?: Interference; readonly retry?: RetryRule } = {},
): Promise<Result> {
  const { interference = none, retry = { firstMs: 1_000, factor: 2, maxMs: 8_000, attemptsMax: 3 } } = options
  return inFlushedStore(work, {
    schemas,
    startMs: futureMs,
    jobs: reminders(interference, retry),
    settings: { intervalMs: 3_600_000 },
    ...options,
  })
}

const remind = ({ create }: Flushed, title: string, dueMs: number): Promise<unknown> =>
  create({ title, dueAt: iso(dueMs) }, Reminder)

function advance({ store }: Flushed, duration: string): ReturnType<Flushed['store']['advanceTestClock']> {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new Error(`'${duration}' is not a duration`)
  return store.advanceTestClock(parsed)
}

/** Returns the entities and timestamps of events of a type. */
function events({ store }: Flushed, type: string): readonly (readonly [string, string])[] {
  const { rows } = store.events.read({ after: 0, limit: 1_000 })
  return rows
    .filter((row) => row.type === type)
    .map(({ data, atMs }) => [(JSON.parse(data) as { title: string }).title, iso(atMs)])
}

const refusal = (work: () => unknown): Promise<ObjectError> =>
  Promise.resolve()
    .then(work)
    .then(
      () => Promise.reject(new Error('was not refused')),
      (error: ObjectError) => error,
    )

describe('a test clock', () => {
  test('stands still except for 1 ms per commit, also after a restart', () =>
    withReminders(async (flushed) => {
      expect(flushed.store.setTestClock(firstMs, tenant)).toEqual({
        now: iso(firstMs),
        isTest: true,
        advancingTo: null,
        ran: {},
      })
      const times: number[] = []
      for (let at = 0; at < 3; at++) {
        times.push((await flushed.create({ name: 'Ada' }, Maker)).row.atMs - firstMs)
        flushed.clock.ms += 3_600_000
      }
      expect(times).toEqual([0, 1, 2])
      const again = flushed.restart()
      expect(again.store.clockState()).toMatchObject({ now: iso(firstMs + 2), isTest: true })
      expect((await again.create({ name: 'Ada' }, Maker)).row.atMs).toBe(firstMs + 3)
    }))

  test('seals the times that are read, and refuses reads of its future', () =>
    withReminders(async (flushed) => {
      flushed.store.setTestClock(firstMs, tenant)
      await flushed.create({ name: 'Ada' }, Maker)
      expect(flushed.store.sealAt(firstMs)).toBe(1)
      expect(() => flushed.store.sealAt(firstMs + 1)).toThrow(`it is ${iso(firstMs)} now`)
      await advance(flushed, 'P1M')
      expect(flushed.store.sealAt(Date.UTC(2026, 1))).toBe(1)
      expect((await flushed.create({ name: 'Bo' }, Maker)).row.atMs).toBe(Date.UTC(2026, 1) + 1)
    }))

  test('can be set only while no entity has events, and not to a time before a stored definition', () =>
    withReminders(async (flushed) => {
      const { store, create, clock } = flushed
      store.setTestClock(firstMs, tenant)
      expect(store.setTestClock(firstMs + dayMs, tenant).now).toBe(iso(firstMs + dayMs))
      await create({ name: 'Vehicle', definition: { fields: { name: 'string!' } } }, schemaNoun)
      const definedMs = firstMs + dayMs
      expect(await refusal(() => store.setTestClock(definedMs - 1, tenant))).toMatchObject({ code: 'conflict' })
      expect(store.setTestClock(definedMs + dayMs, tenant).now).toBe(iso(definedMs + dayMs))
      await create({ name: 'Ada' }, Maker)
      expect(await refusal(() => store.setTestClock(definedMs + 2 * dayMs, tenant))).toMatchObject({
        code: 'conflict',
        field: 'now',
      })
      expect(store.clockState().now).toBe(iso(definedMs + dayMs))
      expect(clock.ms).toBeGreaterThan(firstMs)
    }))

  test('cannot be given to a tenant with entities, whose clock cannot be advanced', () =>
    withReminders(async (flushed) => {
      const { store, clock } = flushed
      await flushed.create({ name: 'Ada' }, Maker)
      for (const work of [() => store.setTestClock(firstMs, tenant), () => advance(flushed, 'P1D')])
        expect(await refusal(work)).toMatchObject({ code: 'conflict' })
      expect(store.clockState()).toEqual({ now: iso(clock.ms), isTest: false, advancingTo: null, ran: {} })
    }))

  test('refuses times and advances that are out of bounds, and does not change', () =>
    withReminders(async (flushed) => {
      const { store, storage } = flushed
      for (const ms of [-1, Number.NaN, Date.UTC(9_950, 0)])
        expect(await refusal(() => store.setTestClock(ms, tenant))).toBeInstanceOf(Error)
      expect(store.isReady).toBe(false)
      store.setTestClock(firstMs, tenant)
      for (const duration of ['P11Y', 'P999999Y', 'P200M'])
        expect(await refusal(() => advance(flushed, duration))).toMatchObject({ code: 'validation_error' })
      expect(store.clockState()).toMatchObject({ now: iso(firstMs), advancingTo: null })
      expect(await storage.getAlarm()).toBeNull()
    }))
})

describe('advancing', () => {
  test('runs due jobs in order, each at its due time, and their handlers at the same time', () => {
    let write: Flushed['write'] | undefined
    const hooks: Hooks = {
      before: [],
      after: [
        {
          id: 'thank',
          handles: ({ type }) => type === 'Reminder.Updated',
          run: async (event) => {
            const verb = Maker.verbs['create']
            if (verb === undefined) throw new Error('no create')
            const name = `thanks for ${String(event.data['title'])}`
            await write?.({ schema: Maker, verb, kind: 'create', decide: () => ({ name }) })
          },
        },
      ],
    }
    return withReminders(
      async (flushed) => {
        write = flushed.write
        flushed.store.setTestClock(firstMs, tenant)
        for (const [title, day] of [
          ['late', 40],
          ['third', 20],
          ['first', 3],
          ['second', 10],
          ['same', 10],
        ] as const)
          await remind(flushed, title, firstMs + day * dayMs)
        expect(await advance(flushed, 'P1M')).toEqual({
          // Five commits took four milliseconds.
          now: iso(Date.UTC(2026, 1) + 4),
          isTest: true,
          advancingTo: null,
          ran: { reminders: 4 },
        })
        const sent = events(flushed, 'Reminder.Updated')
        expect(sent.map(([title, at]) => [title, Math.floor((Date.parse(at) - firstMs) / dayMs)])).toEqual([
          ['first', 3],
          ...(sent[1]?.[0] === 'second'
            ? ([
                ['second', 10],
                ['same', 10],
              ] as const)
            : ([
                ['same', 10],
                ['second', 10],
              ] as const)),
          ['third', 20],
        ])
        expect(sent[0]?.[1]).toBe(iso(firstMs + 3 * dayMs))
        const { rows } = flushed.store.events.read({ after: 0, limit: 100 })
        const thanks = rows.filter(({ type }) => type === 'Maker.Created')
        expect(thanks.map(({ atMs }) => Math.floor((atMs - firstMs) / dayMs))).toEqual([3, 10, 10, 20])
        expect((await advance(flushed, 'P0D')).ran).toEqual({})
        expect((await advance(flushed, 'P1M')).ran).toEqual({ reminders: 1 })
      },
      { hooks },
    )
  })

  test('runs a year of daily work, in one advance or in several', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 364 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.constantFrom('P1M', 'P2W', 'P1D', 'PT36H', 'P3M'), { maxLength: 8 }),
        (days, cuts) =>
          withReminders(async (flushed) => {
            flushed.store.setTestClock(firstMs, tenant)
            for (const [at, day] of days.entries()) await remind(flushed, `${at}`, firstMs + dayMs * (day + 1))
            let ran = 0
            let nowMs = Date.parse(flushed.store.clockState().now)
            for (const duration of cuts) {
              const state = await advance(flushed, duration)
              ran += state.ran['reminders'] ?? 0
              nowMs = addDuration(nowMs, parseDuration(duration) ?? { months: 0, ms: 0 })
              expect(Date.parse(state.now) - nowMs).toBeLessThan(days.length)
              expect(Date.parse(state.now)).toBeGreaterThanOrEqual(nowMs)
              nowMs = Date.parse(state.now)
            }
            while (ran < days.length) ran += (await advance(flushed, 'P1Y')).ran['reminders'] ?? 0
            const sent = events(flushed, 'Reminder.Updated')
            expect(sent).toHaveLength(days.length)
            for (const [title, at] of sent) {
              const dueMs = firstMs + dayMs * ((days[Number(title)] ?? 0) + 1)
              expect(Date.parse(at) - dueMs).toBeGreaterThanOrEqual(0)
              expect(Date.parse(at) - dueMs).toBeLessThan(2 * days.length)
            }
          }),
      ),
      { numRuns: 12 },
    ))

  test('continues in the background after its caller has waited for the maximum time', () => {
    let pass = (): void => {}
    const interference = { ...none, after: () => Promise.resolve(pass()) }
    return withReminders(
      async (flushed) => {
        pass = () => (flushed.clock.ms += 3_000)
        flushed.store.setTestClock(firstMs, tenant)
        for (let at = 0; at < 8; at++) await remind(flushed, `${at}`, firstMs + (at + 1) * dayMs)
        const end = iso(Date.UTC(2026, 1) + 7)
        expect(await advance(flushed, 'P1M')).toMatchObject({ advancingTo: end, ran: { reminders: 4 } })
        expect(await refusal(() => advance(flushed, 'P1D'))).toMatchObject({ code: 'conflict', field: 'advance' })
        for (let rings = 0; flushed.store.clockState().advancingTo !== null; rings++) {
          expect(rings).toBeLessThan(20)
          await flushed.ring()
        }
        expect(flushed.store.clockState()).toMatchObject({ now: end, ran: { reminders: 8 } })
      },
      { interference },
    )
  })

  test('continues after a crash at the start or end of any step, and sends each reminder once', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 5 }), (kills) => {
        let stepsLeft = Infinity
        let isBefore = false
        let died = (): void => {}
        const dead = new Promise<never>(() => {})
        const meet = (isAtStart: boolean): Promise<void> => {
          if (isBefore !== isAtStart || stepsLeft-- > 0) return Promise.resolve()
          died()
          return dead
        }
        const interference = { before: () => meet(true), after: () => meet(false) }
        return withReminders(
          async (first) => {
            let flushed = first
            flushed.store.setTestClock(firstMs, tenant)
            for (let at = 0; at < 10; at++) await remind(flushed, `${at}`, firstMs + (at + 1) * dayMs)
            let begin: () => Promise<unknown> = () => advance(first, 'P1M')
            for (const [steps, isAtStart] of kills) {
              ;[stepsLeft, isBefore] = [steps, isAtStart]
              const killed = new Promise<string>((resolve) => (died = () => resolve('killed')))
              const outcome = await Promise.race([begin().then(() => 'ended'), killed])
              if (outcome === 'ended') break
              flushed = flushed.restart()
              const revived = flushed
              begin = async () => {
                // The alarm of a killed object ends without its step.
                while (flushed === revived && revived.store.clockState().advancingTo !== null) await revived.ring()
              }
            }
            stepsLeft = Infinity
            await begin()
            expect(flushed.store.clockState()).toMatchObject({ now: iso(Date.UTC(2026, 1) + 9), advancingTo: null })
            expect(events(flushed, 'Reminder.Updated')).toEqual(
              Array.from({ length: 10 }, (_, at) => [`${at}`, iso(firstMs + (at + 1) * dayMs)]),
            )
          },
          { interference },
        )
      }),
      { numRuns: 6 },
    ))

  test('waits for a failing job, by its own rule on the server clock, until it succeeds or parks its work', () => {
    const failing = new Set(['second'])
    const attempts: string[] = []
    const before = (title: string): Promise<void> => {
      attempts.push(title)
      return failing.has(title) ? Promise.reject(new Error('no mail server')) : Promise.resolve()
    }
    return withReminders(
      async (flushed) => {
        const { store, ring, clock } = flushed
        store.setTestClock(firstMs, tenant)
        for (const [at, title] of ['first', 'second', 'third'].entries())
          await remind(flushed, title, firstMs + (at + 1) * dayMs)
        const begunMs = clock.ms
        expect(await advance(flushed, 'P1M')).toMatchObject({
          now: iso(firstMs + 2 * dayMs),
          advancingTo: iso(Date.UTC(2026, 1) + 2),
          ran: { reminders: 1 },
        })
        expect(store.jobs().find(({ name }) => name === 'clock')).toEqual({
          name: 'clock',
          state: 'failing',
          next: iso(begunMs + 1_000),
          failure: {
            message: `job 'reminders', due at ${iso(firstMs + 2 * dayMs)}: no mail server`,
            attempts: 1,
            nextTry: iso(begunMs + 1_000),
          },
          parked: 0,
        })
        while (store.clockState().advancingTo !== null) await ring()
        expect(attempts).toEqual(['first', 'second', 'second', 'second', 'third'])
        const last = events(flushed, 'Reminder.Updated')
        expect(last.map(([title]) => title)).toEqual(['first', 'second', 'third'])
        expect(flushed.storage.sql.exec('SELECT "stage:text" AS stage FROM "Reminder" ORDER BY 1').toArray()).toEqual([
          { stage: 'Failed' },
          { stage: 'Sent' },
          { stage: 'Sent' },
        ])
      },
      { interference: { ...none, before } },
    )
  })

  test('reports a due job whose step does nothing', () => {
    const lazy: Job = {
      name: 'lazy',
      clock: 'tenant',
      lane: 'lazy',
      retry: { firstMs: 1_000, factor: 2, maxMs: 8_000 },
      dueMs: () => firstMs + dayMs,
      step: () => Promise.resolve(false),
    }
    return withReminders(
      async (flushed) => {
        flushed.store.setTestClock(firstMs, tenant)
        expect((await advance(flushed, 'P1M')).advancingTo).not.toBeNull()
        expect(flushed.store.jobs().find(({ name }) => name === 'clock')?.failure?.message).toContain('did nothing')
      },
      { jobs: () => [lazy] },
    )
  })
})

describe('the server clock', () => {
  test('runs the jobs of a tenant that is not a test tenant', () =>
    withReminders(async (flushed) => {
      const dueMs = flushed.clock.ms + 600_000
      await remind(flushed, 'first', dueMs)
      expect(await flushed.storage.getAlarm()).toBe(dueMs)
      const again = flushed.restart()
      expect(await again.ring()).toBe(dueMs)
      expect(events(again, 'Reminder.Updated')).toEqual([['first', iso(dueMs)]])
    }))

  test('does not run the jobs of a test tenant, but still flushes it', () =>
    withReminders(async (flushed) => {
      const { store, clock, ring } = flushed
      store.setTestClock(firstMs, tenant)
      await remind(flushed, 'first', firstMs + dayMs)
      const flushMs = await ring()
      expect(flushMs).toBe(clock.ms)
      expect(flushed.lake.position.seq).toBe(1)
      expect(Date.parse(flushed.lake.manifests.current.madeAt)).toBe(clock.ms)
      expect(events(flushed, 'Reminder.Updated')).toEqual([])
      await advance(flushed, 'P1W')
      expect(events(flushed, 'Reminder.Updated')).toEqual([['first', iso(firstMs + dayMs)]])
      await flushed.drain()
      expect((await store.verify()).faults).toEqual([])
    }))

  test('expires idempotency keys, whatever a test clock shows', () =>
    withReminders(async (flushed) => {
      const { store, write, clock } = flushed
      store.setTestClock(firstMs, tenant)
      const verb = Maker.verbs['create']
      if (verb === undefined) throw new Error('no create')
      const idempotency = { actor: 'user_1', key: 'k', request: 'h' }
      const create = (): ReturnType<Flushed['write']> =>
        write({ schema: Maker, verb, kind: 'create', idempotency, decide: () => ({ name: 'Ada' }) })
      const { row } = await create()
      await advance(flushed, 'P1Y')
      expect(await create()).toMatchObject({ isReplay: true, row: { seq: row.seq } })
      clock.ms += 7 * dayMs + 1_000
      expect(await create()).toMatchObject({ isReplay: false })
    }))
})
