// Histories on the real object, which is killed while they are loaded.

import { env } from 'cloudflare:test'
import { type CallOf, fullAuthority, type HistoryLine, type LoadedHistory, type ObjectEvent } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

type Body = Readonly<Record<string, unknown>>
type Given = Partial<Omit<CallOf<'write'>, 'body'>> & { readonly body?: object }

function bodyOf(answer: Answer): Body {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return answer.body === '' ? {} : (JSON.parse(answer.body) as Body)
}

function openTenant() {
  const tenant = `t${crypto.randomUUID().slice(0, 8)}`
  const authority = fullAuthority('loader')
  const caller: Caller = { tenant, context: `http://localhost/~${tenant}`, authority, via: 'rest' }
  const id = env.TENANTS.newUniqueId()
  const stub = () => env.TENANTS.get(id)
  const send = ({ body = {}, ...given }: Given): Promise<Answer> =>
    ask(stub(), caller, { kind: 'write', noun: '', verb: '', ...given, body: JSON.stringify(body) })
  const read = async (name: string, given: object = {}): Promise<Body> =>
    bodyOf(await askRead(stub(), caller, { read: name, ...given }))
  const sendLines = (lines: readonly (HistoryLine | string)[], from = 1): Promise<Answer> => {
    const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
    return ask(stub(), caller, { kind: 'write', noun: '', verb: 'history.load', id: String(from), body })
  }
  const events = async (after = 0): Promise<readonly ObjectEvent[]> => {
    const found: ObjectEvent[] = []
    for (let isMore = true; isMore;) {
      const page = await read('events', { parameters: { after: String(after + found.length), limit: '1000' } })
      found.push(...(page['results'] as readonly ObjectEvent[]))
      isMore = page['hasMore'] === true
    }
    return found
  }
  return {
    send,
    read,
    events,
    sendLines,
    load: async (lines: readonly (HistoryLine | string)[], from = 1) =>
      bodyOf(await sendLines(lines, from)) as unknown as LoadedHistory,
    write: async (given: Given): Promise<Body> => bodyOf(await send(given)),
    find: async (noun: string, parameters: Readonly<Record<string, string>> = {}) =>
      (await read('find', { noun, parameters: { sort: '$createdAt', ...parameters } }))['results'] as readonly Body[],
    state: async () => (await read('history.get')) as unknown as LoadedHistory,
    kill: () =>
      stub()
        .end()
        .catch(() => undefined),
  }
}

function without(row: object, names: readonly string[]): Body {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
}

const year: readonly HistoryLine[] = [
  {
    timestamp: '2024-01-01T09:00:00Z',
    type: 'Organization.Created',
    target: 'acme',
    data: { name: 'Acme' },
    actor: 'ada',
  },
  {
    timestamp: '2024-02-01T09:00:00+01:00',
    type: 'Contact.Created',
    target: '17',
    data: { name: 'Bo', organization: 'acme' },
    actor: 'ada',
  },
  { timestamp: '2024-02-01T08:00:00Z', type: 'Contact.Qualified', target: '17', actor: 'bo' },
  {
    timestamp: '2024-06-01T08:00:00Z',
    type: 'Activity.Logged',
    data: { subject: 'Call', type: 'Call', contact: '17' },
  },
  { timestamp: '2025-01-01T00:00:00Z', type: 'Contact.Updated', target: '17', data: { title: 'CTO' } },
  { timestamp: '2025-02-01T00:00:00Z', type: 'Contact.Deleted', target: '17' },
]

test('a tenant without entities is loaded with its past, which reads as of any time then see', async () => {
  const tenant = openTenant()
  expect(await tenant.state()).toEqual({ lines: 0, timestamp: null, isOpen: true })
  expect(await tenant.load(year)).toEqual({ lines: 6, timestamp: '2025-02-01T00:00:00.000Z', isOpen: true })
  const log = await tenant.events()
  expect(log.map(({ type, timestamp, actor, via }) => [type, timestamp, actor, via])).toEqual([
    ['Organization.Created', '2024-01-01T09:00:00.000Z', 'ada', 'history'],
    ['Contact.Created', '2024-02-01T08:00:00.000Z', 'ada', 'history'],
    ['Contact.Qualified', '2024-02-01T08:00:00.000Z', 'bo', 'history'],
    ['Activity.Logged', '2024-06-01T08:00:00.000Z', 'loader', 'history'],
    ['Contact.Updated', '2024-06-01T08:00:00.000Z', 'loader', 'effect'],
    ['Contact.Updated', '2025-01-01T00:00:00.000Z', 'loader', 'history'],
    ['Contact.Deleted', '2025-02-01T00:00:00.000Z', 'loader', 'history'],
    ['Activity.Updated', '2025-02-01T00:00:00.000Z', 'loader', 'effect'],
  ])
  const at = (asOf: string) => tenant.find('Contact', { asOf, include: 'organization' })
  expect(await at('2024-01-31T23:00:00Z')).toEqual([])
  expect(await at('2024-02-01T08:00:00Z')).toMatchObject([{ stage: 'Qualified', organization: { name: 'Acme' } }])
  expect(await at('2024-12-31T00:00:00Z')).toMatchObject([{ lastEngagement: '2024-06-01T08:00:00.000Z' }])
  expect(await at('2025-01-31T00:00:00Z')).toMatchObject([{ title: 'CTO', $version: 4 }])
  expect(await at('2025-02-01T00:00:00Z')).toEqual([])
})

test('the same lines may be sent again, whole or from any line, and nothing is loaded twice', async () => {
  const tenant = openTenant()
  await tenant.load(year.slice(0, 3))
  await tenant.load(year.slice(0, 3))
  await tenant.load(year.slice(1, 4), 2)
  await tenant.load(year)
  expect(await tenant.events()).toHaveLength(8)
  const other = [...year.slice(0, 5), { ...year[4], target: 'acme' } as HistoryLine]
  expect(await tenant.sendLines(other)).toMatchObject({ ok: false, error: { code: 'conflict', field: 'from' } })
  expect(await tenant.sendLines(year.slice(0, 1), 9)).toMatchObject({
    ok: false,
    error: { code: 'conflict', field: 'from', detail: { lines: 6 } },
  })
  expect(await tenant.state()).toMatchObject({ lines: 6 })
})

test('the first live write ends the load, and a command does', async () => {
  const [live, ended] = [openTenant(), openTenant()]
  for (const tenant of [live, ended]) await tenant.load(year.slice(0, 2))
  await live.write({ noun: 'Contact', verb: 'create', body: { name: 'Di' } })
  expect(await ended.write({ verb: 'history.end' })).toMatchObject({ lines: 2, isOpen: false })
  for (const tenant of [live, ended]) {
    expect(await tenant.sendLines(year)).toMatchObject({ ok: false, error: { code: 'conflict', detail: { lines: 2 } } })
    expect(await tenant.state()).toMatchObject({ lines: 2, isOpen: false })
  }
  const never = openTenant()
  await never.write({ noun: 'Contact', verb: 'create', body: { name: 'Di' } })
  expect(await never.sendLines(year)).toMatchObject({ ok: false, error: { code: 'conflict', field: 'history' } })
})

test('lines before a refused one are in, and the load continues with the corrected line', async () => {
  const tenant = openTenant()
  const wrong: HistoryLine = { timestamp: '2024-02-01T08:00:00Z', type: 'Contact.Created', data: { nam: 'Bo' } }
  const refused = await tenant.sendLines([...year.slice(0, 1), '', wrong, ...year.slice(1)])
  expect(refused).toMatchObject({
    ok: false,
    error: {
      code: 'validation_error',
      detail: { line: 3, lines: 2 },
      message: expect.stringMatching(/^line 3: /) as unknown,
    },
  })
  expect(await tenant.events()).toHaveLength(1)
  expect(await tenant.load([...year.slice(0, 1), '', ...year.slice(1)])).toMatchObject({ lines: 7 })
  expect(await tenant.events()).toHaveLength(8)
})

const contact = { timestamp: '2024-02-01T08:00:00Z', type: 'Contact.Created', target: '17', data: { name: 'Bo' } }
test.each<readonly [why: string, line: object | string, field: string | undefined, code: string]>([
  ['no JSON', '{', undefined, 'invalid_json'],
  ['no object', '[]', undefined, 'invalid_body'],
  ['a number that loses digits', '{"data":{"x":9007199254740993}}', 'data.x', 'validation_error'],
  ['an unknown member', { ...contact, at: 'x' }, 'at', 'validation_error'],
  ['no time', { ...contact, timestamp: '2024-02-01' }, 'timestamp', 'validation_error'],
  ['a time before the last line', { ...contact, timestamp: '2023-01-01T00:00:00Z' }, 'timestamp', 'validation_error'],
  ['a time in the future', { ...contact, timestamp: '2999-01-01T00:00:00Z' }, 'timestamp', 'validation_error'],
  ['no type', { ...contact, type: 'Contact' }, 'type', 'validation_error'],
  ['an unknown Noun', { ...contact, type: 'Contakt.Created' }, 'type', 'not_found'],
  ['an unknown event', { ...contact, type: 'Contact.Qualify' }, 'type', 'unknown_verb'],
  ['a name that is taken', { ...contact, type: 'Organization.Created', target: 'acme' }, 'target', 'conflict'],
  ['a target that is missing', { ...contact, type: 'Contact.Updated', target: undefined }, 'target', 'not_found'],
  ['an unknown target', { ...contact, type: 'Contact.Updated', target: '99' }, 'target', 'not_found'],
  [
    'an unknown reference',
    { ...contact, data: { name: 'Bo', organization: 'x' } },
    'data.organization',
    'invalid_reference',
  ],
  ['data that is no object', { ...contact, data: 3 }, 'data', 'validation_error'],
])('a line with %s is refused, and names it', async (_, line, field, code) => {
  const tenant = openTenant()
  const refused = await tenant.sendLines([...year.slice(0, 1), typeof line === 'string' ? line : JSON.stringify(line)])
  expect(refused).toMatchObject({
    ok: false,
    error: { code, ...(field === undefined ? {} : { field }), detail: { line: 2, lines: 1 } },
  })
  expect(await tenant.events()).toHaveLength(1)
})

test('a refused first line does not begin a tenant', async () => {
  const tenant = openTenant()
  expect(await tenant.sendLines(['{'])).toMatchObject({ ok: false })
  expect(await tenant.read('overview')).toMatchObject({ began: null, events: 0 })
})

test('ids of this server are kept, and others are found by the lines', async () => {
  const tenant = openTenant()
  const id = 'organization_0abcDEF12345'
  await tenant.load([
    { timestamp: '2024-01-01T00:00:00Z', type: 'Organization.Created', target: id, data: { name: 'Acme' } },
    {
      timestamp: '2024-01-01T00:00:00Z',
      type: 'Contact.Created',
      target: 'bo@x.io',
      data: { name: 'Bo', organization: id },
    },
    { timestamp: '2024-01-02T00:00:00Z', type: 'Contact.Created', target: 'cy@x.io', data: { name: 'Cy' } },
    { timestamp: '2024-01-03T00:00:00Z', type: 'Contact.Merged', target: 'bo@x.io', data: { from: 'cy@x.io' } },
  ])
  expect(await tenant.find('Contact')).toMatchObject([{ name: 'Bo', organization: id }])
  const again = { timestamp: '2024-01-04T00:00:00Z', type: 'Organization.Created', target: id, data: { name: 'B' } }
  expect(await tenant.sendLines([again], 5)).toMatchObject({ ok: false, error: { code: 'conflict', field: 'target' } })
})

test('a name that entities of several types have needs the type, where a reference may point to each', async () => {
  const tenant = openTenant()
  const timestamp = '2024-01-01T00:00:00Z'
  await tenant.load([
    { timestamp, type: 'User.Created', target: '1', data: { name: 'U', email: 'u@x.io' } },
    { timestamp, type: 'Contact.Created', target: '1', data: { name: 'C' } },
  ])
  const deal = (owner: string): HistoryLine => ({
    timestamp,
    type: 'Deal.Created',
    data: { name: 'D', value: 1, owner },
  })
  expect(await tenant.sendLines([deal('1')], 3)).toMatchObject({
    ok: false,
    error: {
      code: 'invalid_reference',
      field: 'data.owner',
      message: expect.stringContaining("'Contact/1'") as unknown,
    },
  })
  await tenant.load([deal('Contact/1')], 3)
  expect(await tenant.find('Deal', { include: 'owner' })).toMatchObject([{ owner: { name: 'C' } }])
})

test('definitions are part of a history, and later lines use them', async () => {
  const tenant = openTenant()
  const definition = { fields: { name: 'string!', owner: '-> Contact.vehicles' } }
  await tenant.load([
    { timestamp: '2024-01-01T00:00:00Z', type: 'Schema.Created', target: 'Vehicle', data: { definition } },
    {
      timestamp: '2024-01-01T00:00:00Z',
      type: 'Schema.Created',
      data: { name: 'Deal', definition: { fields: { bay: 'string?' } } },
    },
    {
      timestamp: '2024-01-01T00:00:00Z',
      type: 'Contact.Created',
      target: 1 as unknown as string,
      data: { name: 'Bo' },
    },
    { timestamp: '2024-01-02T00:00:00Z', type: 'Vehicle.Created', target: 'v', data: { name: 'Bus', owner: '1' } },
    { timestamp: '2024-01-02T00:00:00Z', type: 'Deal.Created', data: { name: 'A', value: 1, bay: 'x' } },
    { timestamp: '2024-01-03T00:00:00Z', type: 'Vehicle.Deleted', target: 'v' },
    { timestamp: '2024-01-03T00:00:00Z', type: 'Schema.Deleted', target: 'Vehicle' },
  ])
  expect(await tenant.find('Vehicle', { asOf: '2024-01-02T12:00:00Z', include: 'owner' })).toMatchObject([
    { name: 'Bus', owner: { name: 'Bo' } },
  ])
  expect(await tenant.find('Deal')).toMatchObject([{ bay: 'x' }])
})

test("a test tenant's history ends at its clock", async () => {
  const tenant = openTenant()
  await tenant.write({ verb: 'clock.set', body: { now: '2024-06-01T08:00:00Z' } })
  expect(await tenant.sendLines(year)).toMatchObject({ ok: false, error: { field: 'timestamp', detail: { line: 5 } } })
  const made = await tenant.write({ noun: 'Contact', verb: 'create', body: { name: 'Di' } })
  expect(made['$createdAt']).toBe('2024-06-01T08:00:00.001Z')
  await tenant.write({ verb: 'clock.set', body: { now: '2025-06-01T08:00:00Z' } }).catch(() => undefined)
  expect(await tenant.sendLines(year)).toMatchObject({ ok: false, error: { code: 'conflict' } })
})

test('a time that was read while the load went on may still be written to', async () => {
  const tenant = openTenant()
  await tenant.load(year.slice(0, 3))
  expect(await tenant.find('Contact', { asOf: '2026-01-01T00:00:00Z' })).toHaveLength(1)
  await tenant.load(year)
  expect(await tenant.find('Contact', { asOf: '2026-01-01T00:00:00Z' })).toEqual([])
})

test('a year survives the death of its object at any step, and is loaded once', async () => {
  const tenant = openTenant()
  const lines = Array.from({ length: 1_200 }, (_, at): HistoryLine => {
    const timestamp = new Date(Date.UTC(2024, 0, 1) + at * 3_600_000).toISOString()
    if (at % 3 > 0) return { timestamp, type: 'Contact.Updated', target: `c${at - (at % 3)}`, data: { leadScore: at } }
    return { timestamp, type: 'Contact.Created', target: `c${at}`, data: { name: `n${at}` } }
  })
  for (let kills = 0; kills < 4; kills++) {
    const loading = tenant.load(lines).catch(() => undefined)
    await expect
      .poll(async () => (await tenant.state().catch(() => ({ lines: -1 }))).lines, { interval: 2 })
      .not.toBe(-1)
    await tenant.kill()
    await loading
  }
  const { lines: before } = await tenant.state()
  expect(before % 250 === 0 || before === 1_200).toBe(true)
  expect(await tenant.load(lines)).toMatchObject({ lines: 1_200 })
  const log = await tenant.events()
  expect(log.map(({ timestamp }) => timestamp)).toEqual(lines.map(({ timestamp }) => timestamp))
  expect(await tenant.read('count', { noun: 'Contact' })).toEqual({ count: 400 })
})

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const names = ['Organization', 'Contact', 'Deal', 'Activity'] as const
const verbs = {
  Organization: ['create', 'update', 'delete'],
  Contact: ['create', 'update', 'delete', 'qualify', 'merge'],
  Deal: ['create', 'update', 'delete', 'win', 'lose'],
  Activity: ['create', 'log', 'complete', 'delete'],
} as const

/** A change of some entity, whose references and target are chosen among those that are there then. */
const step = fc.record({
  noun: fc.constantFrom(...names),
  verb: fc.nat(4),
  of: fc.nat(9),
  to: fc.nat(9),
  value: fc.nat(99),
  // Together less than the time after which a deal rots, which only the live tenant would notice.
  wait: fc.constantFrom('PT1H', 'PT6H', 'PT11H'),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

function bodyFor({ noun, value }: Step, verb: string, refer: (to: string) => object): object {
  if (verb === 'merge') return refer('Contact')
  const organization = refer('Organization')
  switch (noun) {
    case 'Organization':
      return { name: `o${value}` }
    case 'Contact':
      return { name: `c${value}`, leadScore: value, ...organization }
    case 'Deal':
      return { name: `d${value}`, value, ...refer('Contact') }
    default:
      return { subject: `a${value}`, type: 'Call', ...refer('Contact') }
  }
}

/** Makes the changes live under a test clock. Returns the lines of those that were accepted. */
async function live(tenant: ReturnType<typeof openTenant>, steps: readonly Step[]): Promise<readonly HistoryLine[]> {
  await tenant.write({ verb: 'clock.set', body: { now: '2024-01-01T00:00:00Z' } })
  const ids = new Map<string, string[]>(names.map((name) => [name, []]))
  const lines: HistoryLine[] = []
  let seen = 0
  for (const given of steps) {
    await tenant.write({ verb: 'clock.set', body: { advance: given.wait } })
    const known = (noun: string): readonly string[] => ids.get(noun) ?? []
    const verb = verbs[given.noun][given.verb % verbs[given.noun].length] ?? 'create'
    const refer = (noun: string): object => {
      const id = known(noun)[given.to % Math.max(known(noun).length, 1)]
      const field = verb === 'merge' ? 'from' : noun.toLowerCase()
      return id === undefined ? {} : { [field]: id }
    }
    const id = verb === 'create' || verb === 'log' ? undefined : known(given.noun)[given.of % 10]
    const body = ['delete', 'qualify', 'win', 'lose', 'complete'].includes(verb) ? {} : bodyFor(given, verb, refer)
    const answer = await tenant.send({ noun: given.noun, verb, body, ...(id === undefined ? {} : { id }) })
    const made = await tenant.events(seen)
    seen += made.length
    const [first] = made
    if (!answer.ok || first === undefined) continue
    if (id === undefined) ids.get(given.noun)?.push(first.target)
    const { timestamp, type, target } = first
    lines.push({ timestamp, type, target, data: body as NonNullable<HistoryLine['data']>, actor: 'loader' })
  }
  return lines
}

test(`a loaded history equals the changes made live, at every time (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), async (steps) => {
      const [then, loaded] = [openTenant(), openTenant()]
      const lines = await live(then, steps)
      await loaded.load(lines)
      const told = async (tenant: typeof then) =>
        (await tenant.events()).map((event) => ({
          ...without(event, ['id', 'via', 'causedBy', 'noun']),
          data: without(event.data, ['$context']),
        }))
      expect(await told(loaded)).toEqual(await told(then))
      for (const asOf of new Set(lines.map(({ timestamp }) => timestamp)))
        for (const noun of names) {
          const rows = async (tenant: typeof then) =>
            (await tenant.find(noun, { asOf })).map((row) => without(row, ['$context']))
          expect(await rows(loaded), `${noun} ${asOf}`).toEqual(await rows(then))
        }
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 2), endOnFailure: true },
  )
})
