// Updates that move the state, on every path: they are the verb that leads there, with its event, effects and permission.

import { env } from 'cloudflare:test'
import {
  amountRulesOf,
  type CallOf,
  fullAuthority,
  type JsonValue,
  type NounSchema,
  nouns,
  type ObjectEvent,
} from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { minimalFields } from '../../test/minimal-fields.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

type Json = Readonly<Record<string, JsonValue>>
type Given = Partial<Omit<CallOf<'write'>, 'body'>> & { readonly body?: object }

function openTenant() {
  const name = `t${crypto.randomUUID().slice(0, 8)}`
  const caller: Caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('ada'),
    via: 'rest',
  }
  const stub = env.TENANTS.getByName(name)
  const send = ({ body = {}, ...given }: Given, by = caller): Promise<Answer> =>
    ask(stub, by, { kind: 'write', noun: '', verb: '', ...given, body: JSON.stringify(body) })
  const create = async (noun: string, body: object): Promise<string> => {
    const answer = await send({ noun, verb: 'create', body })
    if (!answer.ok) throw new Error(`${noun}: ${answer.error.message}`)
    return answer.createdId ?? ''
  }
  const events = async (): Promise<readonly ObjectEvent[]> => {
    const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000' } })
    return answer.ok ? (JSON.parse(answer.body) as { results: ObjectEvent[] }).results : []
  }
  const get = async (noun: string, id: string): Promise<Json> => {
    const answer = await askRead(stub, caller, { read: 'get', noun, id })
    return answer.ok ? (JSON.parse(answer.body) as Json) : {}
  }
  return { caller, send, create, events, get }
}

const refused = (code: string): object => ({ ok: false, error: { code } })

/** The fields of an answer without those that differ between two entities; the code of a refusal. */
function outcomeOf(answer: Answer): unknown {
  if (!answer.ok) return answer.error.code
  const entity = JSON.parse(answer.body) as Json
  const isOwn = (value: JsonValue): boolean =>
    typeof value === 'string' && /^(\d{4}-\d\d-\d\dT.*|[a-z]+_[0-9A-Za-z]{12})$/.test(value)
  const kept = Object.entries(entity).filter(
    ([name]) => !name.startsWith('$') && !['name', 'key', 'keyPrefix', 'slug', 'email'].includes(name),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, isOwn(value) ? 'a time or an id' : value]))
}

/** The states in which an entity of the Noun can be created. */
function startsOf({ state = '', fields, transitions }: NounSchema): readonly string[] {
  const field = fields[state]
  const start = field?.kind === 'enum' ? String(field.default) : ''
  return [start, ...transitions.filter(({ from, verb }) => from.length === 0 && verb === 'create').map(({ to }) => to)]
}

test('an update to another state gives the fields that the verb gives, for every Noun and transition', async () => {
  const { send, create } = openTenant()
  const customer = await create('Customer', { name: 'Ada' })
  let compared = 0
  for (const { $schema: schema } of Object.values(nouns)) {
    const { name: noun, state, transitions } = schema
    if (state === undefined || amountRulesOf(schema).frozen.some(({ fields }) => fields.includes(state))) continue
    const starts = new Set(startsOf(schema))
    for (const { from, verb, to, named } of transitions) {
      const start = from.find((one) => one !== to && starts.has(one))
      const isByUpdate = transitions.some(
        (row) => row.verb === 'update' && row.to === to && row.from.includes(start ?? ''),
      )
      const isTwice = schema.verbs[verb]?.event !== to && transitions.some((row) => row.to === to && row.verb !== verb)
      const { systemOnly, requires } = schema.verbs[verb]?.effect ?? {}
      if (start === undefined || isByUpdate || isTwice || requires !== undefined || systemOnly === true) continue
      const make = () =>
        create(
          noun,
          minimalFields(schema, { [state]: start }, () => customer),
        )
      const body = named === true ? { [state]: to } : {}
      const byVerb = await send({ noun, verb, id: await make(), body })
      const byUpdate = await send({ noun, verb: 'update', id: await make(), body: { [state]: to } })
      expect(outcomeOf(byUpdate), `${noun}.${verb} from ${start} to ${to}`).toEqual(outcomeOf(byVerb))
      compared++
    }
  }
  expect(compared).toBeGreaterThan(40)
})

test('an update has the event and the effects of the verb, in many, in a batch and for one', async () => {
  const { send, create, events, get } = openTenant()
  const contact = await create('Contact', { name: 'Ada' })
  const organization = await create('Organization', { name: 'Acme', type: 'Prospect' })
  const deal = (): Promise<string> => create('Deal', { name: 'Engine', value: 5, contact, organization })
  const [first, second, third] = [await deal(), await deal(), await deal()]
  const body = { stage: 'Won', name: 'Big engine' }
  expect(await send({ noun: 'Deal', verb: 'update', id: first, body })).toMatchObject({ ok: true })
  expect(await get('Deal', first)).toMatchObject({ ...body, probability: 100 })
  expect(await get('Organization', organization)).toMatchObject({ type: 'Customer' })
  const many = { noun: 'Deal', verb: 'updateMany', body: { ids: [second], set: { stage: 'Won' } } }
  expect(await send(many)).toMatchObject({ ok: true })
  const operations = [{ id: 'a', method: 'PATCH', path: `/Deal/${third}`, body: { stage: 'Won' } }]
  expect(await send({ verb: 'batch', body: { operations } })).toMatchObject({ ok: true })
  const types = (await events()).filter(({ target }) => [first, second, third].includes(target)).map(({ type }) => type)
  expect(types.filter((type) => type === 'Deal.Won')).toHaveLength(3)
  expect(types).not.toContain('Deal.Updated')
})

test('what a verb demands, an update demands too, and a move that only the server makes is refused', async () => {
  const { send, create } = openTenant()
  const content = await create('Content', minimalFields(nouns.Content.$schema, {}))
  const schedule = { noun: 'Content', verb: 'update', id: content, body: { status: 'Scheduled' } }
  const alone = await send(schedule)
  expect(alone.ok).toBe(false)
  const byVerb = await send({ noun: 'Content', verb: 'schedule', id: content })
  expect(outcomeOf(alone)).toBe(outcomeOf(byVerb))
  const own = { fields: { name: 'string!', mood: 'Calm | Tired', rest: 'Rested' }, state: 'mood' }
  const effects = { rest: { systemOnly: true } }
  const transitions = [{ from: ['Calm'], verb: 'rest', to: 'Tired' }]
  expect(await send({ noun: 'Pet', verb: 'schema.put', body: { ...own, effects, transitions } })).toMatchObject({
    ok: true,
  })
  const pet = await create('Pet', { name: 'Rex' })
  expect(await send({ noun: 'Pet', verb: 'update', id: pet, body: { mood: 'Tired' } })).toMatchObject(
    refused('invalid_transition'),
  )
})

test('a caller needs the permission of the verb for an update, a creation and a rollback to its state', async () => {
  const { caller, send, create } = openTenant()
  const id = await create('Content', minimalFields(nouns.Content.$schema, {}))
  expect(await send({ noun: 'Content', verb: 'publish', id })).toMatchObject({ ok: true })
  expect(await send({ noun: 'Content', verb: 'unpublish', id })).toMatchObject({ ok: true })
  const as = (...verbs: readonly string[]): Caller => ({
    ...caller,
    authority: { who: 'bob', nouns: {}, others: { read: 'all', write: 'all', hidden: [], verbs } },
  })
  const editor = as('create', 'update')
  const moves: readonly Given[] = [
    { verb: 'update', id, body: { status: 'Published' } },
    { verb: 'create', body: minimalFields(nouns.Content.$schema, { status: 'Published', slug: 'other' }) },
    { verb: 'rollback', id, body: { version: 2 } },
    { verb: 'updateMany', body: { ids: [id], set: { status: 'Published' } } },
    {
      verb: 'createMany',
      body: { entities: [minimalFields(nouns.Content.$schema, { status: 'Published', slug: 'x' })] },
    },
  ]
  for (const move of moves)
    expect(await send({ noun: 'Content', ...move }, editor), move.verb).toMatchObject(refused('forbidden'))
  const operations = [{ id: 'a', method: 'PATCH', path: `/Content/${id}`, body: { status: 'Published' } }]
  expect(await send({ verb: 'batch', body: { operations } }, editor)).toMatchObject({ ok: false })
  expect(await send({ noun: 'Content', verb: 'update', id, body: { title: 'New' } }, editor)).toMatchObject({
    ok: true,
  })
  // The permission of the verb alone does not make an update.
  const publish = { noun: 'Content', verb: 'update', id, body: { status: 'Published' } }
  expect(await send(publish, as('publish'))).toMatchObject(refused('forbidden'))
  expect(await send(publish, as('publish', 'update'))).toMatchObject({ ok: true })
  // An entity that the caller cannot see is missing, whatever the update would be.
  const blind: Caller = {
    ...caller,
    authority: { ...editor.authority, others: { ...editor.authority.others, read: { title: 'none' } } },
  }
  expect(await send(publish, blind)).toMatchObject(refused('not_found'))
})
