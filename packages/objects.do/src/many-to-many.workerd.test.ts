// A many-to-many relation in a tenant's object, from both of its ends: includes, filters, pipelines, counts of references,
// and what it was before.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue, ObjectError, type Parameters, type PipelineStep } from 'digital-objects'
import { beforeAll, expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../test/ask-tenant.ts'
import { callback, item, member, method, step, value } from '../test/expression-builder.ts'
import type { Answer } from './answers/answer.ts'
import { putName } from './writes/schema-write.ts'

const caller = {
  tenant: 'many',
  context: 'http://localhost/~many',
  authority: fullAuthority('user_1'),
  via: 'rest',
} as const
const stub = env.TENANTS.getByName('many')
type Json = Readonly<Record<string, JsonValue>>

function bodyOf(answer: Answer): Json {
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Json
}
const write = async (noun: string, verb: string, body: object, id?: string): Promise<Json> =>
  bodyOf(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...(id === undefined ? {} : { id }) }))
const create = async (noun: string, body: object): Promise<string> => String((await write(noun, 'create', body))['$id'])
const get = async (noun: string, id: string, parameters: Parameters): Promise<Json> =>
  bodyOf(await askRead(stub, caller, { read: 'get', noun, id, parameters }))
const names = async (noun: string, filter: object, parameters: Parameters = {}): Promise<unknown[]> => {
  const given = { sort: 'name', ...parameters, filter: JSON.stringify(filter) }
  const { results } = bodyOf(await askRead(stub, caller, { read: 'find', noun, parameters: given }))
  return (results as Json[]).map(({ name }) => name)
}
const run = async (noun: string, steps: readonly PipelineStep[]): Promise<unknown> =>
  bodyOf(await ask(stub, caller, { kind: 'pipeline', read: 'find', noun, parameters: { sort: 'name' }, steps }))[
    'value'
  ]

let [red, blue, gone]: [string, string, string] = ['', '', '']
let [first, second]: [string, string] = ['', '']
let before = ''

beforeAll(async () => {
  await write('Label', putName, { fields: { name: 'string!' } })
  await write('Article', putName, {
    fields: { name: 'string!', stars: 'integer(0..5)', labels: '-> Label.articles[]', similar: '-> Article[]' },
    onDelete: { labels: 'keep' },
  })
  await write('Label', putName, { fields: { name: 'string!', articles: '<- Article.labels[]' } })
  red = await create('Label', { name: 'red' })
  blue = await create('Label', { name: 'blue' })
  gone = await create('Label', { name: 'gone' })
  first = await create('Article', { name: 'a', stars: 1, labels: [blue, gone, red, blue] })
  second = await create('Article', { name: 'b', stars: 5, labels: [red], similar: [first] })
  await create('Article', { name: 'c' })
  before = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 3))
  await write('Label', 'delete', {}, gone)
  await write('Article', 'update', { labels: [blue] }, second)
})

test('includes give the entities of a list in its order, and those that name one from the other end', async () => {
  const article = await get('Article', first, { include: 'labels' })
  expect((article['labels'] as Json[]).map(({ name }) => name)).toEqual(['blue', 'red', 'blue'])
  expect((await get('Article', first, {}))['labels']).toEqual([blue, gone, red, blue])
  const label = await get('Label', blue, { include: 'articles' })
  expect((label['articles'] as Json[]).map(({ name }) => name)).toEqual(['b', 'a'])
  expect(await get('Article', second, { include: 'labels,similar', asOf: before })).toMatchObject({
    labels: [{ name: 'red' }],
    similar: [{ name: 'a' }],
  })
})

test('filters lead through the list from both ends, now and before', async () => {
  expect(await names('Article', { labels: blue })).toEqual(['a', 'b'])
  expect(await names('Article', { labels: { $nin: [blue] } })).toEqual(['c'])
  expect(await names('Article', { labels: [] })).toEqual(['c'])
  expect(await names('Article', { 'labels.name': 'red' })).toEqual(['a'])
  expect(await names('Article', { 'labels.name': 'gone' })).toEqual([])
  expect(await names('Label', { 'articles.stars': { $gte: 5 } })).toEqual(['blue'])
  expect(await names('Label', { articles: second })).toEqual(['blue'])
  expect(await names('Article', { labels: blue }, { asOf: before })).toEqual(['a'])
  expect(await names('Article', { 'labels.name': 'gone' }, { asOf: before })).toEqual(['a'])
  expect(await names('Label', { articles: second }, { asOf: before })).toEqual(['red'])
  expect(await names('Article', { 'similar.labels.name': 'red' })).toEqual(['b'])
})

test('pipelines follow the list as a list of entities', async () => {
  const labelNames = method(member(item, 'labels'), 'map', callback(member(item, 'name')))
  expect(await run('Article', [step('map', labelNames)])).toEqual([['blue', 'red', 'blue'], ['blue'], []])
  expect(await run('Article', [step('map', member(item, 'labels')), step('map', member(item, 'name'))])).toEqual([
    'blue',
    'red',
    'blue',
    'blue',
  ])
  const stars = method(member(item, 'articles'), 'map', callback(member(item, 'stars')))
  expect(await run('Label', [step('map', stars)])).toEqual([[5, 1], [1]])
  const isBlue = method(
    method(member(item, 'labels'), 'map', callback(member(item, 'name'))),
    'includes',
    value('blue'),
  )
  expect(await run('Article', [step('filter', isBlue), step('map', member(item, 'name'))])).toEqual(['a', 'b'])
})

test('counts of references, and what a definition and OpenAPI say of lists', async () => {
  const { results } = bodyOf(await askRead(stub, caller, { read: 'references', noun: 'Label', id: blue }))
  expect(results).toEqual([{ noun: 'Article', field: 'labels', count: 2 }])
  const document = bodyOf(await askRead(stub, caller, { read: 'openapi' }))
  const items = { type: 'string', pattern: '^label_[0-9A-Za-z]{12}$' }
  const labels = {
    type: ['array', 'null'],
    maxItems: 1_000,
    items,
    description: 'Id of an entity of type Label.',
  }
  expect(document).toMatchObject({
    components: { schemas: { ArticleUpdate: { properties: { labels } } } },
  })
})

test('what a list may not hold is refused, and changes nothing', async () => {
  const refused = (labels: unknown): Promise<Answer> =>
    askWrite(stub, caller, { noun: 'Article', verb: 'update', id: first, body: JSON.stringify({ labels }) })
  expect(await refused([red, first])).toMatchObject({
    ok: false,
    error: { code: 'validation_error', field: 'labels.1' },
  })
  expect(await refused([red, 'label_000000000000'])).toMatchObject({
    ok: false,
    error: { code: 'invalid_reference', field: 'labels' },
  })
  expect(await refused(red)).toMatchObject({ ok: false, error: { code: 'validation_error', field: 'labels' } })
  expect((await get('Article', first, {}))['labels']).toEqual([blue, gone, red, blue])
})
