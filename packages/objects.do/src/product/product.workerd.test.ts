// Flags, experiments, segments, funnels and goals of a tenant, against plain models of them.

import { env } from 'cloudflare:test'
import { type Entity, fullAuthority, type JsonValue } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'
import { compareMeans, sampleOf } from './welch.ts'

const runs = Number(process.env['RUNS'] ?? 3)

function makeTenant(name: string) {
  const caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('anonymous'),
    via: 'rest',
  } as const
  const stub = env.TENANTS.get(env.TENANTS.idFromName(`${name}-${Math.random()}`))
  const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
    return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
  }
  const write = async (noun: string, verb: string, body: object, id?: string): Promise<Entity> =>
    answered(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...(id && { id }) }))
  const call = async <Body = Entity>(verb: string, body: object): Promise<Body> =>
    answered(await ask(stub, caller, { kind: 'write', verb, noun: '', body: JSON.stringify(body) }))
  const read = async <Body>(name: string, of: { noun?: string; id?: string }, parameters = {}): Promise<Body> =>
    answered(await askRead(stub, caller, { read: name, ...of, parameters }))
  return { write, call, read }
}

interface FlagAnswer {
  readonly value: JsonValue
  readonly reason: string
  readonly variant?: string
}

test('a flag is evaluated by its state, its rules in order, and its percentage', async () => {
  const { write, read } = makeTenant('flags')
  const org = await write('Organization', 'create', { name: 'Acme', industry: 'Software' })
  const ada = await write('Contact', 'create', { name: 'Ada', stage: 'Customer', organization: org.$id })
  const bob = await write('Contact', 'create', { name: 'Bob', stage: 'Lead' })
  const segment = await write('Segment', 'create', { name: 'buyers', criteria: { stage: 'Customer' } })
  const make = (body: object) => write('FeatureFlag', 'create', { status: 'Enabled', ...body })
  const ask = (key: string, subject: object = {}) => read<FlagAnswer>('flag', { id: key }, subject)

  await make({ key: 'all' })
  await make({ key: 'off', status: 'Disabled', defaultValue: 'true' })
  expect(await ask('all')).toMatchObject({ value: true, reason: 'rollout' })
  expect(await ask('off')).toMatchObject({ value: true, reason: 'off' })
  await expect(ask('none')).rejects.toThrow("there is no flag 'none'")

  await make({
    key: 'rules',
    type: 'String',
    defaultValue: 'plain',
    variant: 'new',
    targetingRules: [
      { type: 'contact', value: bob.$id, enabled: false },
      { type: 'segment', value: segment.$id, enabled: true },
      { attribute: 'org.industry', operator: 'in', values: ['Software', 'Media'], value: 'industry' },
      { type: 'property', field: 'plan', operator: 'eq', value: 'pro', enabled: true },
      { type: 'property', field: 'seats', operator: 'gte', value: 10, variant: 'large' },
      { type: 'unknown' },
    ],
  })
  expect(await ask('rules')).toMatchObject({ value: 'plain', reason: 'default' })
  expect(await ask('rules', { contact: bob.$id, properties: '{"plan":"pro"}' })).toMatchObject({
    value: 'plain',
    reason: 'rule',
  })
  expect(await ask('rules', { contact: ada.$id })).toMatchObject({ value: 'new', reason: 'rule' })
  await write('Contact', 'update', { stage: 'Churned' }, ada.$id)
  expect(await ask('rules', { contact: ada.$id })).toMatchObject({ value: 'industry' })
  expect(await ask('rules', { userId: 'u', properties: '{"plan":"pro"}' })).toMatchObject({ value: 'new' })
  expect(await ask('rules', { userId: 'u', properties: '{"seats":12}' })).toMatchObject({ value: 'large' })
  expect(await ask('rules', { userId: 'u', properties: '{"seats":"12"}' })).toMatchObject({ value: 'plain' })
  await expect(ask('rules', { properties: '[]' })).rejects.toThrow('properties expects a JSON object')
  await expect(ask('rules', { user: 'u' })).rejects.toThrow('user')

  const { flags } = await read<{ flags: object }>('flags', {}, { userId: 'u' })
  expect(flags).toEqual({ all: true, off: true, rules: 'plain' })
})

test('a larger percentage only adds subjects, and the same subject gets the same value', async () => {
  const { write, read } = makeTenant('rollout')
  const flag = await write('FeatureFlag', 'create', {
    key: 'gradual',
    type: 'JSON',
    variants: [
      { key: 'a', weight: 1, value: { size: 1 } },
      { key: 'b', weight: 1, value: [2] },
    ],
  })
  const users = Array.from({ length: 60 }, (_, at) => `user ${at}`)
  const ask = (userId: string) => read<FlagAnswer>('flag', { id: 'gradual' }, { userId })
  let before = new Map<string, FlagAnswer>()
  for (const percentage of [0, 20, 50, 100]) {
    await write('FeatureFlag', 'rollout', { percentage }, flag.$id)
    const now = new Map<string, FlagAnswer>()
    for (const user of users) {
      const answer = await ask(user)
      expect(await ask(user)).toEqual(answer)
      if (answer.reason === 'rollout') now.set(user, answer)
    }
    for (const [user, answer] of before) expect(now.get(user)).toEqual(answer)
    expect(Math.abs(now.size - (percentage / 100) * users.length)).toBeLessThan(18)
    before = now
  }
  expect(new Set([...before.values()].map(({ variant }) => variant))).toEqual(new Set(['a', 'b']))
  await expect(write('FeatureFlag', 'rollout', { percentage: 500 }, flag.$id)).rejects.toThrow('rolloutPercentage')
})

interface Assigned {
  readonly variant: string | null
  readonly reason: string
  readonly isFirst: boolean
}

test('an experiment by a metric that adds up values compares the means of all units since their exposure', async () => {
  const { write, call, read } = makeTenant('means')
  await call('clock.set', { now: '2026-03-01T00:00:00Z' })
  const experiment = await write('Experiment', 'create', {
    name: 'offer',
    status: 'Running',
    variants: [{ key: 'plain' }, { key: 'bold' }],
    primaryMetric: 'won_value',
  })
  const brought = new Map<string, number[]>([
    ['plain', []],
    ['bold', []],
  ])
  for (let at = 0; at < 24; at++) {
    const contact = (await write('Contact', 'create', { name: `c${at}` })).$id
    const win = async (value: number): Promise<void> => {
      const deal = await write('Deal', 'create', { name: 'd', value, contact })
      await write('Deal', 'win', {}, deal.$id)
    }
    // A deal that was won before the exposure does not count.
    if (at % 5 === 0) await win(10_000)
    const { variant } = await call<Assigned>('assignments.create', { experiment: experiment.$id, contact })
    const values = at % 3 === 0 ? [] : variant === 'bold' ? [700 + at, 300] : [200 + at]
    for (const value of values) await win(value)
    brought.get(variant ?? '')?.push(values.reduce((sum, value) => sum + value, 0))
  }
  const samples = [...brought.values()].map(sampleOf)
  const analysis = await read<{ variants: readonly { mean: number; p: number | null }[]; winner: string }>('analysis', {
    noun: 'Experiment',
    id: experiment.$id,
  })
  const [plain, bold] = samples
  if (plain === undefined || bold === undefined) throw new Error('there are two variants')
  expect(analysis.winner).toBe('bold')
  for (const [at, sample] of samples.entries()) expect(analysis.variants[at]?.mean).toBeCloseTo(sample.mean, 9)
  expect(analysis.variants[1]?.p).toBeCloseTo(compareMeans(plain, bold)?.p ?? 2, 9)
  expect(analysis.variants).toMatchObject([
    { participants: plain.count, conversions: brought.get('plain')?.filter((sum) => sum > 0).length },
    { participants: bold.count, conversions: brought.get('bold')?.filter((sum) => sum > 0).length },
  ])
})

test('an experiment assigns each unit for ever, records its exposure once, and is analyzed and concluded', async () => {
  const { write, call, read } = makeTenant('experiment')
  await call('clock.set', { now: '2026-03-01T00:00:00Z' })
  const experiment = await write('Experiment', 'create', {
    name: 'button',
    variants: [{ key: 'control' }, { key: 'green', value: 'green' }],
    trafficAllocation: 80,
    primaryMetric: 'paid',
  })
  const assign = (userId: string, more = {}) =>
    call<Assigned>('assignments.create', { experiment: experiment.$id, userId, ...more })
  expect(await assign('early')).toMatchObject({ variant: null, reason: 'not_running' })
  await write('Experiment', 'start', {}, experiment.$id)
  const users = Array.from({ length: 40 }, (_, at) => `user ${at}`)
  const seen = new Map<string, string>()
  // Conversions before the exposure do not count.
  await write('Event', 'create', { name: 'paid', userId: 'user 1' })
  for (const user of users) {
    const [one, other] = await Promise.all([assign(user), assign(user)])
    expect(one.variant).toBe(other.variant)
    if (one.variant === null) continue
    expect([one.isFirst, other.isFirst].filter(Boolean)).toHaveLength(1)
    seen.set(user, one.variant)
  }
  expect(seen.size).toBeGreaterThan(20)
  expect(seen.size).toBeLessThan(40)
  const { count } = await read<{ count: number }>('count', { noun: 'Event' }, { name: 'experiment_exposed' })
  expect(count).toBe(seen.size)
  await call('clock.set', { advance: 'PT1H' })
  const converted = [...seen].filter(([, variant], at) => (variant === 'green' ? at % 2 === 0 : at % 7 === 0))
  for (const [user] of converted) await write('Event', 'create', { name: 'paid', userId: user })
  const expected = ['control', 'green'].map((key) => ({
    key,
    participants: [...seen.values()].filter((one) => one === key).length,
    conversions: converted.filter(([, one]) => one === key).length,
  }))
  const analysis = await read<{ winner: string; confidence: number }>('analysis', {
    noun: 'Experiment',
    id: experiment.$id,
  })
  expect(analysis).toMatchObject({ variants: expected, sampleSize: seen.size, conversions: converted.length })
  const analyzed = await write('Experiment', 'analyze', {}, experiment.$id)
  expect(analyzed).toMatchObject({
    sampleSize: seen.size,
    conversions: converted.length,
    results: { variants: expected },
  })
  const flag = await write('FeatureFlag', 'create', {
    key: 'button',
    type: 'String',
    status: 'Enabled',
    experiment: experiment.$id,
  })
  const flagFor = (userId: string) => read<FlagAnswer>('flag', { id: String(flag['key']) }, { userId })
  for (const [user, variant] of [...seen].slice(0, 5))
    expect(await flagFor(user)).toMatchObject({ variant, reason: 'experiment' })
  await write('Experiment', 'pause', {}, experiment.$id)
  expect(await assign('user 0')).toMatchObject({ variant: seen.get('user 0') ?? null, isFirst: false })
  const concluded = await write('Experiment', 'conclude', {}, experiment.$id)
  expect(concluded).toMatchObject({ status: 'Concluded', winner: analysis.winner, confidence: analysis.confidence })
  expect(await assign('anybody')).toMatchObject({ variant: analysis.winner, reason: 'winner', isFirst: false })
  expect(await flagFor('anybody')).toMatchObject({ variant: analysis.winner })
  await expect(call('assignments.create', { experiment: 'x', userId: 'u' })).rejects.toThrow('experiment expects')
  await expect(assign('u', { user: 1 })).rejects.toThrow('user expects only')
})

test('the members of a segment are those that its criteria or its list choose, in pages and at past times', async () => {
  const stages = ['Lead', 'Qualified', 'Customer'] as const
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ stage: fc.constantFrom(...stages), leadScore: fc.integer({ min: 0, max: 9 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.constantFrom(...stages),
      fc.integer({ min: 0, max: 9 }),
      async (contacts, stage, score) => {
        const { write, call, read } = makeTenant('segments')
        await call('clock.set', { now: '2026-03-01T00:00:00Z' })
        const made: Entity[] = []
        for (const [at, contact] of contacts.entries())
          made.push(await write('Contact', 'create', { name: `c${at}`, ...contact }))
        const criteria = { $or: [{ stage }, { leadScore: { $gte: score } }] }
        const dynamic = await write('Segment', 'create', { name: 'd', criteria })
        const chosen = made.filter((_, at) => contacts[at]?.stage === stage || (contacts[at]?.leadScore ?? -1) >= score)
        const list = made.filter((_, at) => at % 3 === 0).map(({ $id }) => $id)
        const fixed = await write('Segment', 'create', { name: 's', isDynamic: false, criteria, members: list })
        const all = async (id: string, parameters = {}): Promise<readonly string[]> => {
          const ids: string[] = []
          for (let cursor: string | null = ''; cursor !== null;) {
            const page: { results: Entity[]; cursor: string | null; total: number } = await read(
              'members',
              { noun: 'Segment', id },
              { limit: '5', count: 'exact', ...parameters, ...(cursor === '' ? {} : { cursor }) },
            )
            ids.push(...page.results.map(({ $id }) => $id))
            cursor = page.cursor
          }
          return ids.toSorted()
        }
        const ids = (some: readonly Entity[]) => some.map(({ $id }) => $id).toSorted()
        expect(await all(dynamic.$id)).toEqual(ids(chosen))
        expect(await all(fixed.$id)).toEqual(list.toSorted())
        expect(await all(dynamic.$id, { filter: '{"name":"c0"}' })).toEqual(
          ids(chosen.filter(({ $id }) => $id === made[0]?.$id)),
        )
        const refreshed = await write('Segment', 'refresh', {}, dynamic.$id)
        expect(refreshed['memberCount']).toBe(chosen.length)
        await call('clock.set', { advance: 'P1D' })
        const [first] = chosen
        if (first === undefined) return
        await write('Contact', 'delete', {}, first.$id)
        expect(await all(dynamic.$id)).toEqual(ids(chosen.slice(1)))
        expect(await all(dynamic.$id, { asOf: '2026-03-01T12:00:00Z' })).toEqual(ids(chosen))
      },
    ),
    { numRuns: runs },
  )
  const { write, read } = makeTenant('segments')
  const other = await write('Segment', 'create', {
    name: 'big',
    criteria: { type: 'Deal', filter: { value: { $gt: 5 } } },
  })
  await write('Deal', 'create', { name: 'a', value: 6 })
  const { results } = await read<{ results: Entity[] }>('members', { noun: 'Segment', id: other.$id })
  expect(results.map(({ $type }) => $type)).toEqual(['Deal'])
  const wrong = await write('Segment', 'create', { name: 'wrong', criteria: { nothing: 1 } })
  await expect(read('members', { noun: 'Segment', id: wrong.$id })).rejects.toThrow("no field 'nothing'")
  await expect(read('members', { noun: 'Deal', id: 'deal_1' })).rejects.toThrow('Deal has no members')
})

const dayMs = 86_400_000

test('a funnel counts units in order, within a window, by period and by value', async () => {
  const events = fc.array(
    fc.record({
      user: fc.constantFrom('a', 'b', 'c', 'd'),
      name: fc.constantFrom('visit', 'signup', 'paid'),
      day: fc.integer({ min: 0, max: 60 }),
      plan: fc.constantFrom('pro', 'free'),
    }),
    { minLength: 4, maxLength: 24 },
  )
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 20 }), async (happened, windowDays) => {
      const { write, call, read } = makeTenant('funnels')
      await call('clock.set', { now: '2026-05-01T00:00:00Z' })
      const startMs = Date.parse('2026-01-01T12:00:00Z')
      for (const { user, name, day, plan } of happened)
        await write('Event', 'create', {
          name,
          userId: user,
          timestamp: new Date(startMs + day * dayMs).toISOString(),
          properties: { plan },
        })
      const funnel = await write('Funnel', 'create', {
        name: 'f',
        steps: ['visit', { event: 'signup' }, { name: 'Paid', event: 'paid' }],
      })
      const daysOf = (user: string, name: string) =>
        happened.filter((one) => one.user === user && one.name === name).map(({ day }) => day)
      const depth = (user: string, window: number): number =>
        Math.max(
          0,
          ...daysOf(user, 'visit').map((visit) => {
            const signups = daysOf(user, 'signup').filter((day) => day >= visit && day <= visit + window)
            const paid = daysOf(user, 'paid').some(
              (day) => signups.some((signup) => day >= signup) && day <= visit + window,
            )
            return signups.length === 0 ? 1 : paid ? 3 : 2
          }),
        )
      for (const window of [Infinity, windowDays]) {
        const depths = ['a', 'b', 'c', 'd'].map((user) => depth(user, window))
        const counts = [1, 2, 3].map((step) => depths.filter((one) => one >= step).length)
        const parameters = {
          by: 'properties.plan',
          step: 'month',
          ...(window === Infinity ? {} : { within: `P${window}D` }),
        }
        const analysis = await read<Funnel & { groups: Funnel[]; periods: (Funnel & { period: string })[] }>(
          'analysis',
          { noun: 'Funnel', id: funnel.$id },
          parameters,
        )
        expect(analysis.steps.map(({ count }) => count)).toEqual(counts)
        expect(analysis.conversionRate).toBeCloseTo(counts[0] === 0 ? 0 : (counts[2] ?? 0) / (counts[0] ?? 1), 12)
        for (const parts of [analysis.groups, analysis.periods])
          expect(parts.reduce((sum, { total }) => sum + total, 0)).toBe(counts[0])
        for (const { period } of analysis.periods) expect(period).toMatch(/^2026-0[123]$/)
      }
      const stored = await write('Funnel', 'analyze', { filter: { userId: { $in: ['a', 'b', 'c', 'd'] } } }, funnel.$id)
      expect(stored['results']).toMatchObject({ steps: [{ name: 'visit' }, { name: 'signup' }, { name: 'Paid' }] })
    }),
    { numRuns: runs },
  )
})

interface Funnel {
  readonly steps: readonly { readonly count: number; readonly name: string }[]
  readonly conversionRate: number
  readonly total: number
}

test('a funnel of entities follows references, and a wrong one is refused by name', async () => {
  const { write, read } = makeTenant('entities')
  const [ada, bob] = [
    await write('Contact', 'create', { name: 'Ada' }),
    await write('Contact', 'create', { name: 'Bob' }),
  ]
  for (const contact of [ada, bob]) await write('Lead', 'create', { name: 'l', source: 'web', contact: contact.$id })
  await write('Deal', 'create', { name: 'd', contact: ada.$id, stage: 'Won', value: 5 })
  const steps = [
    { name: 'lead', from: 'Lead', unit: 'contact' },
    { name: 'won', from: 'Deal', unit: 'contact', at: 'closedAt', filter: { stage: 'Won' } },
  ]
  const funnel = await write('Funnel', 'create', { name: 'sales', steps })
  const { steps: counted } = await read<Funnel>('analysis', { noun: 'Funnel', id: funnel.$id })
  expect(counted).toMatchObject([
    { name: 'lead', count: 2 },
    { name: 'won', count: 1, rate: 0.5 },
  ])
  for (const [wrong, message] of [
    [undefined, 'steps expects a list of 2 to 12'],
    [['one'], 'steps expects a list of 2 to 12'],
    [['one', { nothing: 1 }], 'steps[1].nothing expects only'],
    [['one', {}], 'steps[1] expects event or from'],
    [['one', { from: 'Nothing' }], "unknown entity type 'Nothing'"],
    [['one', { from: 'Deal', at: 'name' }], 'at expects a datetime'],
  ] as const) {
    const { $id } = await write('Funnel', 'create', { name: 'wrong', steps: wrong })
    await expect(read('analysis', { noun: 'Funnel', id: $id })).rejects.toThrow(message)
    await expect(write('Funnel', 'analyze', {}, $id)).rejects.toThrow(message)
  }
  await expect(read('analysis', { noun: 'Contact', id: ada.$id })).rejects.toThrow('Contact has no analysis')
})

test('a goal is as far as its metric, or as its key results, and its state follows', async () => {
  const { write } = makeTenant('goals')
  const goal = (body: object) => write('Goal', 'create', { name: 'g', target: 10, ...body })
  const check = async (id: string, body = {}): Promise<unknown[]> => {
    const { current, progress, status } = await write('Goal', 'check', body, id)
    return [current, progress, status]
  }
  for (let at = 0; at < 6; at++) await write('Contact', 'create', { name: `c${at}`, stage: 'Customer' })
  const customers = await goal({ metricName: 'customers' })
  expect(await check(customers.$id)).toEqual([6, 60, 'AtRisk'])
  const below = await goal({ target: 2, direction: 'below', metricName: 'contacts' })
  expect(await check(below.$id)).toEqual([6, 0, 'Behind'])
  const parent = await goal({})
  for (const [metric, value] of [
    ['one', 9],
    ['other', 3],
  ] as const) {
    const own = await write('Metric', 'create', { name: metric, value })
    await goal({ parent: parent.$id, metric: own.$id })
  }
  expect(await check(parent.$id)).toEqual([undefined, 60, 'AtRisk'])
  const manual = await goal({})
  await expect(check(manual.$id)).rejects.toThrow('current')
  expect(await check(manual.$id, { current: 4 })).toEqual([4, 40, 'Behind'])
  expect(await check(manual.$id, { current: 8 })).toEqual([8, 80, 'OnTrack'])
  await write('Goal', 'achieve', {}, manual.$id)
  expect(await check(manual.$id, { current: 1 })).toEqual([1, 10, 'Achieved'])
})

test("roles are part of a definition, so a tenant's own Nouns have them too", async () => {
  const { write, read } = makeTenant('own')
  const define = async (noun: string, definition: object) => write(noun, 'schema.put', definition)
  await define('Switch', {
    fields: { key: 'string!##', rolloutPercentage: 'number?', mood: 'Off | On' },
    state: 'mood',
    categories: { On: 'on' },
    role: 'flag',
  })
  await write('Switch', 'create', { key: 'mine', mood: 'On' })
  expect(await read<FlagAnswer>('flag', { id: 'mine' })).toMatchObject({ value: true })
  await expect(define('Broken', { fields: { name: 'string!' }, role: 'flag' })).rejects.toThrow("expects a field 'key'")
  await expect(define('Broken', { fields: { name: 'string!' }, role: 'king' })).rejects.toThrow('role')
})
