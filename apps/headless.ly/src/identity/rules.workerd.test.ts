// Rules of roles, and what members and their agents learn by them: generated rules and data, and every read, against a model.

import type { Entity, NounAuthority, ObjectEvent, RowRule } from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 4)
const everything: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }
const tenant = new KeyedTenant()
const stages = ['Prospecting', 'Qualification', 'Proposal']

interface Member {
  readonly key: string
  /** The user for whom `$me` stands. */
  readonly me: string
}

let members: readonly Member[]
let users: readonly string[]
let deals: readonly Entity[]
let segment = ''

beforeAll(async () => {
  const role = { fields: { role: 'Owner | Admin | Member | Viewer | Sales' } }
  expect((await tenant.send('PATCH', '/schema/User', role)).status).toBe(200)
  const ada = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Sales' })
  const bo = await tenant.make('/User', { name: 'Bo', email: 'bo@example.com', role: 'Sales' })
  const agent = await tenant.make('/Agent', { name: 'Helper', owner: bo.$id, status: 'Active' })
  const keys = [ada, bo, agent].map(({ $id }) => tenant.make('/ApiKey', { name: 'k', owner: $id }))
  users = [ada.$id, bo.$id]
  members = (await Promise.all(keys)).map(({ key }, at) => ({ key, me: at === 0 ? ada.$id : bo.$id }))
  const made: Entity[] = []
  for (let nth = 0; nth < 12; nth++) {
    const owner = [ada.$id, bo.$id, undefined][nth % 3]
    const fields = { name: `deal ${nth}`, value: nth * 10, stage: stages[nth % stages.length] }
    made.push(await tenant.make('/Deal', { ...fields, ...(owner === undefined ? {} : { owner }) }))
  }
  deals = made
  const criteria = { type: 'Deal', filter: { name: { $exists: true } } }
  segment = (await tenant.make('/Segment', { name: 'all deals', criteria })).$id
})

const condition = fc.oneof(
  fc.constant({ owner: '$me' }),
  fc.constantFrom(...stages).map((stage) => ({ stage })),
  fc.integer({ min: 0, max: 110 }).map((least) => ({ value: { $gte: least } })),
  fc.constant({ owner: { $exists: false } }),
)
const rowRule: fc.Arbitrary<RowRule> = fc.oneof(
  fc.constant<RowRule>('all'),
  fc.constant<RowRule>('none'),
  condition,
  fc.tuple(condition, condition).map(([one, other]) => ({ $or: [one, other] })),
  fc.tuple(condition, condition).map(([one, other]) => ({ $and: [one, { $not: other }] })),
)
/** A role that grants everything would be an administrator, and is refused. */
const grants = fc
  .record({ read: rowRule, hidden: fc.subarray(['value', 'stage']) })
  .filter(({ read, hidden }) => read !== 'all' || hidden.length > 0)
type Grants = { readonly read: RowRule; readonly hidden: readonly string[] }

/** The model: whether the rule holds for a deal. */
function holds(rule: RowRule, deal: Entity, me: string): boolean {
  if (typeof rule === 'string') return rule === 'all'
  return Object.entries(rule).every(([name, wanted]) => {
    const parts = wanted as RowRule[]
    if (name === '$or') return parts.some((part) => holds(part, deal, me))
    if (name === '$and') return parts.every((part) => holds(part, deal, me))
    if (name === '$not') return !holds(wanted as RowRule, deal, me)
    if (name === 'value') return Number(deal['value']) >= (wanted as { $gte: number }).$gte
    if (typeof wanted === 'object') return deal[name] === undefined
    return deal[name] === (wanted === '$me' ? me : wanted)
  })
}

async function setRule({ read, hidden }: Grants): Promise<void> {
  const Sales = { nouns: { Deal: { ...everything, read, hidden } }, others: everything }
  const response = await tenant.send('PUT', '/rules', { roles: { Sales } })
  if (!response.ok) throw new Error(await response.text())
}

const asked = async (path: string, key: string): Promise<{ readonly status: number; readonly body: unknown }> => {
  const response = await tenant.ask(path, { key })
  return { status: response.status, body: await response.json() }
}

async function check({ read, hidden }: Grants, { key, me }: Member): Promise<void> {
  const visible = deals.filter((deal) => holds(read, deal, me))
  const ids = visible.map(({ $id }) => $id).toSorted()
  const list = await asked('/Deal?strong=true&limit=100&count=exact', key)
  if (read === 'none') return expect(list.status).toBe(404)
  const { results, total } = list.body as { results: readonly Entity[]; total: number }
  expect(results.map(({ $id }) => $id).toSorted()).toEqual(ids)
  expect(total).toBe(ids.length)
  for (const entity of results) for (const field of hidden) expect(entity).not.toHaveProperty(field)
  expect((await asked('/Deal/count', key)).body).toEqual({ count: ids.length })
  for (const { $id } of deals) {
    const { status } = await asked(`/Deal/${$id}?strong=true`, key)
    expect(status).toBe(ids.includes($id) ? 200 : 404)
    const history = await asked(`/Deal/${$id}/history`, key)
    expect(history.status === 200 && JSON.stringify(history.body).includes('Deal.Created')).toBe(ids.includes($id))
  }
  for (const field of ['value', 'stage']) {
    const filter = encodeURIComponent(JSON.stringify({ [field]: { $exists: true } }))
    const { status } = await asked(`/Deal?filter=${filter}&strong=true`, key)
    expect(status).toBe(hidden.includes(field) ? 400 : 200)
  }
  const sums = await asked('/Deal/aggregate?sum=value', key)
  expect(sums.status).toBe(hidden.includes('value') ? 400 : 200)
  if (!hidden.includes('value') && ids.length > 0) {
    const [group] = (sums.body as { results: readonly { sum: { value: number } }[] }).results
    expect(group?.sum.value).toBe(visible.reduce((sum, { value }) => sum + Number(value), 0))
  }
  const events = (await asked('/events?limit=1000&type=Deal.*', key)).body as { results: readonly ObjectEvent[] }
  expect([...new Set(events.results.map(({ target }) => target))].toSorted()).toEqual(ids)
  for (const { data, changes } of events.results)
    for (const field of hidden) expect([data, changes].some((part) => field in part)).toBe(false)
  const found = await asked(`/Deal?filter=${encodeURIComponent('{"$text":"deal"}')}&strong=true&limit=100`, key)
  expect((found.body as { results: readonly Entity[] }).results.map(({ $id }) => $id).toSorted()).toEqual(ids)
  await checkDerived({ visible, hidden, key })
}

interface Derived {
  readonly visible: readonly Entity[]
  readonly hidden: readonly string[]
  readonly key: string
}

/** Everything made of deals: groups, metrics, the status, segments, pipelines, and what agents are told. */
async function checkDerived({ visible, hidden, key }: Derived): Promise<void> {
  const ids = visible.map(({ $id }) => $id).toSorted()
  const groups = await asked('/Deal/aggregate?by=stage', key)
  if (hidden.includes('stage')) expect(groups.status).toBe(400)
  else {
    const { results } = groups.body as { results: readonly { by: { stage: string }; count: number }[] }
    const counts = Map.groupBy(visible, ({ stage }) => stage)
    expect(new Map(results.map(({ by, count }) => [by.stage, count]))).toEqual(
      new Map([...counts].map(([stage, { length }]) => [stage, length])),
    )
  }
  for (const [name, value, reads] of [
    ['deals_open', visible.length, ['stage']],
    ['pipeline', visible.reduce((sum, deal) => sum + Number(deal['value']), 0), ['stage', 'value']],
  ] as const) {
    const { status, body } = await asked(`/metrics/${name}`, key)
    const isRefused = reads.some((field) => hidden.includes(field))
    expect([name, isRefused ? status >= 400 : (body as { value: number }).value]).toEqual([name, isRefused || value])
  }
  const { entities } = (await asked('/status', key)).body as { entities: Readonly<Record<string, number>> }
  expect(entities['Deal'] ?? 0).toBe(ids.length)
  const members = await asked(`/Segment/${segment}/members?limit=100&count=exact`, key)
  const page = members.body as { results: readonly Entity[]; total: number }
  expect([page.results.map(({ $id }) => $id).toSorted(), page.total]).toEqual([ids, ids.length])
  const call = { kind: 'pipeline', read: 'find', noun: 'Deal', parameters: { limit: '100' }, steps: [] }
  const message = await tenant.post('/rpc', { calls: [call] }, key)
  const told = await message.text()
  for (const { $id } of deals) expect(told.includes($id)).toBe(ids.includes($id))
  for (const { $id } of deals.slice(0, 4)) {
    const fetched = await tool('fetch', { id: $id }, key)
    expect(fetched.includes('"isError":true')).toBe(!ids.includes($id))
    if (!ids.includes($id)) continue
    for (const field of ['value', 'stage'])
      expect([field, new RegExp(`"${field}(?:\\\\)?":`).test(fetched)]).toEqual([field, !hidden.includes(field)])
  }
}

/** Calls a tool of the interface for agents, and returns the text of its answer. */
async function tool(name: string, given: object, key: string): Promise<string> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }
  const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }
  return (await tenant.post('/mcp', body, key, headers)).text()
}

describe('what members and agents learn', () => {
  test(`is what their rules say, by every read (seed ${seed})`, () =>
    fc.assert(
      fc.asyncProperty(grants, async (rules) => {
        await setRule(rules)
        for (const member of members) await check(rules, member)
      }),
      { seed, numRuns: runs },
    ))

  test(`is what the preview of the rules said (seed ${seed})`, () =>
    fc.assert(
      fc.asyncProperty(grants, fc.nat(deals.length - 1), async ({ read, hidden }, nth) => {
        const roles = { Sales: { nouns: { Deal: { ...everything, read, hidden } }, others: everything } }
        const [user = ''] = users
        const seen = await (
          await tenant.post('/rules/preview', { roles, member: user })
        ).json<{
          nouns: Record<string, { visible: number; hidden: readonly string[] }>
        }>()
        const visible = deals.filter((deal) => holds(read, deal, user))
        expect(seen.nouns['Deal']).toMatchObject({ visible: visible.length, hidden })
        const deal = deals[nth] as Entity
        const who = await (
          await tenant.post('/rules/preview', { roles, entity: deal.$id })
        ).json<{
          members: readonly { member: string; role: string; read: RowRule }[]
        }>()
        const expected = users.filter((one) => holds(read, deal, one))
        expect(who.members.map(({ member }) => member).toSorted()).toEqual(expected.toSorted())
        for (const { role, read: rule } of who.members) expect([role, rule]).toEqual(['Sales', read])
      }),
      { seed, numRuns: runs },
    ))
})

test('a rule is an event with its versions, and only full authority reads or changes rules', async () => {
  const own = new KeyedTenant()
  const roles = { Viewer: { others: { read: 'all' }, nouns: { Deal: { read: 'none' } } } }
  expect((await own.send('PUT', '/rules', { roles })).status).toBe(200)
  const shown = await (await own.ask('/rules')).json<{ roles: Record<string, unknown> }>()
  expect(Object.keys(shown.roles)).toEqual(['Owner', 'Admin', 'Member', 'Viewer'])
  expect((await own.events()).map(({ type }) => type)).toEqual(['Rules.Created'])
  const eve = await own.make('/User', { name: 'Eve', email: 'eve@example.com', role: 'Viewer' })
  const { key } = await own.make('/ApiKey', { name: 'Eve', owner: eve.$id })
  expect((await own.ask('/Deal', { key })).status).toBe(404)
  for (const [method, path] of [
    ['PUT', '/rules'],
    ['POST', '/rules/preview'],
  ] as const)
    expect((await own.send(method, path, { roles: {} }, key)).status).toBe(403)
  expect((await own.ask('/rules', { key })).status).toBe(403)
  expect(await (await own.ask('/events?limit=100', { key })).text()).not.toContain('Rules')
  const whoami = await (await own.ask('/whoami', { key })).json<Record<string, unknown>>()
  expect(await (await own.ask('/whoami')).json()).toMatchObject({ actor: 'owner', mayDoEverything: true })
  expect(whoami).toMatchObject({ actor: eve.$id, mayDoEverything: false, nouns: { Deal: { read: 'none' } } })
})

test.each([
  [{ roles: { Owner: {} } }, 'roles.Owner'],
  [{ roles: { Sales: { others: { read: 'all' } } } }, 'roles.Sales'],
  [{ roles: { Member: { nouns: { Dael: { read: 'all' } } } } }, 'roles.Member.nouns.Dael'],
  [{ roles: { Member: { nouns: { Deal: { read: { nobody: 1 } } } } } }, 'roles.Member.nouns.Deal.read'],
  [{ roles: { Member: { nouns: { Deal: { hidden: ['nothing'], read: 'all' } } } } }, 'roles.Member.nouns.Deal.hidden'],
  [{ roles: { Member: { others: everything } } }, 'roles.Member'],
  [{ roles: { Member: { rights: 1 } } }, 'roles.Member.rights'],
  [{}, 'roles'],
])('the rules %j are refused, and name %s', async (body, field) => {
  const own = new KeyedTenant()
  const response = await own.send('PUT', '/rules', body)
  expect([response.status, (await response.json<{ field: string }>()).field]).toEqual([400, field])
})
