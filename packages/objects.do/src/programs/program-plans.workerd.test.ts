// Plans of programs: what a dry run of code has shown is made without the code, exactly or not at all.

import { env } from 'cloudflare:test'
import { type Authority, type Call, type Entity, fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { ProgramClient, type Rehearsed } from '../../test/program-client.ts'
import type { Answer } from '../answers/answer.ts'

const callerOf = (authority: Authority) =>
  ({ tenant: 'planned', context: 'http://localhost/~planned', authority, via: 'sdk' }) as const
const ada = callerOf(fullAuthority('ada'))
const eve = callerOf(fullAuthority('eve'))

function write(noun: string, verb: string, { id, ...fields }: Readonly<Record<string, JsonValue>> = {}): Call {
  return {
    kind: 'write',
    noun,
    verb,
    body: JSON.stringify(fields),
    ...(typeof id === 'string' ? { id } : {}),
  }
}

function find(filter: object, read = 'find'): Call {
  return { kind: 'read', read, noun: 'Contact', parameters: { filter: JSON.stringify(filter) } }
}

const get = (id: string): Call => ({ kind: 'read', read: 'get', noun: 'Contact', id, parameters: {} })

function bodyOf(answer: Answer): Readonly<Record<string, JsonValue>> {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Readonly<Record<string, JsonValue>>
}

function openTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const send = (call: Call, by = ada): Promise<Answer> => ask(stub, by, call)
  const make = async (fields: Readonly<Record<string, JsonValue>>, noun = 'Contact'): Promise<string> =>
    String(bodyOf(await send(write(noun, 'create', fields)))['$id'])
  const events = async () =>
    bodyOf(await askRead(stub, ada, { read: 'events', parameters: { limit: '1000' } }))['results'] as Readonly<
      Record<string, JsonValue>
    >[]
  const execute = (plan: string | null, by = ada): Promise<Answer> =>
    send(write('', 'commits.plan', { id: plan ?? 'no plan' }), by)
  /** Performs the messages of a program, and takes them back. */
  const tryOut = async (...messages: readonly (readonly Call[])[]): Promise<Rehearsed> => {
    const program = new ProgramClient(stub, ada)
    for (const calls of messages) await program.ask(...calls)
    return program.rehearse('{"result":"as shown","logs":[]}')
  }
  return { stub, send, make, events, execute, tryOut }
}

const withoutPlace = (events: readonly Readonly<Record<string, JsonValue>>[]): unknown =>
  JSON.parse(
    JSON.stringify(events.map((event) => ({ ...event, seq: 0, commit: 0 }))).replaceAll(
      /"\d{4}-[\d-]+T[\d:.]+Z"/g,
      '"time"',
    ),
  )

test('a plan makes what the code has shown, ids and answer included, once, although others have written meanwhile', async () => {
  const { make, events, execute, tryOut, stub } = openTenant()
  const bea = await make({ name: 'Bea', email: 'bea@example.com' })
  const tried = await tryOut(
    [find({ stage: 'Lead' }), get(bea)],
    // The second is refused after it has taken an id, as code may have caught.
    [write('Contact', 'create', { name: 'Ada' }), write('Contact', 'create', { name: 'B', email: 'bea@example.com' })],
    [write('Organization', 'create', { name: 'Engines' }), write('Contact', 'update', { id: bea, title: 'CTO' })],
  )
  expect(await events()).toHaveLength(1)
  await make({ name: 'unrelated', value: 1 }, 'Deal')
  const executed = await execute(tried.plan)
  expect(executed).toMatchObject({ ok: true, body: '{"result":"as shown","logs":[]}', commit: 3 })
  const made = (await events()).slice(2)
  expect(made.map(({ type, commit }) => [type, commit])).toEqual([
    ['Contact.Created', 3],
    ['Organization.Created', 3],
    ['Contact.Updated', 3],
  ])
  expect(withoutPlace(made)).toEqual(withoutPlace(tried.events))
  const again = await execute(tried.plan)
  expect(again).toMatchObject({ ok: false, error: { code: 'conflict', detail: { commit: 3 } } })
  expect(await events()).toHaveLength(5)
  const stored = await askRead(stub, ada, { read: 'get', noun: 'Contact', id: bea })
  expect(stored.ok && (JSON.parse(stored.body) as Entity)['title']).toBe('CTO')
})

test.each<[string, (id: string) => readonly Call[], (id: string) => Call, string]>([
  [
    'an entity that the code read',
    (id) => [get(id)],
    (id) => write('Contact', 'update', { id, phone: '1' }),
    'at version 1',
  ],
  [
    'a list that the code read',
    () => [find({ title: 'CTO' })],
    () => write('Contact', 'create', { name: 'C', title: 'CTO' }),
    'a list of Contact by title',
  ],
  [
    'a count that the code read',
    () => [find({ title: 'CTO' }, 'count')],
    (id) => write('Contact', 'delete', { id }),
    'the count of Contact by title',
  ],
  [
    'an entity that the code wrote',
    (id) => [write('Contact', 'update', { id, title: 'x' })],
    (id) => write('Contact', 'update', { id, phone: '1' }),
    'Contact.update',
  ],
  [
    'the reason for which a write was refused',
    () => [write('Contact', 'create', { name: 'B', email: 'bea@example.com' })],
    (id) => write('Contact', 'update', { id, email: 'other@example.com' }),
    'Contact.create',
  ],
  [
    'a definition',
    () => [],
    () => ({
      kind: 'write',
      noun: 'Vehicle',
      verb: 'schema.put',
      body: JSON.stringify({ fields: { name: 'string!' } }),
    }),
    'the definitions',
  ],
])('a plan is refused after a change of %s, and says so', async (_, calls, change, told) => {
  const { make, send, events, execute, tryOut } = openTenant()
  const bea = await make({ name: 'Bea', email: 'bea@example.com', title: 'CTO' })
  const { plan } = await tryOut([...calls(bea), write('Deal', 'create', { name: 'd', value: 1 })])
  expect(await send(change(bea))).toMatchObject({ ok: true })
  const before = await events()
  const refused = await execute(plan)
  expect(refused).toMatchObject({ ok: false, error: { code: 'plan_outdated' } })
  expect(refused.ok ? '' : refused.error.message).toContain(told)
  expect(await events()).toEqual(before)
})

test('a plan of code is performed as the caller who tried it, and names who approved it', async () => {
  const { make, events, execute, tryOut } = openTenant()
  await make({ name: 'Bea' })
  const { plan } = await tryOut([write('Contact', 'create', { name: 'Grace' })])
  expect(await execute(plan, eve)).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toMatchObject({ actor: 'ada', approvedBy: 'eve', data: { name: 'Grace' } })
})

test('code that writes nothing has no plan, nor has one of a tenant without data, nor one that is too large', async () => {
  const { make, events, tryOut } = openTenant()
  expect(await tryOut([write('Contact', 'create', { name: 'Ada' })])).toMatchObject({ plan: null, events: [{}] })
  await make({ name: 'Bea' })
  expect(await tryOut([find({})])).toEqual({ events: [], plan: null })
  const large = Array.from({ length: 5 }, (_, at) =>
    write('Contact', 'create', { name: `n${at}`, metadata: { text: 'x'.repeat(400_000) } }),
  )
  expect((await tryOut(large)).plan).toBeNull()
  expect(await events()).toHaveLength(1)
})
