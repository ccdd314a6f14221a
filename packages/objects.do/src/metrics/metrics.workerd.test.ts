// Metrics of a business of 70 days, generated under a test clock, agree with a ledger that is kept beside it: as series, as of
// each day, and live.

import { env } from 'cloudflare:test'
import { type Authority, type Entity, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const dayMs = 86_400_000
const startMs = Date.parse('2026-02-01T00:00:00Z')
const days = 70

const caller = {
  tenant: 'metrics',
  context: 'http://localhost/~metrics',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const

interface Point {
  readonly date: string
  readonly value: number | null
  readonly byCurrency?: Readonly<Record<string, number>>
}
interface Report {
  readonly value: number | null
  readonly previous: number | null
  readonly trend: string | null
  readonly byCurrency?: Readonly<Record<string, number>>
  readonly began: string | null
  readonly history: readonly Point[]
  readonly previousHistory?: readonly Point[]
}

function random(): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

function makeTenant(name: string) {
  const stub = env.TENANTS.get(env.TENANTS.idFromName(`${name}-${seed}-${Math.random()}`))
  const write = async (noun: string, verb: string, body: object, id?: string, at?: string): Promise<Entity> => {
    const given = { noun, verb, body: JSON.stringify(body), ...(id && { id }), ...(at && { at }) }
    const answer = await askWrite(stub, caller, given)
    if (!answer.ok) throw new Error(`${noun}.${verb}: ${JSON.stringify(answer.error)}`)
    return JSON.parse(answer.body === '' ? '{}' : answer.body) as Entity
  }
  const clock = async (body: object): Promise<void> => {
    const answer = await ask(stub, caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  }
  const as =
    (authority: Authority) =>
    async <Body>(read: string, parameters: Readonly<Record<string, string>>, id?: string): Promise<Body> => {
      const answer = await askRead(stub, { ...caller, authority }, { read, parameters, ...(id && { id }) })
      if (!answer.ok) throw new Error(`${read} ${id}: ${JSON.stringify(answer.error)}`)
      return JSON.parse(answer.body) as Body
    }
  const read = as(caller.authority)
  return { write, clock, as, read }
}

/** What a subscription brings a month in cents, and in which currency; 0 if it is not paid. */
interface Own {
  readonly currency: string
  readonly cents: number
  readonly isActive: boolean
}

const percent = (part: number, whole: number): number => (part / whole) * 100

test(`revenue agrees with a ledger on each day (seed ${seed})`, async () => {
  const { write, clock, read } = makeTenant('ledger')
  await clock({ now: new Date(startMs).toISOString() })
  // Nobody pays in this business, and nothing is due before its end.
  await write('', 'settings.patch', { paymentTerms: 'P120D' })
  const prices: Entity[] = []
  for (const [interval, amount, currency] of [
    ['Monthly', 2_900, 'USD'],
    ['Quarterly', 9_000, 'USD'],
    ['Yearly', 120_000, 'USD'],
    ['OneTime', 5_000, 'USD'],
    ['Monthly', 4_000, 'EUR'],
  ] as const)
    prices.push(await write('Price', 'create', { interval, amount, currency }))
  const months = { Monthly: 1, Quarterly: 3, Yearly: 12, OneTime: Infinity } as const
  const contact = await write('Contact', 'create', { name: 'Ada', email: 'ada@example.com' })
  const customer = await write('Customer', 'create', { name: 'Ada', email: 'ada@example.com', contact: contact.$id })
  const live = new Map<string, Own>()
  const ledger: ReadonlyMap<string, Own>[] = []
  const cancelled: number[] = []
  const next = random()
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item
  for (let day = 0; day < days; day++) {
    let cancels = 0
    for (let acts = 0; acts < 3; acts++) {
      const paid = [...live].filter(([, { isActive }]) => isActive).map(([id]) => id)
      const act = paid.length === 0 ? 'create' : pick(['create', 'create', 'upgrade', 'pause', 'cancel'])
      if (act === 'create') {
        const price = pick(prices)
        const quantity = 1 + Math.floor(next() * 3)
        const made = await write('Subscription', 'create', {
          customer: customer.$id,
          price: price.$id,
          quantity,
          status: 'Active',
        })
        const amount = (Number(price['amount']) * quantity) / months[price['interval'] as keyof typeof months]
        live.set(made.$id, { currency: String(price['currency']), cents: amount, isActive: true })
        continue
      }
      const id = pick(paid)
      const own = live.get(id)
      if (own === undefined) continue
      if (act === 'upgrade') {
        const quantity = 1 + Math.floor(next() * 5)
        const changed = await write('Subscription', 'upgrade', { quantity }, id)
        const price = prices.find(({ $id }) => $id === changed['price'])
        const amount = (Number(price?.['amount']) * quantity) / months[price?.['interval'] as keyof typeof months]
        live.set(id, { ...own, cents: amount })
      } else {
        await write('Subscription', act, {}, id)
        live.set(id, { ...own, cents: 0, isActive: false })
        if (act === 'cancel') cancels++
      }
    }
    ledger.push(new Map([...live].map(([id, own]) => [id, { ...own }])))
    cancelled.push(cancels)
    await clock({ advance: 'P1D' })
  }
  const total = (day: number, currency = 'USD', only?: (id: string) => boolean): number =>
    [...(ledger[day] ?? [])].reduce(
      (sum, [id, own]) => (own.currency === currency && (only?.(id) ?? true) ? sum + own.cents / 100 : sum),
      0,
    )
  const range = {
    from: '2026-02-01',
    to: new Date(startMs + (days - 1) * dayMs).toISOString().slice(0, 10),
    step: 'day',
  }

  const mrr = await read<Report>('metric', range, 'mrr')
  expect(mrr.history).toHaveLength(days)
  for (const [day, { date, value, byCurrency }] of mrr.history.entries()) {
    expect(date).toBe(new Date(startMs + day * dayMs).toISOString().slice(0, 10))
    expect(value).toBeCloseTo(total(day), 6)
    expect(byCurrency?.['EUR'] ?? 0).toBeCloseTo(total(day, 'EUR'), 6)
  }
  expect(mrr.value).toBeCloseTo(total(days - 1), 6)

  const nrr = await read<Report>('metric', range, 'nrr')
  for (const [day, { value }] of nrr.history.entries()) {
    const then = ledger[day - 30]
    if (then === undefined || total(day - 30) === 0) expect(value).toBeNull()
    else
      expect(value).toBeCloseTo(
        percent(
          total(day, 'USD', (id) => (then.get(id)?.cents ?? 0) > 0),
          total(day - 30),
        ),
        6,
      )
  }
  const active = await read<Report>('metric', range, 'active_subscriptions')
  const churn = await read<Report>('metric', range, 'churn')
  for (const [day, { value }] of churn.history.entries()) {
    const lost = cancelled.slice(Math.max(0, day - 29), day + 1).reduce((sum, count) => sum + count, 0)
    expect(active.history[day]?.value).toBe([...(ledger[day] ?? [])].filter(([, own]) => own.isActive).length)
    const then = active.history[day - 30]?.value
    if (then === undefined || then === null) expect(value).toBeNull()
    else expect(value).toBeCloseTo(then === 0 ? 0 : percent(lost, then), 6)
  }
  // The same numbers, as the tenant knew them on that day.
  for (const day of [0, 12, 31, 45, 69]) {
    const asOf = new Date(startMs + (day + 1) * dayMs - 60_000).toISOString()
    const then = await read<Report>('metric', { asOf }, 'mrr')
    expect(then.value).toBeCloseTo(total(day), 6)
    expect((await read<Report>('metric', { asOf }, 'arr')).value).toBeCloseTo(total(day) * 12, 5)
    if (day > 30) expect(then.previous).toBeCloseTo(total(day - 30), 6)
  }
  const weeks = await read<Report>('metric', { ...range, step: 'week', compare: 'previous' }, 'cancellations')
  expect(weeks.history.reduce((sum, { value }) => sum + Number(value), 0)).toBe(cancelled.reduce((a, b) => a + b, 0))
  expect(weeks.previousHistory?.every(({ value }) => value === null)).toBe(true)

  const all = await read<{ revenue: Record<string, number | null>; support: Record<string, number | null> }>(
    'metrics',
    {},
  )
  expect(all.revenue['mrr']).toBeCloseTo(total(days - 1), 6)
  expect(all.revenue['active_customers']).toBe([...live.values()].some(({ isActive }) => isActive) ? 1 : 0)
  expect(all.support).toMatchObject({ tickets_open: 0, csat: null })
})

test('metrics of a tenant are data: a definition computes one, and recorded values are another', async () => {
  const { write, clock, read } = makeTenant('own')
  await clock({ now: '2026-03-01T10:00:00Z' })
  const definition = {
    kind: 'flow',
    alert: { above: 150 },
    label: 'Big deals',
    from: 'Deal',
    filter: { value: { $gte: 100 } },
    as: 'sum',
    value: 'value*2',
    at: '$createdAt',
    over: 'P7D',
  }
  await write('Metric', 'create', { name: 'big_deals', definition })
  await write('Metric', 'create', { name: 'broken', definition: { kind: 'level', from: 'Deal', as: 'sum' } })
  await write('Metric', 'create', { name: 'installs', value: 3, type: 'Gauge' })
  await write('Deal', 'create', { name: 'a', value: 100 })
  await write('Deal', 'create', { name: 'b', value: 99 })
  await clock({ advance: 'P1D' })
  await write('Metric', 'create', { name: 'share', definition: { kind: 'ratio', of: 'big_deals', per: 'installs' } })
  expect(await read<Report>('metric', { step: 'day' }, 'big_deals')).toMatchObject({
    value: 200,
    previous: null,
    label: 'Big deals',
    period: 'P7D',
  })
  expect(await read<Report>('metric', {}, 'installs')).toMatchObject({ value: 3 })
  expect((await read<Report>('metric', {}, 'share')).value).toBeCloseTo(200 / 3, 9)
  const { alerts } = await read<{ alerts: readonly object[] }>('status', { metrics: 'true' })
  expect(alerts).toMatchObject([{ metric: 'big_deals', value: 200, threshold: 150, direction: 'above' }])
  await expect(read('metric', {}, 'broken')).rejects.toThrow('value is required for sum')
  await expect(read('metric', {}, 'nothing')).rejects.toThrow("there is no metric 'nothing'; GET /metrics lists them")
  await expect(read('metric', { step: 'hour' }, 'mrr')).rejects.toThrow('step expects day, week')
  await expect(read('metric', { from: '2026-04-01' }, 'mrr')).rejects.toThrow('before now')
})

test('a caller counts what it may see, now and in the past, and hidden fields are no part of a metric', async () => {
  const { write, clock, as } = makeTenant('authority')
  await clock({ now: '2026-03-01T10:00:00Z' })
  const mine = await write('Contact', 'create', { name: 'mine' })
  for (const [name, contact] of [
    ['a', mine.$id],
    ['b', undefined],
  ] as const)
    await write('Deal', 'create', { name, value: 100, contact })
  await clock({ advance: 'P2D' })
  await write('Deal', 'create', { name: 'c', value: 7, contact: mine.$id })
  const rule = { write: 'none', hidden: [], verbs: [] } as const
  const nouns = {
    Deal: { ...rule, read: { 'contact.name': 'mine' } },
    Ticket: { ...rule, read: 'all', hidden: ['status'] },
  } as const
  const read = as({ who: 'user_1', nouns, others: { ...rule, read: 'none' } })
  const pipeline = await read<Report>('metric', { step: 'day', from: '2026-03-01' }, 'pipeline')
  // The caller may not see the contact, but its rule may.
  expect([pipeline.value, pipeline.history.map(({ value }) => value)]).toEqual([107, [100, 100, 107]])
  await expect(read('metric', {}, 'tickets_open')).rejects.toThrow("has no field 'status'")
  await expect(read('metric', {}, 'mrr')).rejects.toThrow("unknown entity type 'Subscription'")
  const all = await read<{ support: Record<string, number | null>; pipeline: Record<string, number | null> }>(
    'metrics',
    {},
  )
  expect([all.support['tickets_open'], all.pipeline['pipeline']]).toEqual([null, 107])
})

test('a tenant that was never written to has metrics of nothing', async () => {
  const { read } = makeTenant('empty')
  expect(await read('metrics', {})).toMatchObject({ revenue: { mrr: 0, nrr: null, ltv: null }, own: {} })
  const { history } = await read<Report>('metric', { step: 'month' }, 'nrr')
  expect(history.map(({ value }) => value)).toEqual(Array.from({ length: 12 }, () => null))
  expect(await read('status', { metrics: 'true' })).toMatchObject({ alerts: [], metrics: { own: {} } })
})

test('a series counts by the time at which things happened', async () => {
  const { write, clock, read } = makeTenant('happened')
  await clock({ now: '2026-05-01T00:00:00Z' })
  await write('Contact', 'create', { name: 'first' })
  await clock({ advance: 'P10D' })
  const { $id } = await write('Deal', 'create', { name: 'a', value: 100 })
  await write('Deal', 'win', { closedAt: '2026-05-03T12:00:00Z' }, $id)
  const won = await read<Report>('metric', { from: '2026-05-01', step: 'day' }, 'won_value')
  expect(won.history.filter(({ value }) => value !== 0)).toEqual([{ date: '2026-05-03', value: 100 }])
})

test('a metric before the first event has no value, and says when the tenant began', async () => {
  const { write, clock, read } = makeTenant('young')
  const values = (points: readonly Point[] = []): readonly unknown[] => points.map(({ value }) => value)
  await clock({ now: '2026-05-10T12:00:00Z' })
  const series = { from: '2026-05-08', step: 'day', compare: 'previous' }
  expect(await read<Report>('metric', series, 'pipeline')).toMatchObject({ value: 0, previous: null, began: null })
  await write('Deal', 'create', { name: 'a', value: 100 })
  const began = '2026-05-10T12:00:00.000Z'
  await clock({ advance: 'P2D' })
  // Won before the tenant began, as a file of another program says.
  await write('Deal', 'create', { name: 'b', value: 7, stage: 'Won', closedAt: '2026-05-09T09:00:00Z' })

  const level = await read<Report>('metric', series, 'pipeline')
  expect(level).toMatchObject({ began, value: 100, previous: null, trend: null })
  expect([values(level.history), values(level.previousHistory)]).toEqual([
    [null, null, 100, 100, 100],
    Array.from({ length: 5 }, () => null),
  ])
  const flow = await read<Report>('metric', series, 'won_value')
  expect(values(flow.history)).toEqual([null, 7, 0, 0, 0])
  for (const name of ['churn', 'revenue_growth', 'nrr'])
    expect(await read<Report>('metric', {}, name), name).toMatchObject({ value: null, previous: null, began })
  for (const name of ['arr', 'arpu', 'win_rate', 'campaign_costs']) {
    const { history } = await read<Report>('metric', { from: '2026-05-08', to: '2026-05-08' }, name)
    expect(values(history), name).toEqual([null])
  }
  expect(await read('metric', { ...series, asOf: began }, 'pipeline')).toMatchObject({ value: 100, began })
  for (const [name, id] of [['metric', 'pipeline'], ['metrics'], ['status']] as const)
    await expect(read(name, { asOf: '2026-05-10T11:59:59.999Z' }, id)).rejects.toThrow(
      `this tenant's first event is of`,
    )

  // A change that is said to have happened earlier makes more of the past known.
  await write('Deal', 'create', { name: 'c', value: 1 }, undefined, '2026-05-08T12:00:00Z')
  const later = await read<Report>('metric', series, 'pipeline')
  expect([later.began, values(later.history)]).toEqual(['2026-05-08T12:00:00.000Z', [1, 1, 101, 101, 101]])
})
