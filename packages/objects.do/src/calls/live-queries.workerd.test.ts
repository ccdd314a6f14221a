// Live queries of callers with generated authorities and filters, compared after each generated commit with the same list,
// read again.

import { env } from 'cloudflare:test'
import { type Authority, type Entity, fullAuthority, type ObjectErrorData, type RowRule } from 'digital-objects'
import fc from 'fast-check'
import { liveRequest } from 'objects.do'
import { describe, expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'
import { caller as full, filterOf, type Ids, type Kind, kinds, recordOf } from '../../test/generated-tenant.ts'
import { restrictedCallers } from '../../test/restricted-callers.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 1)
const newTenant = () => env.TENANTS.get(env.TENANTS.newUniqueId())
type Tenant = ReturnType<typeof newTenant>

interface Query {
  readonly noun: Kind
  /** JSON. */
  readonly filter: string
  readonly authority: Authority
}

interface Follower extends Query {
  /** Entities by their ids, by what the messages said. */
  readonly rows: Map<string, Entity>
  readonly resets: number[]
  readonly changes: number[]
  readonly closes: number[]
  readonly socket: WebSocket
}

interface Message {
  readonly $type: 'Ready' | 'Changes' | 'Reset'
  readonly seq: number
  readonly entered: readonly Entity[]
  readonly changed: readonly Entity[]
  readonly left: readonly { readonly $id: string }[]
}

const requestOf = ({ noun, filter, authority }: Query, after?: number): Request => {
  const search = new URLSearchParams({ filter, ...(after === undefined ? {} : { after: String(after) }) })
  return liveRequest({
    noun,
    search: `?${search.toString()}`,
    headers: new Headers({ upgrade: 'websocket' }),
    authority,
  })
}

/** Returns the refusal if there is one. The changes of the rest of a log are not held to a list. */
async function follow(
  tenant: Tenant,
  query: Query,
  after?: number,
  { isRest = false } = {},
): Promise<Follower | ObjectErrorData> {
  const answer = await tenant.fetch(requestOf(query, after))
  const { webSocket: socket } = answer
  if (socket === null) return answer.json<ObjectErrorData>()
  const follower: Follower = { ...query, rows: new Map(), resets: [], changes: [], closes: [], socket }
  socket.addEventListener('message', ({ data }) => {
    const { $type, seq, entered, changed, left } = JSON.parse(String(data)) as Message
    if ($type === 'Reset') follower.resets.push(seq)
    if ($type !== 'Changes') return
    follower.changes.push(seq)
    if (isRest) return
    for (const entity of entered) {
      expect(follower.rows.has(entity.$id), 'entered twice').toBe(false)
      follower.rows.set(entity.$id, entity)
    }
    for (const entity of changed) {
      expect(follower.rows.has(entity.$id), 'changed without having entered').toBe(true)
      follower.rows.set(entity.$id, entity)
    }
    for (const { $id } of left) expect(follower.rows.delete($id), 'left without having entered').toBe(true)
    socket.send(JSON.stringify({ $type: 'Ack', seq }))
  })
  socket.addEventListener('close', ({ code }) => void follower.closes.push(code))
  socket.accept()
  return follower
}

const refusalOf = async (tenant: Tenant, query: Query): Promise<ObjectErrorData> =>
  (await tenant.fetch(requestOf(query))).json<ObjectErrorData>()

async function list(tenant: Tenant, { noun, filter, authority }: Query): Promise<readonly Entity[]> {
  const answer = await askRead(
    tenant,
    { ...full, authority },
    { read: 'find', noun, parameters: { filter, limit: '100' } },
  )
  if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  return (JSON.parse(answer.body) as { results: readonly Entity[] }).results
}

const byId = (entities: Iterable<Entity>): readonly Entity[] =>
  [...entities].toSorted((a, b) => (a.$id < b.$id ? -1 : 1)).map((entity) => ({ ...entity, $context: '' }))

/** Waits for messages that may be on their way. */
async function expectSame(tenant: Tenant, follower: Follower, label: string): Promise<void> {
  const wanted = byId(await list(tenant, follower))
  const isSame = (): boolean => JSON.stringify(byId(follower.rows.values())) === JSON.stringify(wanted)
  for (const end = Date.now() + 5_000; !isSame() && Date.now() < end;) await new Promise((done) => setTimeout(done, 1))
  expect(byId(follower.rows.values()), `${label}: ${follower.noun} ${follower.filter}`).toEqual(wanted)
}

class Writer {
  readonly ids: Ids = { Organization: [], Contact: [], Deal: [], Activity: [] }
  readonly #tenant: Tenant
  #salt = 0

  constructor(tenant: Tenant) {
    this.#tenant = tenant
  }

  sample<Value>(arbitrary: fc.Arbitrary<Value>): Value {
    return fc.sample(arbitrary, { seed: seed * 10_007 + this.#salt++, numRuns: 1 })[0] as Value
  }

  /** Makes one to four creations, updates and deletions, as one commit. */
  async commit(): Promise<void> {
    const operation = fc.record({
      kind: fc.constantFrom(...kinds),
      what: fc.constantFrom('create', 'update', 'update', 'delete'),
      at: fc.nat(),
    })
    const operations = this.sample(fc.array(operation, { minLength: 1, maxLength: 4 })).map(
      ({ kind, what, at }, nth) => {
        const ids = this.ids[kind]
        const id = ids[at % Math.max(1, ids.length)]
        const body = this.sample(recordOf[kind](this.ids))
        if (what === 'create' || id === undefined) return { id: `o${nth}`, method: 'POST', path: `/${kind}`, body }
        if (what === 'update') return { id: `o${nth}`, method: 'PATCH', path: `/${kind}/${id}`, body }
        ids.splice(ids.indexOf(id), 1)
        return { id: `o${nth}`, method: 'DELETE', path: `/${kind}/${id}` }
      },
    )
    const body = JSON.stringify({ operations, atomic: false })
    const answer = await ask(this.#tenant, full, { kind: 'write', verb: 'batch', noun: '', body })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const { results } = JSON.parse(answer.body) as { results: readonly { status: number; body: Entity | null }[] }
    for (const { status, body: created } of results)
      if (status === 201 && created !== null) this.ids[created.$type as Kind].push(created.$id)
  }

  async atomicCommit(): Promise<void> {
    const contact = this.sample(recordOf.Contact({ ...this.ids, Organization: [] }))
    const operations = [
      { id: 'a', method: 'POST', path: '/Contact', body: contact },
      { id: 'b', method: 'PATCH', path: { $ref: 'a', path: "concat('/Contact/', $id)" }, body: { stage: 'Qualified' } },
      { id: 'c', method: 'POST', path: '/Contact', body: { name: 'passing' } },
      { id: 'd', method: 'DELETE', path: { $ref: 'c', path: "concat('/Contact/', $id)" } },
    ]
    const answer = await ask(this.#tenant, full, {
      kind: 'write',
      verb: 'batch',
      noun: '',
      body: JSON.stringify({ operations }),
    })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  }
}

describe(`seed ${seed}`, () => {
  test('followers have what the list has after each commit, and after they resume', async () => {
    for (let run = 0; run < runs; run++) {
      const tenant = newTenant()
      const writer = new Writer(tenant)
      await writer.commit()
      const callers = restrictedCallers({ seed: seed + run, count: 4, contactIds: [] })
      const authorities = [fullAuthority('anonymous'), fullAuthority('anonymous'), ...callers.map((of) => of.authority)]
      const queries = authorities.flatMap((authority) =>
        kinds.flatMap((noun) =>
          ['{}', JSON.stringify(writer.sample(filterOf(noun)))].map((filter) => ({ noun, filter, authority })),
        ),
      )
      const followed: Follower[] = []
      const refused: ObjectErrorData[] = []
      for (const query of queries) {
        const follower = await follow(tenant, query, 0)
        if ('socket' in follower) followed.push(follower)
        else refused.push(follower)
      }
      expect(['invalid_filter', 'forbidden', 'not_found']).toEqual(
        expect.arrayContaining([...new Set(refused.map(({ code }) => code))]),
      )
      expect(followed.length).toBeGreaterThan(8)
      const others = new Set(followed.filter((_, at) => at % 2 === 0))
      for (let nth = 0; nth < 10; nth++) {
        await (nth % 5 === 4 ? writer.atomicCommit() : writer.commit())
        for (const follower of followed) if (!others.has(follower)) await expectSame(tenant, follower, `seed ${seed}`)
      }
      for (const follower of others) {
        await expectSame(tenant, follower, 'at the end')
        const late = await follow(tenant, follower, 0)
        if (!('socket' in late)) throw new Error(JSON.stringify(late))
        await expectSame(tenant, late, 'from the start')
        // A list that continues inside the log has the rest only: together with the messages before, it is the list.
        const at = follower.changes[Math.floor(follower.changes.length / 2)] ?? 0
        const rest = await follow(tenant, follower, at, { isRest: true })
        if (!('socket' in rest)) throw new Error(JSON.stringify(rest))
        const wanted = follower.changes.filter((seq) => seq > at)
        for (const end = Date.now() + 5_000; rest.changes.length < wanted.length && Date.now() < end;)
          await new Promise((done) => setTimeout(done, 1))
        expect(rest.changes).toEqual(wanted)
        rest.socket.close()
        late.socket.close()
      }
      for (const { socket, closes, resets } of followed) {
        expect({ closes, resets }).toEqual({ closes: [], resets: [] })
        socket.close()
      }
    }
  })
})

const everything = fullAuthority('anonymous')

test('what a live query cannot follow is refused by name', async () => {
  const tenant = newTenant()
  await askWrite(tenant, full, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  const refusal = (noun: string, filter: string, authority = everything): Promise<ObjectErrorData> =>
    refusalOf(tenant, { noun: noun as Kind, filter, authority })
  expect(await refusal('Deal', '{"contact.organization.industry":"x"}')).toMatchObject({
    code: 'invalid_filter',
    field: 'contact.organization.industry',
  })
  expect(await refusal('Deals', '{}')).toMatchObject({ code: 'not_found', message: expect.stringContaining("'Deal'") })
  expect(await refusal('Deal', '{"valu":1}')).toMatchObject({ code: 'invalid_filter', field: 'valu' })
  expect(await refusal('Deal', '{"$or":[{"name":{"$regex":"("}}]}')).toMatchObject({
    code: 'invalid_filter',
    field: '$regex',
  })
  expect(await refusal('Deal', `{"name":"${'x'.repeat(1_024)}"}`)).toMatchObject({ code: 'invalid_filter' })
  const nothing = { read: 'none', write: 'none', hidden: [], verbs: [] } as const
  const restricted = (read: RowRule, hidden: readonly string[] = []): Authority => ({
    who: 'user_0000000000aa',
    nouns: { Contact: { ...nothing, read, hidden } },
    others: nothing,
  })
  const far = restricted({ 'organization.city': 'Berlin' })
  expect(await refusal('Contact', '{}', far)).toMatchObject({ code: 'forbidden' })
  expect(await refusal('Contact', '{"title":"CTO"}', restricted({}, ['title']))).toMatchObject({
    code: 'invalid_filter',
  })
  expect(await refusal('Deal', '{}', restricted({}))).toMatchObject({ code: 'not_found' })
  const sorted = await tenant.fetch(
    liveRequest({ noun: 'Deal', search: '?sort=name', headers: new Headers(), authority: everything }),
  )
  expect(await sorted.json()).toMatchObject({ code: 'invalid_parameter', field: 'sort' })
})

test('a changed definition resets every query, live and for those who resume, and ends one that it makes invalid', async () => {
  const tenant = newTenant()
  const put = (fields: object): Promise<unknown> =>
    askWrite(tenant, full, { noun: 'Vehicle', verb: 'schema.put', body: JSON.stringify({ fields }) })
  await put({ name: 'string!', seats: 'number?' })
  await put({ name: 'string!', seats: 'number?', color: 'string?' })
  const query = { noun: 'Vehicle' as Kind, filter: '{"color":"red"}', authority: everything }
  const [one, other] = [await follow(tenant, query), await follow(tenant, { ...query, filter: '{}' })]
  if (!('socket' in one) || !('socket' in other)) throw new Error(JSON.stringify([one, other]))
  const body = '{"name":"bus","color":"red"}'
  await askWrite(tenant, full, { noun: 'Vehicle', verb: 'create', body })
  await expectSame(tenant, one, 'an own Noun')
  await put({ name: 'string!', seats: 'number?', color: 'string?', wheels: 'number?' })
  for (const end = Date.now() + 5_000; other.resets.length + one.resets.length < 2 && Date.now() < end;)
    await new Promise((done) => setTimeout(done, 1))
  expect([one.resets.length, other.resets.length]).toEqual([1, 1])
  const late = await follow(tenant, { ...query, filter: '{}' }, one.resets[0])
  const early = await follow(tenant, { ...query, filter: '{}' }, (one.resets[0] ?? 1) - 1)
  if (!('socket' in late) || !('socket' in early)) throw new Error('refused')
  for (const end = Date.now() + 5_000; early.resets.length < 1 && Date.now() < end;)
    await new Promise((done) => setTimeout(done, 1))
  expect([late.resets, early.resets]).toEqual([[], one.resets])
})
