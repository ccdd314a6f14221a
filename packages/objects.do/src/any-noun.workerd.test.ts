// References to any Noun in a tenant's object: comments and files of every Noun, own ones too, from both ends.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue, nouns, ObjectError, type Parameters } from 'digital-objects'
import { beforeAll, expect, test } from 'vitest'
import { askRead, askWrite } from '../test/ask-tenant.ts'
import { minimalFields } from '../test/minimal-fields.ts'
import type { Answer } from './answers/answer.ts'
import { putName } from './writes/schema-write.ts'

const caller = {
  tenant: 'any',
  context: 'http://localhost/~any',
  authority: fullAuthority('owner'),
  via: 'rest',
} as const
const stub = env.TENANTS.getByName('any')
type Json = Readonly<Record<string, JsonValue>>

function bodyOf(answer: Answer): Json {
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Json
}
const ask = (noun: string, verb: string, body: object, id?: string): Promise<Answer> =>
  askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...(id === undefined ? {} : { id }) })
const write = async (noun: string, verb: string, body: object, id?: string): Promise<Json> =>
  bodyOf(await ask(noun, verb, body, id))
const create = async (noun: string, body: object): Promise<string> => String((await write(noun, 'create', body))['$id'])
const get = async (noun: string, id: string, parameters: Parameters = {}): Promise<Json> =>
  bodyOf(await askRead(stub, caller, { read: 'get', noun, id, parameters }))
const idsOf = async (noun: string, filter: object): Promise<unknown[]> => {
  const { results } = bodyOf(
    await askRead(stub, caller, { read: 'find', noun, parameters: { filter: JSON.stringify(filter) } }),
  )
  return (results as Json[]).map(({ $id }) => $id)
}
const asset = { name: 'a', filename: 'a.pdf', url: 'https://example.com/a.pdf', mimeType: 'application/pdf', size: 1 }

const made = new Map<string, string>()

beforeAll(async () => {
  await write('Vehicle', putName, { fields: { name: 'string!' } })
  for (const { $schema } of Object.values(nouns))
    made.set(
      $schema.name,
      await create(
        $schema.name,
        minimalFields($schema, {}, (noun) => made.get(noun)),
      ),
    )
  made.set('Vehicle', await create('Vehicle', { name: 'Bus' }))
})

test('an entity of every Noun has comments and files, which filters and includes reach from both ends', async () => {
  expect(made.size).toBe(36)
  for (const [noun, id] of made) {
    const by = noun === 'Issue' ? 'issue' : 'about'
    const comment = await create('Comment', { body: `on ${noun}`, [by]: id })
    const file = await create('Asset', { ...asset, attachedTo: [id] })
    const whole = await get(noun, id, { include: 'comments,files' })
    expect([whole['comments'], whole['files']], noun).toMatchObject([[{ $id: comment }], [{ $id: file }]])
    expect(await get('Comment', comment, { include: by }), noun).toMatchObject({ [by]: { $id: id, $type: noun } })
    expect(await idsOf(noun, { 'comments.body': `on ${noun}` })).toEqual([id])
    expect(await idsOf('Comment', { [by]: id })).toEqual([comment])
    expect(await idsOf('Asset', { attachedTo: id })).toEqual([file])
  }
  expect(await idsOf('Comment', { 'about.name': 'Bus' })).toHaveLength(1)
})

test('every Noun but those with a string of that name has tags, which filters find', async () => {
  const strings = new Set(['Asset', 'Content', 'Experiment', 'Agent', 'Project', 'Ticket'])
  for (const { $schema } of Object.values(nouns)) {
    if (strings.has($schema.name)) continue
    const id = await create(
      $schema.name,
      minimalFields($schema, { tags: ['vip', 'eu'] }, (noun) => made.get(noun)),
    )
    expect(await idsOf($schema.name, { tags: 'vip' }), $schema.name).toEqual([id])
    expect(await idsOf($schema.name, { tags: 'EU' })).toEqual([])
  }
})

test('a new inverse cannot take the name of a field, whichever Noun has it', async () => {
  for (const field of ['tags', 'name', 'amountDue']) {
    const noun = field === 'amountDue' ? 'Invoice' : 'Contact'
    expect(await ask('Remark', putName, { fields: { on: `-> ${noun}.${field}` } }), field).toMatchObject({
      ok: false,
      error: { code: 'invalid_definition' },
    })
  }
})

test('a comment follows its entity when it is deleted, and a file stays without it', async () => {
  const deal = await create('Deal', { name: 'd', value: 1 })
  const comment = await create('Comment', { body: 'x', about: deal })
  const reply = await create('Comment', { body: 'y', about: comment })
  const file = await create('Asset', { ...asset, attachedTo: [deal, comment] })
  await write('Deal', 'delete', {}, deal)
  for (const id of [comment, reply]) await expect(get('Comment', id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await get('Asset', file)).not.toHaveProperty('attachedTo')
})

test('an Issue has its comments by a field of their own, and the refusal says so', async () => {
  expect(await ask('Comment', 'create', { body: 'x', about: made.get('Issue') ?? '' })).toMatchObject({
    ok: false,
    error: {
      code: 'validation_error',
      field: 'about',
      message: expect.stringContaining("whose type has 'comments' by this field") as string,
    },
  })
  expect(await ask('Comment', 'create', { body: 'x', about: 'deal_000000000000' })).toMatchObject({
    ok: false,
    error: { code: 'invalid_reference', field: 'about' },
  })
})

test('own Nouns gain and lose the inverses of an own reference to any Noun', async () => {
  await write('Star', putName, { fields: { on: '-> *.stars', note: 'string' } })
  const star = await create('Star', { on: made.get('Vehicle') ?? '' })
  expect(await get('Vehicle', made.get('Vehicle') ?? '', { include: 'stars' })).toMatchObject({
    stars: [{ $id: star }],
  })
  expect(await ask('Vehicle', putName, { fields: { name: 'string!', stars: 'integer' } })).toMatchObject({
    ok: false,
    error: { code: 'invalid_definition', field: 'stars' },
  })
  await write('Planet', putName, { fields: { name: 'string!', stars: 'integer' } })
  const planet = await create('Planet', { name: 'Mars', stars: 2 })
  expect(await ask('Star', 'create', { on: planet })).toMatchObject({ ok: false, error: { field: 'on' } })
  await write('Moon', putName, { fields: { name: 'string!' } })
  const moon = await create('Moon', { name: 'a' })
  expect(await idsOf('Star', { on: await create('Star', { on: moon }).then(() => moon) })).toHaveLength(1)
  await write('Moon', 'delete', {}, moon)
  await write('Moon', 'schema.delete', {})
})
