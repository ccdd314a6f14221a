// No verb claims what did not happen: each verb of each Noun runs from each state, with nothing connected.

import { env } from 'cloudflare:test'
import {
  type Entity,
  type EntityFields,
  type JsonValue,
  nouns,
  type NounSchema,
  ObjectError,
  type ObjectEvent,
  type Verb,
} from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'
import type { Answer } from '../answers/answer.ts'

type Json = Readonly<Record<string, JsonValue>>
type Stub = Parameters<typeof ask>[0]

const schemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)
const nothing: Stub = env.TENANTS.get(env.TENANTS.newUniqueId())
const mailed: Stub = env.SERVED.get(env.SERVED.newUniqueId())

function send(stub: Stub, place: { noun: string; verb: string; id?: string }, body: Json = {}): Promise<Answer> {
  return ask(stub, caller, { kind: 'write', ...place, body: JSON.stringify(body) })
}

async function create(stub: Stub, noun: string, body: Json): Promise<string> {
  const answer = await send(stub, { noun, verb: 'create' }, body)
  if (!answer.ok) throw new ObjectError(answer.error)
  return answer.createdId ?? ''
}

async function get(stub: Stub, noun: string, id: string): Promise<Entity> {
  const answer = await askRead(stub, caller, { read: 'get', noun, id })
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Entity
}

async function eventsOf(stub: Stub, commit: number | undefined): Promise<readonly ObjectEvent[]> {
  const answer = await askRead(stub, caller, { read: 'commit', id: String(commit) })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { events: ObjectEvent[] }).events
}

let made = 0

/** Returns a value that the field accepts; undefined for a reference. */
function sampleOf(schema: NounSchema, name: string): JsonValue | undefined {
  const field = schema.fields[name]
  made++
  if (field === undefined) return { sample: made }
  if (field.kind === 'enum') return field.many ? [field.values[0] ?? ''] : (field.values[0] ?? '')
  if (field.kind !== 'data') return undefined
  const samples: Readonly<Record<string, JsonValue>> = {
    number: 1,
    integer: 1,
    money: 100,
    boolean: true,
    datetime: '2026-01-02T03:04:05.000Z',
    date: '2026-01-02',
    json: [{ sample: made }],
    url: 'https://example.com',
    email: `sample${made}@example.com`,
  }
  const value = samples[field.type] ?? `sample${made}`
  return field.many ? [value] : value
}

async function samplesOf(schema: NounSchema, names: readonly string[]): Promise<Json> {
  const samples: Record<string, JsonValue> = {}
  for (const name of names) {
    const field = schema.fields[name]
    const value = field?.kind === 'reference' ? await anEntity(schema.name, field.to[0] ?? '') : sampleOf(schema, name)
    if (value !== undefined) samples[name] = value
  }
  return samples
}

function anEntity(owner: string, noun: string): Promise<string> {
  const target = schemas.find(({ name }) => name === noun)
  if (target === undefined || noun === owner) return Promise.resolve('')
  return samplesOf(target, requiredOf(target)).then((body) => create(nothing, noun, body))
}

function requiredOf({ fields }: NounSchema): readonly string[] {
  return Object.values(fields).flatMap((field) =>
    field.kind !== 'reverse' && field.required && !('default' in field) ? [field.name] : [],
  )
}

/** Maps each state in which an entity can be created, or to which an update leads, to such an entity. */
async function inEachState(schema: NounSchema, more: Json): Promise<ReadonlyMap<string, string>> {
  const body = { ...(await samplesOf(schema, requiredOf(schema))), ...more }
  const [state, values] = stateOf(schema)
  const entities = new Map([['', await create(nothing, schema.name, await unique(schema, body))]])
  for (const value of values) {
    const answer = await send(
      nothing,
      { noun: schema.name, verb: 'create' },
      { ...(await unique(schema, body)), [state]: value },
    )
    if (answer.ok) entities.set(value, answer.createdId ?? '')
  }
  return entities
}

/** Gives unique fields new values. */
async function unique(schema: NounSchema, body: Json): Promise<Json> {
  const names = Object.keys(body).filter((name) => {
    const field = schema.fields[name]
    return field?.kind === 'data' && field.unique
  })
  return { ...body, ...(await samplesOf(schema, names)) }
}

function stateOf({ fields, state }: NounSchema): readonly [string, readonly string[]] {
  const field = fields[state ?? ''] ?? fields['stage'] ?? fields['status']
  return field?.kind === 'enum' ? [field.name, field.values] : ['', []]
}

/** No arguments, and all that the verb asks for or reads. */
async function argumentLists(schema: NounSchema, verb: Verb): Promise<readonly Json[]> {
  const { argumentsRequired = [], argumentsOnly = [], needs = [] } = verb.effect
  const first = [...argumentsRequired, ...needs].map((names) => [names].flat()[0] ?? '')
  return [{}, await samplesOf(schema, [...new Set([...first, ...argumentsOnly])])]
}

/** Whether the event changed something else than a time that is later now, as a call that does nothing would. */
function isChange({ changes, timestamp }: ObjectEvent): boolean {
  return Object.values(changes).some(({ from, to }) => from === null || !timestamp.startsWith(String(to).slice(0, 10)))
}

/** Whether the verb sets values of its own, and the entity has all of them. */
function holdsClaim({ effect }: Verb, entity: Entity): boolean {
  const literals = Object.entries(effect.sets).flatMap(([name, value]) =>
    value.kind === 'literal' ? [[name, value.value] as const] : [],
  )
  return literals.length > 0 && literals.every(([name, value]) => entity[name] === value)
}

/** Runs the verb and returns its outcome. Throws if the outcome claims more than what happened. */
async function outcomeOf(schema: NounSchema, verb: Verb, { id, input }: { id: string; input: Json }): Promise<string> {
  const answer = await send(nothing, { noun: schema.name, verb: verb.name, id }, input)
  const after = await get(nothing, schema.name, id)
  const place = `${schema.name}.${verb.name} ${JSON.stringify(input)}`
  if (!answer.ok) {
    expect(after.$version, place).toBe(1)
    return answer.error.code === 'not_connected'
      ? `needs ${String(answer.error.detail?.['connection'])}`
      : answer.error.code
  }
  if (answer.isUnchanged === true) {
    expect(after.$version, place).toBe(1)
    return 'unchanged'
  }
  const events = await eventsOf(nothing, answer.commit)
  expect(events.some(isChange) || holdsClaim(verb, after), `${place} emits ${verb.event} and changes nothing`).toBe(
    true,
  )
  return 'changed'
}

test.each(schemas.map((schema) => [schema.name, schema] as const))(
  'each verb of %s is refused and changes nothing, or changes what its event says',
  async (_, schema) => {
    for (const verb of Object.values(schema.verbs).filter(({ category }) => category === 'custom')) {
      for (const input of await argumentLists(schema, verb))
        for (const id of (await inEachState(schema, {})).values()) await outcomeOf(schema, verb, { id, input })
    }
  },
)

/** The verbs that need a connection, with such an entity and such arguments. */
const needing: readonly (readonly [verb: string, fields: EntityFields, input: Json, connection: string])[] = [
  ['Message.send', { channel: 'Email', thread: 't' }, {}, 'mail'],
  ['Message.send', { channel: 'SMS', thread: 't' }, {}, 'sms'],
  ['Message.send', { channel: 'Push', thread: 't' }, {}, 'push'],
  ['Message.send', { channel: 'Slack', thread: 't' }, {}, 'slack'],
  ['Integration.connect', { provider: 'stripe' }, { credentials: { key: 'k' } }, 'stripe'],
  ['Agent.do', { status: 'Deployed' }, { task: 'sum up' }, 'model'],
  ['Agent.ask', { status: 'Deployed' }, { question: 'why?' }, 'model'],
  ['Agent.decide', { status: 'Deployed' }, { options: ['a', 'b'] }, 'model'],
  ['Agent.invoke', { status: 'Deployed' }, { input: { a: 1 } }, 'model'],
  ['Agent.reflect', {}, {}, 'model'],
  ['Agent.deploy', {}, { task: 'sum up' }, 'model'],
  ['Organization.enrich', {}, {}, 'enrichment'],
  ['Contact.enrich', {}, {}, 'enrichment'],
  ['Asset.process', {}, {}, 'media'],
  ['Campaign.launch', { type: 'Email' }, {}, 'campaigns'],
  ['Workflow.activate', { action: 'webhook', url: 'https://example.com' }, {}, 'webhooks'],
  ['Workflow.activate', { action: '(deal, $) => deal' }, {}, 'stored-functions'],
]

test.each(needing)(
  '%s of %j with %j needs a connection, says 501 and changes nothing',
  async (name, fields, input, connection) => {
    const [noun = '', verbName = ''] = name.split('.')
    const schema = schemas.find((each) => each.name === noun)
    const verb = schema?.verbs[verbName]
    if (schema === undefined || verb === undefined) throw new Error(`no ${name}`)
    const body = { ...(await unique(schema, await samplesOf(schema, requiredOf(schema)))), ...fields }
    const id = await create(nothing, noun, body)
    expect(await outcomeOf(schema, verb, { id, input })).toBe(`needs ${connection}`)
  },
)

test('no other verb needs a connection, but sync, whose integration cannot be connected', () => {
  const found = schemas.flatMap(({ name, verbs }) =>
    Object.values(verbs).flatMap((verb) => (verb.effect.requires === undefined ? [] : [`${name}.${verb.name}`])),
  )
  expect(new Set(found)).toEqual(new Set([...needing.map(([name]) => name), 'Integration.sync', 'Workflow.trigger']))
})

test('an update and a creation cannot claim it either, but what happened elsewhere can be recorded', async () => {
  const email = { channel: 'Email', body: 'Hello', thread: 't' }
  const refused = await send(nothing, { noun: 'Message', verb: 'create' }, { ...email, status: 'Sent' })
  expect(refused).toMatchObject({ ok: false, error: { code: 'not_connected', detail: { connection: 'mail' } } })
  const id = await create(nothing, 'Message', email)
  expect(await send(nothing, { noun: 'Message', verb: 'update', id }, { status: 'Sent' })).toMatchObject({
    ok: false,
    error: { code: 'not_connected' },
  })
  const sentAt = '2026-01-02T03:04:05.000Z'
  expect(await send(nothing, { noun: 'Message', verb: 'send', id }, { sentAt })).toMatchObject({ ok: true })
  expect(await get(nothing, 'Message', id)).toMatchObject({ status: 'Sent', sentAt })
  const integration = await create(nothing, 'Integration', { provider: 'stripe' })
  expect(
    await send(nothing, { noun: 'Integration', verb: 'update', id: integration }, { status: 'Connected' }),
  ).toMatchObject({ ok: false, error: { code: 'not_connected', detail: { connection: 'stripe' } } })
})

test('a message between people of the tenant needs no connection', async () => {
  const id = await create(nothing, 'Message', { channel: 'InApp', body: 'Hello', thread: 't' })
  expect(await send(nothing, { noun: 'Message', verb: 'send', id })).toMatchObject({ ok: true })
  expect(await get(nothing, 'Message', id)).toMatchObject({ status: 'Sent', direction: 'Outbound' })
})

test('a message without a channel, or for nobody, is not sent', async () => {
  const id = await create(nothing, 'Message', { body: 'Hello' })
  const answer = await send(nothing, { noun: 'Message', verb: 'send', id })
  expect(answer.ok ? undefined : answer.error.faults?.map(({ field }) => field)).toEqual(['channel', 'recipient'])
})

test('a service that connects mail lets its messages be sent, and no others', async () => {
  const email = await create(mailed, 'Message', { channel: 'Email', body: 'Hello', thread: 't' })
  expect(await send(mailed, { noun: 'Message', verb: 'send', id: email })).toMatchObject({ ok: true })
  const text = await create(mailed, 'Message', { channel: 'SMS', body: 'Hello', thread: 't' })
  expect(await send(mailed, { noun: 'Message', verb: 'send', id: text })).toMatchObject({
    ok: false,
    error: { code: 'not_connected', detail: { connection: 'sms' } },
  })
})
