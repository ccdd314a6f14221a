// Search by meaning, with a model of vectors behind HTTPS on this machine, which the test plays.

import { afterAll, expect, test, vi } from 'vitest'
import { Headlessly } from '@headlessly/sdk'
import { makeCli } from '../../../packages/@headlessly/cli/test/cli.ts'
import { startServer } from '../src/embedded/launcher.ts'
import { type ChatRequest, ModelServer, type Reply } from './model-server.ts'
import { useServer } from './server.ts'
import { certificate } from './smtp/smtp-sink.ts'
import { embeddingsAnswer } from './word-vectors.ts'

type Json = Readonly<Record<string, unknown>>

const cli = makeCli()
const models = new ModelServer()
const address = await models.start()
const { call, tenant, url } = useServer({
  start: (dataFolder) =>
    startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'], outsideAuthorities: [certificate] }),
})
afterAll(() => models.stop())

const embed = ({ input = [] }: ChatRequest): Reply => ({ body: embeddingsAnswer(input) })
const embeddings = { model: 'words', price: 1, types: ['Ticket', 'Contact'] }
const connection = { server: address, model: 'small', embeddings }

async function connected(fields: Json = {}): Promise<string> {
  const at = `/~${tenant()}`
  models.reply = embed
  models.received.length = 0
  const model = { ...connection, embeddings: { ...embeddings, ...fields } }
  expect((await call('PATCH', `${at}/settings`, { model })).status).toBe(200)
  return at
}

async function ticket(at: string, subject: string, more: Json = {}): Promise<string> {
  const { status, body } = await call('POST', `${at}/Ticket`, { subject, ...more })
  expect([status, body]).toEqual([201, expect.anything()])
  return String(body['$id'])
}

/** The status, once the index has all texts. */
function indexed(at: string, expected: Json = {}): Promise<Json> {
  return vi.waitFor(
    async () => {
      const { body } = await call('GET', `${at}/semantic/status`)
      expect(body).toMatchObject({ isBehind: false, pending: 0, ...expected })
      return body
    },
    { timeout: 20_000, interval: 50 },
  )
}

async function search(at: string, body: Json, key?: string): Promise<Json> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const answer = await call('POST', `${at}/semantic`, body, headers)
  expect([answer.status, answer.body]).toEqual([200, expect.anything()])
  return answer.body
}

const subjects = ({ results }: Json): readonly unknown[] => (results as readonly Json[]).map(({ subject }) => subject)

test('without a model of vectors a search is refused with 501, asks nobody, and words are searched as before', async () => {
  const at = `/~${tenant()}`
  await ticket(at, 'My automobile is late')
  models.received.length = 0
  for (const model of [
    null,
    { server: address, model: 'small' },
    { server: 'workers-ai', model: '@cf/x', embeddings },
  ]) {
    expect((await call('PATCH', `${at}/settings`, { model })).status).toBe(200)
    expect(await call('GET', `${at}/semantic?query=car`)).toMatchObject({
      status: 501,
      body: { code: 'not_connected', connection: 'model' },
    })
  }
  expect(models.received).toEqual([])
  const filter = encodeURIComponent('{"$text":"automobile"}')
  expect(subjects((await call('GET', `${at}/Ticket?filter=${filter}`)).body)).toEqual(['My automobile is late'])
})

test('texts are found by meaning, the most alike first, beside $text, which finds words', async () => {
  const at = await connected()
  await ticket(at, 'The car does not start')
  await ticket(at, 'Please send my money back')
  const status = await indexed(at, { entities: 2 })
  expect(status).toMatchObject({
    model: 'words',
    dimensions: 512,
    refused: 0,
    usedToday: { tokens: 20, cost: 0.00002 },
  })
  expect(models.received[0]).toMatchObject({ path: '/v1/embeddings', model: 'words' })
  const found = await search(at, { query: 'reimbursement for my vehicle', type: 'Ticket' })
  expect(subjects(found)).toEqual(['Please send my money back', 'The car does not start'])
  expect(found).toMatchObject({ hasMore: false, isCut: false, pending: 0 })
  const [first, second] = found['results'] as readonly { readonly $score: number }[]
  expect(first?.$score).toBeGreaterThan(second?.$score ?? 1)
  // The same query is not sent again.
  const { length } = models.received
  const again = await call(
    'GET',
    `${at}/semantic?query=reimbursement%20for%20my%20vehicle&limit=1&type=Ticket&fields=subject`,
  )
  expect(again.body).toMatchObject({ results: [{ subject: 'Please send my money back' }], hasMore: true })
  expect(Object.keys((again.body['results'] as readonly Json[])[0] ?? {})).not.toContain('status')
  expect(models.received).toHaveLength(length)
  const words = encodeURIComponent('{"$text":"vehicle"}')
  expect((await call('GET', `${at}/Ticket?filter=${words}`)).body['results']).toEqual([])
})

test('the index follows changes, deletions and undo, and asks for a text only if it is another one', async () => {
  const at = await connected()
  const id = await ticket(at, 'The login fails')
  const other = await ticket(at, 'The parcel is defective')
  await indexed(at, { entities: 2 })
  models.received.length = 0
  await call('PATCH', `${at}/Ticket/${id}`, { priority: 'High' })
  await call('PATCH', `${at}/Ticket/${id}`, { subject: 'The invoice is wrong' })
  await vi.waitFor(() => expect(models.received.flatMap(({ input = [] }) => input)).toEqual(['The invoice is wrong']), {
    timeout: 20_000,
    interval: 50,
  })
  await indexed(at)
  expect(subjects(await search(at, { query: 'wrong invoice', limit: 1 }))).toEqual(['The invoice is wrong'])
  const gone = await call('DELETE', `${at}/Ticket/${other}`)
  expect(subjects(await search(at, { query: 'damaged parcel' }))).toEqual(['The invoice is wrong'])
  await indexed(at, { entities: 1 })
  const commit = gone.headers.get('x-headlessly-commit') ?? ''
  expect((await call('POST', `${at}/commits/${commit}/undo`)).status).toBeLessThan(300)
  await indexed(at, { entities: 2 })
  expect(subjects(await search(at, { query: 'damaged parcel', limit: 1 }))).toEqual(['The parcel is defective'])
})

test('filters, types, fields and limits are those of lists, and what cannot be asked is refused by its name', async () => {
  const at = await connected()
  for (let number = 0; number < 30; number++)
    await ticket(at, `Question ${'abcdefghijklmnopqrstuvwxyzäöüß'[number]} about the car`, {
      priority: number === 7 ? 'Urgent' : 'Low',
    })
  await call('POST', `${at}/Contact`, { name: 'Car Lover' })
  await indexed(at, { entities: 31 })
  const urgent = await search(at, { query: 'car', type: 'Ticket', filter: { priority: 'Urgent' }, fields: 'subject' })
  expect(subjects(urgent)).toEqual(['Question h about the car'])
  const all = await search(at, { query: 'car lover', limit: 5 })
  expect(all).toMatchObject({ results: [{ $type: 'Contact', name: 'Car Lover' }, {}, {}, {}, {}], hasMore: true })
  const refused = async (body: Json): Promise<unknown> => {
    const { status, body: problem } = await call('POST', `${at}/semantic`, body)
    return [status, problem['field']]
  }
  const query = 'car'
  expect(await refused({})).toEqual([400, 'query'])
  expect(await refused({ query: ' ' })).toEqual([400, 'query'])
  expect(await refused({ query: 'x'.repeat(2_001) })).toEqual([400, 'query'])
  expect(await refused({ query, type: 'Tickets' })).toEqual([404, 'type'])
  expect(await refused({ query, type: 'Deal' })).toEqual([400, 'type'])
  expect(await refused({ query, type: 'Ticket', filter: { colour: 'red' } })).toEqual([400, 'colour'])
  expect(await refused({ query, filter: { priority: 'Low' } })).toEqual([400, 'filter'])
  expect(await refused({ query, limit: 101 })).toEqual([400, 'limit'])
  expect(await refused({ query, asOf: '2026-01-01T00:00:00Z' })).toEqual([400, 'asOf'])
  expect(await refused({ query, cursor: 'x' })).toEqual([400, 'cursor'])
  expect(await refused({ query, sort: 'subject' })).toEqual([400, 'sort'])
  expect(await refused({ query, colour: 'red' })).toEqual([400, 'colour'])
  // The server may close the connection of a body that is too large before all of it has been sent.
  const body = JSON.stringify({ query: 'x'.repeat(10 * 2 ** 20) })
  const large = await fetch(`${url()}${at}/semantic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  }).then(
    ({ status }) => status,
    () => 'closed',
  )
  expect([413, 'closed']).toContain(large)
})

test('a person who was erased has no vector until the index has one of the text that is left', async () => {
  const at = await connected()
  const { body } = await call('POST', `${at}/Contact`, { name: 'Zora Quist', email: 'zora@example.com' })
  const id = String(body['$id'])
  await indexed(at, { entities: 1 })
  models.received.length = 0
  const erasing = await call('POST', `${at}/erasures`, { ids: [id] })
  expect([erasing.status, erasing.body]).toEqual([202, expect.anything()])
  await vi.waitFor(() => expect(models.received.length).toBeGreaterThan(0), { timeout: 20_000, interval: 50 })
  expect(JSON.stringify(models.received)).not.toMatch(/Zora|Quist|zora@/)
  await indexed(at)
  const found = await search(at, { query: 'zora quist' })
  for (const { $score } of found['results'] as readonly { readonly $score: number }[]) expect($score).toBeLessThan(0.5)
})

test('a provider that fails is said so by the search and the jobs, and nothing else is affected', async () => {
  const at = await connected()
  await ticket(at, 'The car does not start')
  await indexed(at)
  const answers: readonly [Reply, number][] = [
    [{ status: 500 }, 503],
    [{ status: 429, retryAfter: '7' }, 503],
    [{ status: 401 }, 501],
    [{ status: 400 }, 400],
    [{ body: {} }, 503],
    [{ body: { data: [] } }, 503],
    [{ body: { data: [{ index: 0, embedding: [1, null] }] } }, 503],
    [{ body: { data: [{ index: 0, embedding: [0.5, 0.5] }] } }, 503],
    [{ body: { data: [{ index: 0, embedding: 'x'.repeat(5 * 2 ** 20) }] } }, 501],
  ]
  for (const [at_, [reply, status]] of answers.entries()) {
    models.reply = () => reply
    const answer = await call('POST', `${at}/semantic`, { query: `question ${at_}` })
    expect([reply, answer.status]).toEqual([reply, status])
    expect(answer.body['detail']).toContain('the model gave no vector of the query')
  }
  const id = await ticket(at, 'A new one')
  await vi.waitFor(
    async () => {
      const { body } = await call('GET', `${at}/status`)
      expect(body['jobs']).toContainEqual(expect.objectContaining({ name: 'embeddings', state: 'failing' }))
    },
    { timeout: 20_000, interval: 100 },
  )
  expect((await call('GET', `${at}/Ticket/${id}`)).status).toBe(200)
  expect((await call('GET', `${at}/semantic/status`)).body).toMatchObject({ entities: 2, pending: 1 })
})

test('a text that the model refuses gets no vector, and holds up no other', async () => {
  const at = await connected()
  models.reply = (request) =>
    request.input?.some((text) => text.includes('poison')) === true ? { status: 400 } : embed(request)
  for (let number = 0; number < 5; number++) await ticket(at, number === 2 ? 'poison' : `fine ${number}`)
  await indexed(at, { entities: 5, refused: 1 })
  expect(subjects(await search(at, { query: 'fine', type: 'Ticket' }))).toHaveLength(4)
})

test('another model or size makes the index again, and no model deletes it', async () => {
  const at = await connected()
  await ticket(at, 'The car does not start')
  await indexed(at, { dimensions: 512 })
  models.reply = ({ input = [] }) => ({ body: embeddingsAnswer(input, 32) })
  const other = { ...connection, embeddings: { ...embeddings, dimensions: 32 } }
  await call('PATCH', `${at}/settings`, { model: other })
  await indexed(at, { dimensions: 32, entities: 1 })
  expect(models.received.at(-1)).toMatchObject({ dimensions: 32 })
  expect(subjects(await search(at, { query: 'vehicle' }))).toEqual(['The car does not start'])
  // Fewer types lose their vectors, and no text is asked for again.
  models.received.length = 0
  await call('PATCH', `${at}/settings`, { model: { embeddings: { types: ['Contact'] } } })
  await indexed(at, { entities: 0, types: ['Contact'] })
  expect(models.received).toEqual([])
  await call('PATCH', `${at}/settings`, { model: { embeddings: null } })
  expect((await call('GET', `${at}/semantic/status`)).status).toBe(501)
})

test('tokens of a day have a limit, after which neither texts nor queries are sent', async () => {
  const at = await connected({ tokensPerDay: 10 })
  await ticket(at, 'The car does not start')
  await indexed(at)
  await ticket(at, 'Another one')
  expect(await call('POST', `${at}/semantic`, { query: 'car' })).toMatchObject({
    status: 429,
    body: { code: 'budget_exceeded', resetsAt: expect.any(String) },
  })
  await vi.waitFor(
    async () => expect((await call('GET', `${at}/semantic/status`)).body).toMatchObject({ entities: 2, pending: 1 }),
    { timeout: 20_000, interval: 50 },
  )
  expect(models.received).toHaveLength(1)
})

test('a caller finds only what it may see, and nothing of a type with texts that are hidden from it', async () => {
  const at = await connected()
  expect(
    (await call('PATCH', `${at}/schema/User`, { fields: { role: 'Owner | Admin | Member | Viewer | Helper' } })).status,
  ).toBe(200)
  const { body: user } = await call('POST', `${at}/User`, { name: 'Bo', email: 'bo@example.com', role: 'Helper' })
  const { body: made } = await call('POST', `${at}/ApiKey`, { name: 'k', owner: user['$id'] })
  const key = String(made['key'])
  await ticket(at, 'The car is red', { priority: 'Low' })
  for (let number = 0; number < 40; number++) await ticket(at, 'car', { priority: 'Urgent' })
  await call('POST', `${at}/Contact`, { name: 'Car Lover' })
  const all = { read: 'all', write: 'all', hidden: [], verbs: 'all' }
  const nouns = { Ticket: { ...all, read: { priority: 'Low' } }, Contact: { ...all, hidden: ['name'] } }
  const put = await call('PUT', `${at}/rules`, { roles: { Helper: { nouns, others: all } } })
  expect([put.status, put.body]).toEqual([200, expect.anything()])
  await indexed(at, { entities: 42 })
  // Forty that it may not see are more alike.
  expect(subjects(await search(at, { query: 'car', type: 'Ticket', limit: 1 }))).toEqual(['car'])
  const own = await search(at, { query: 'car', type: 'Ticket', limit: 1 }, key)
  expect([subjects(own), own['hasMore']]).toEqual([['The car is red'], false])
  expect((await search(at, { query: 'car lover' }, key))['results']).toMatchObject([{ subject: 'The car is red' }])
  const headers = { authorization: `Bearer ${key}` }
  const hidden = await call('POST', `${at}/semantic`, { query: 'car', type: 'Contact' }, headers)
  expect([hidden.status, hidden.body['code'], hidden.body['field']]).toEqual([403, 'forbidden', 'type'])
  expect((await call('GET', `${at}/semantic/status`, undefined, headers)).status).toBe(403)
})

test('the client, the command line and agents find the same', async () => {
  const at = await connected()
  await ticket(at, 'The car does not start', { status: 'Open' })
  await ticket(at, 'Please send my money back')
  await indexed(at, { entities: 2 })
  const query = 'reimbursement'
  const wanted = 'Please send my money back'
  const $ = Headlessly({ tenant: at.slice(2), endpoint: url() })
  const found = await $.semantic(query, { type: 'Ticket', limit: 1, fields: ['subject'] })
  expect(found).toMatchObject({ results: [{ subject: wanted, $score: expect.any(Number) }], hasMore: true })
  cli.env['HEADLESSLY_ENDPOINT'] = url()
  const ran = await cli('semantic', query, '--limit', '1', '--tenant', at.slice(2), '--json')
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(JSON.parse(ran.stdout)).toMatchObject({ results: [{ subject: wanted }] })
  const asked = async (given: Json): Promise<Json> => {
    const params = { name: 'search', arguments: { semantic: true, ...given } }
    const headers = { accept: 'application/json, text/event-stream' }
    const answer = await fetch(`${url()}${at}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    })
    const text = await answer.text()
    const { result } = JSON.parse(text.slice(text.indexOf('data: ') + 6)) as { readonly result: Json }
    return result
  }
  const { structuredContent: page } = await asked({ query, type: 'tickets', limit: 1 })
  expect(page).toMatchObject({ results: [{ subject: wanted, $score: expect.any(Number) }], hasMore: true })
  expect(JSON.stringify(await asked({}))).toContain('semantic needs a query')
  expect(JSON.stringify(await asked({ query, asOf: '2026-01-01T00:00:00Z' }))).toContain('vectors are of the present')
})

test('the searches of an agent count against its budget', async () => {
  const at = await connected()
  await ticket(at, 'The car does not start')
  await indexed(at)
  const { body: owner } = await call('POST', `${at}/User`, { name: 'Bo', email: 'bo@example.com', role: 'Owner' })
  const fields = { name: 'Robot', owner: owner['$id'], status: 'Active', tokensPerDay: 15 }
  const { body: agent } = await call('POST', `${at}/Agent`, fields)
  const { body: made } = await call('POST', `${at}/ApiKey`, { name: 'k', owner: agent['$id'] })
  const headers = { authorization: `Bearer ${String(made['key'])}` }
  const statuses = []
  for (const query of ['one', 'two', 'two', 'three'])
    statuses.push((await call('POST', `${at}/semantic`, { query }, headers)).status)
  expect(statuses).toEqual([200, 200, 200, 429])
  expect((await search(at, { query: 'four' }))['results']).toHaveLength(1)
})
