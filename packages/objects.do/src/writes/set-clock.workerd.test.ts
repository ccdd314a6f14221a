// A test tenant's clock, set and advanced by calls, with a service whose job runs on it.

import { env, runInDurableObject } from 'cloudflare:test'
import type { Change } from '@dotdo/do'
import type { Service } from '@dotdo/service'
import { fullAuthority, addDuration, type ClockState, Noun, type NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask } from '../../test/ask-tenant.ts'
import { TenantObject } from '../tenant-object.ts'

const Report = Noun(
  'Report',
  { title: 'string!' },
  { about: 'What happened in a month.', descriptions: { title: 'Its heading.' } },
)

/** Writes a report a month after the last one. */
function reportsService(isBroken: () => boolean): Service {
  return {
    name: 'reports.do',
    about: 'Writes a report each month.',
    nouns: [Report.$schema],
    jobs: ({ state, sql, catalog, write }) => {
      const lastMs = (): number | null =>
        state.hasTable('Report')
          ? sql.exec<{ last: number | null }>('SELECT max("$createdAt") AS last FROM "Report"').one().last
          : null
      const dueMs = (): number | undefined => {
        const last = lastMs()
        return last === null ? undefined : addDuration(last, { months: 1, ms: 0 })
      }
      return [
        {
          name: 'reports.do/monthly',
          clock: 'tenant',
          lane: 'reports.do',
          retry: { firstMs: 60_000, factor: 2, maxMs: 60_000 },
          dueMs,
          eventAppended: ({ type }) => (type === 'Report.Created' ? dueMs() : undefined),
          step: async () => {
            if (isBroken()) throw new Error('no paper')
            await write(() => report(catalog.lookup('Report') ?? Report.$schema, 'monthly'))
            return true
          },
        },
      ]
    },
  }
}

function report(schema: NounSchema, title: string): Change {
  const { create } = schema.verbs
  if (create === undefined) throw new Error('a report can be created')
  return {
    schema,
    verb: create,
    kind: 'create',
    actor: 'system',
    via: 'system',
    decide: () => ({ title }),
  }
}

const caller = {
  tenant: 'test',
  context: 'http://localhost/~test',
  authority: fullAuthority('user_1'),
  via: 'rest',
} as const

function inTenant(work: (object: TenantObject) => Promise<void>, isBroken = (): boolean => false): Promise<void> {
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), (_, state) =>
    work(new TenantObject(state, env, { services: [reportsService(isBroken)] })),
  )
}

async function setClock(object: TenantObject, body: object): Promise<ClockState & { readonly isUnfinished: boolean }> {
  const call = { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) } as const
  const answer = await ask(object, caller, call)
  if (!answer.ok) throw new Error(answer.error.code)
  return { ...(JSON.parse(answer.body) as ClockState), isUnfinished: answer.isUnfinished === true }
}

async function createdAt(object: TenantObject): Promise<readonly string[]> {
  const call = { kind: 'read', read: 'find', noun: 'Report', parameters: { sort: '$createdAt', limit: '100' } } as const
  const answer = await ask(object, caller, call)
  if (!answer.ok) throw new Error(answer.error.message)
  return (JSON.parse(answer.body) as { results: { $createdAt: string }[] }).results.map((one) => one.$createdAt)
}

test('one call runs a year of a monthly job, each step at its due time', () =>
  inTenant(async (object) => {
    await setClock(object, { now: '2026-01-31T00:00:00Z' })
    await ask(object, caller, { kind: 'write', verb: 'create', noun: 'Report', body: '{"title":"first"}' })
    expect(await setClock(object, { advance: 'P1Y' })).toEqual({
      now: '2027-01-31T00:00:00.000Z',
      isTest: true,
      advancingTo: null,
      ran: { 'reports.do/monthly': 12 },
      isUnfinished: false,
    })
    const days = (await createdAt(object)).map((time) => time.slice(0, 10))
    expect(days.slice(0, 4)).toEqual(['2026-01-31', '2026-02-28', '2026-03-28', '2026-04-28'])
    expect(days).toHaveLength(13)
    const read = await ask(object, caller, { kind: 'read', read: 'clock', parameters: {} })
    expect(JSON.parse(read.ok ? read.body : '{}')).toMatchObject({ now: '2027-01-31T00:00:00.000Z', isTest: true })
    const monthLater = await setClock(object, { advance: '2027-03-01T12:00:00Z' })
    expect(monthLater).toMatchObject({ now: '2027-03-01T12:00:00.000Z', ran: { 'reports.do/monthly': 1 } })
    await expect(setClock(object, { advance: '2027-03-01T11:59:59Z' })).rejects.toThrow('validation_error')
  }))

test('a call whose jobs have not finished says so, and the clock shows its progress', () =>
  inTenant(
    async (object) => {
      await setClock(object, { now: '2026-01-01T00:00:00Z' })
      await ask(object, caller, { kind: 'write', verb: 'create', noun: 'Report', body: '{"title":"first"}' })
      expect(await setClock(object, { advance: 'P3M' })).toEqual({
        now: '2026-02-01T00:00:00.000Z',
        isTest: true,
        advancingTo: '2026-04-01T00:00:00.000Z',
        ran: {},
        isUnfinished: true,
      })
      await expect(setClock(object, { advance: 'P1D' })).rejects.toThrow('conflict')
    },
    () => true,
  ))
