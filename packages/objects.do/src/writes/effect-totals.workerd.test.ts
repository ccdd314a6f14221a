// Verbs that count and add up other entities: segments, campaigns and goals, and a tenant's own.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const caller = {
  tenant: 'totals',
  context: 'http://localhost/~totals',
  authority: fullAuthority('ada'),
  via: 'rest',
} as const

type Fields = Readonly<Record<string, JsonValue>>

function openTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const send = (noun: string, verb: string, { id, ...fields }: Fields = {}, more: object = {}): Promise<Answer> =>
    ask(stub, caller, {
      kind: 'write',
      noun,
      verb,
      body: JSON.stringify(fields),
      ...(typeof id === 'string' ? { id } : {}),
      ...more,
    })
  const make = async (noun: string, fields: Fields): Promise<string> =>
    String(bodyOf(await send(noun, 'create', fields))['$id'])
  const perform = async (...given: Parameters<typeof send>): Promise<Fields> => bodyOf(await send(...given))
  return { send, make, perform }
}

function bodyOf(answer: Answer): Fields {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Fields
}

test('refreshing a segment counts those that its criteria choose, or its list, and refuses what cannot be counted', async () => {
  const { send, make, perform } = openTenant()
  const org = await make('Organization', { name: 'Engines', industry: 'x' })
  for (const stage of ['Lead', 'Lead', 'Qualified']) await make('Contact', { name: stage, stage, organization: org })
  const leads = await make('Segment', { name: 'leads', criteria: { stage: 'Lead' } })
  expect(await perform('Segment', 'refresh', { id: leads })).toMatchObject({ memberCount: 2 })
  await make('Contact', { name: 'late', stage: 'Lead' })
  expect(await perform('Segment', 'refresh', { id: leads, memberCount: 99 })).toMatchObject({ memberCount: 3 })
  for (const [fields, memberCount] of [
    [{ criteria: { type: 'Organization', filter: { industry: 'x' } } }, 1],
    [{ criteria: { 'organization.industry': 'x', stage: { $ne: 'Lead' } }, isDynamic: true }, 1],
    [{ criteria: { stage: 'Lead' }, members: ['a', 'b'], isDynamic: false }, 2],
    [{ members: ['a'] }, 1],
  ] as const) {
    const id = await make('Segment', { name: 's', ...fields })
    expect(await perform('Segment', 'refresh', { id }), JSON.stringify(fields)).toMatchObject({ memberCount })
  }
  for (const [criteria, error] of [
    [{ stge: 'Lead' }, { code: 'invalid_filter', field: 'stge' }],
    [{ $text: 'ada' }, { code: 'invalid_filter' }],
    [
      { type: 'Contakt', filter: {} },
      { code: 'invalid_filter', field: 'type' },
    ],
    [undefined, { code: 'validation_error', field: 'memberCount' }],
  ] as const) {
    const id = await make('Segment', { name: 's', ...(criteria === undefined ? {} : { criteria }) })
    expect(await send('Segment', 'refresh', { id }), JSON.stringify(criteria)).toMatchObject({ ok: false, error })
  }
})

test('measuring and completing a campaign counts its leads, adds up its won deals once, and computes its return', async () => {
  const { make, perform, send } = openTenant()
  const other = await make('Campaign', { name: 'other', status: 'Launched' })
  const id = await make('Campaign', { name: 'spring', status: 'Launched', actualCost: 400 })
  const deal = async (value: number, stage: string, campaign?: string): Promise<string> =>
    make('Deal', { name: 'd', value, stage, ...(campaign === undefined ? {} : { campaign }) })
  const ofLead = await deal(300, 'Won')
  const ofBoth = await deal(500, 'Won', id)
  for (const [campaign, won] of [
    [id, ofLead],
    [id, ofBoth],
    [id, await deal(70, 'Lost')],
    [other, await deal(9_000, 'Won')],
  ] as const)
    await make('Lead', { name: 'l', source: 'web', campaign, deal: won })
  await deal(200, 'Won', id)
  const sofar = { status: 'Launched', actualLeads: 3, actualRevenue: 1_000, roi: 150 }
  expect(await perform('Campaign', 'measure', { id })).toMatchObject(sofar)
  expect(bodyOf(await send('Campaign', 'measure', { id }))['$version']).toBe(2)
  const tried = bodyOf(await send('Campaign', 'complete', { id }, { isDryRun: true }))
  const result = { status: 'Completed', actualLeads: 3, actualRevenue: 1_000, roi: 150 }
  expect(tried['result']).toMatchObject(result)
  expect(await perform('Campaign', 'complete', { id })).toMatchObject(result)
  // Known better by the caller, and without a cost.
  expect(await perform('Campaign', 'complete', { id: other, actualRevenue: 5 })).toMatchObject({
    actualLeads: 1,
    actualRevenue: 5,
    roi: 0,
  })
})

test('checking a goal takes the value of its metric, or what is sent, or is refused', async () => {
  const { make, perform, send } = openTenant()
  const metric = await make('Metric', { name: 'visitors', value: 7 })
  const id = await make('Goal', { name: 'g', target: 10, metric })
  expect(await perform('Goal', 'check', { id })).toMatchObject({ current: 7 })
  expect(await perform('Goal', 'check', { id, current: 8 })).toMatchObject({ current: 8 })
  const alone = await make('Goal', { name: 'alone', target: 10 })
  expect(await send('Goal', 'check', { id: alone })).toMatchObject({ ok: false, error: { field: 'current' } })
})

test("a tenant's own verb counts and adds up", async () => {
  const { make, perform, send } = openTenant()
  const total = { kind: 'total', noun: 'Trip', filter: { kind: 'object', members: { vehicle: { kind: 'id' } } } }
  const define = (noun: string, body: object) => send(noun, 'schema.put', body as Fields)
  const definition = (sets: object) => ({
    fields: { name: 'string!', made: 'number?', km: 'number?', tally: 'Tallied' },
    effects: { tally: { sets } },
  })
  bodyOf(await define('Trip', { fields: { name: 'string!', km: 'number!', vehicle: 'string?' } }))
  bodyOf(await define('Vehicle', definition({ made: total, km: { ...total, sum: 'km' } })))
  const id = await make('Vehicle', { name: 'v' })
  for (const km of [1, 2.5]) await make('Trip', { name: 't', km, vehicle: id })
  await make('Trip', { name: 't', km: 100, vehicle: 'another' })
  expect(await perform('Vehicle', 'tally', { id })).toMatchObject({ made: 2, km: 3.5 })
  const wrong = await define('Vehicle', definition({ made: { kind: 'total', noun: 'Trip' } }))
  expect(wrong).toMatchObject({ ok: false, error: { code: 'invalid_definition' } })
})
