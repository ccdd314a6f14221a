// Programs in a tenant's object: they see a snapshot and their own writes, nobody else sees those before the commit, and a
// change of what they read ends them.

import { env } from 'cloudflare:test'
import { type Call, type Entity, fullAuthority, type JsonValue } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import { item, member, step } from '../../test/expression-builder.ts'
import { ProgramClient, ProgramEnded } from '../../test/program-client.ts'
import type { TenantObject } from '../tenant-object.ts'

const caller = {
  tenant: 'programs',
  context: 'http://localhost/~programs',
  authority: fullAuthority('user_1'),
  via: 'sdk',
} as const

interface Tenant {
  readonly stub: DurableObjectStub<TenantObject>
  readonly create: (noun: string, fields: object) => Promise<Entity>
  readonly update: (noun: string, id: string, fields: object) => Promise<Entity>
  readonly events: () => Promise<readonly { readonly type: string; readonly commit: number; readonly target: string }[]>
  readonly open: () => ProgramClient
}

function tenant(): Tenant {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const write = async (given: Parameters<typeof askWrite>[2]): Promise<Entity> => {
    const answer = await askWrite(stub, caller, given)
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    return JSON.parse(answer.body) as Entity
  }
  return {
    stub,
    create: (noun, fields) => write({ noun, verb: 'create', body: JSON.stringify(fields) }),
    update: (noun, id, fields) => write({ noun, verb: 'update', id, body: JSON.stringify(fields) }),
    events: async () => {
      const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000' } })
      if (!answer.ok) throw new Error(answer.error.message)
      return (JSON.parse(answer.body) as { results: { type: string; commit: number; target: string }[] }).results
    },
    open: () => new ProgramClient(stub, caller),
  }
}

const create = (noun: string, fields: object, others: object = {}): Call => ({
  kind: 'write',
  noun,
  verb: 'create',
  body: JSON.stringify(fields),
  ...others,
})
const update = (noun: string, id: string, fields: object): Call => ({
  kind: 'write',
  noun,
  verb: 'update',
  id,
  body: JSON.stringify(fields),
})
const remove = (noun: string, id: string): Call => ({ kind: 'write', noun, verb: 'delete', id, body: '' })
const read = (name: string, noun: string, parameters: Record<string, string> = {}, id?: string): Call => ({
  kind: 'read',
  read: name,
  noun,
  parameters,
  ...(id === undefined ? {} : { id }),
})
const find = (noun: string, filter: object, others: Record<string, string> = {}): Call =>
  read('find', noun, { filter: JSON.stringify(filter), ...others })
const idOf = (value: JsonValue | undefined): string => (value as unknown as Entity).$id
const names = (value: JsonValue | undefined): unknown =>
  (value as { results: readonly { name: string }[] }).results.map(({ name }) => name)

async function conflictOf(work: Promise<unknown>): Promise<ProgramEnded> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProgramEnded)) throw new Error(`expected the end of the program, got ${String(error)}`)
  expect(error.fate).toBe('again')
  return error
}

describe('a program', () => {
  test('sees its own writes in every kind of read, and nobody else sees them before its commit', async () => {
    const { stub, create: make, events, open } = tenant()
    const org = await make('Organization', { name: 'Analytical', industry: 'x' })
    await make('Contact', { name: 'Bea', stage: 'Lead', leadScore: 5 })
    const program = open()
    const ada = idOf(
      await program.one(create('Contact', { name: 'Ada', stage: 'Lead', leadScore: 9, organization: org.$id })),
    )
    await program.one(update('Organization', org.$id, { industry: 'y' }))
    await program.one({ kind: 'write', noun: 'Contact', verb: 'qualify', id: ada, body: '' })
    expect(await program.one(read('get', 'Contact', {}, ada))).toMatchObject({ $version: 2, stage: 'Qualified' })
    expect(names(await program.one(find('Contact', { stage: 'Qualified' })))).toEqual(['Ada'])
    expect(names(await program.one(find('Contact', {}, { sort: '-leadScore' })))).toEqual(['Ada', 'Bea'])
    expect(names(await program.one(find('Contact', { 'organization.industry': 'y' })))).toEqual(['Ada'])
    expect(names(await program.one(find('Contact', { $text: 'ada' })))).toEqual(['Ada'])
    expect(await program.one(read('count', 'Contact'))).toEqual({ count: 2 })
    const first = await program.one(find('Contact', {}, { sort: 'name', limit: '1' }))
    const { cursor } = first as { cursor: string }
    expect(names(await program.one(find('Contact', {}, { sort: 'name', limit: '1', cursor })))).toEqual(['Bea'])
    expect(await program.one(read('get', 'Organization', { include: 'contacts' }, org.$id))).toMatchObject({
      industry: 'y',
      contacts: [{ name: 'Ada' }],
    })
    const steps = [step('map', member(item, 'name'))]
    const pipeline: Call = { kind: 'pipeline', read: 'find', noun: 'Contact', parameters: { sort: 'name' }, steps }
    expect(await program.one(pipeline)).toEqual({ value: ['Ada', 'Bea'] })
    expect(await events()).toHaveLength(2)
    expect(await askRead(stub, caller, { read: 'count', noun: 'Contact' })).toMatchObject({ body: '{"count":1}' })

    const { commit } = await program.commit()
    const made = (await events()).slice(2)
    expect(made.map(({ type }) => type)).toEqual(['Contact.Created', 'Organization.Updated', 'Contact.Qualified'])
    expect(made.map((event) => event.commit)).toEqual([commit, commit, commit])
    expect(made[0]?.target).toBe(ada)
    const stored = await askRead(stub, caller, { read: 'get', noun: 'Contact', id: ada })
    expect(stored.ok && (JSON.parse(stored.body) as Entity).$version).toBe(2)
  })

  test('stores the times that it saw, if nothing was committed meanwhile', async () => {
    const { stub, create: make, open } = tenant()
    await make('Contact', { name: 'Bea' })
    const program = open()
    const seen = (await program.one(create('Contact', { name: 'Ada' }))) as unknown as Entity
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(((await program.one(read('get', 'Contact', {}, seen.$id))) as unknown as Entity).$createdAt).toBe(
      seen.$createdAt,
    )
    await program.commit()
    const stored = await askRead(stub, caller, { read: 'get', noun: 'Contact', id: seen.$id })
    expect(stored.ok && (JSON.parse(stored.body) as unknown)).toEqual(seen)
  })

  test('is the first write of its tenant', async () => {
    const { events, open } = tenant()
    const program = open()
    const ada = idOf(await program.one(create('Contact', { name: 'Ada' })))
    expect(await program.one(read('get', 'Contact', {}, ada))).toMatchObject({ name: 'Ada' })
    expect(await events()).toEqual([])
    await program.commit()
    expect(await events()).toMatchObject([{ type: 'Contact.Created', target: ada, commit: 1 }])
  })

  test('goes on after commits that it does not depend on, at a later time and with the same ids', async () => {
    const { create: make, update: change, events, open } = tenant()
    const bea = await make('Contact', { name: 'Bea', stage: 'Lead' })
    const program = open()
    const ada = idOf(await program.one(create('Contact', { name: 'Ada', stage: 'Qualified' })))
    expect(names(await program.one(find('Contact', { stage: 'Qualified' })))).toEqual(['Ada'])
    await new Promise((resolve) => setTimeout(resolve, 5))
    await change('Contact', bea.$id, { title: 'unrelated' })
    await make('Deal', { name: 'unrelated', value: 1 })
    expect(idOf(await program.one(update('Contact', ada, { title: 't' })))).toBe(ada)
    await make('Deal', { name: 'unrelated too', value: 1 })
    await program.commit()
    expect((await events()).slice(-2)).toMatchObject([
      { type: 'Contact.Created', target: ada },
      { type: 'Contact.Updated', target: ada },
    ])
  })

  test.each([
    ['an entity that it read', 'at version 1'],
    ['a list that it read', 'a list of Contact by stage'],
    ['a count that it read', 'the count of Contact by stage'],
    ['an entity that it wrote', 'Contact.update'],
  ])('ends when another commit changes %s, in a message and at its end', async (what, told) => {
    for (const isAtEnd of [false, true]) {
      const { create: make, update: change, events, open } = tenant()
      const bea = await make('Contact', { name: 'Bea', stage: 'Lead' })
      const program = open()
      await program.one(create('Deal', { name: 'd', value: 1 }))
      const reads: Readonly<Record<string, Call>> = {
        'an entity that it read': read('get', 'Contact', {}, bea.$id),
        'a list that it read': find('Contact', { stage: 'Lead' }),
        'a count that it read': { ...find('Contact', { stage: 'Lead' }), read: 'count' } as Call,
        'an entity that it wrote': update('Contact', bea.$id, { title: 'mine' }),
      }
      await program.ask(reads[what] as Call)
      const before = await events()
      await change('Contact', bea.$id, { stage: 'Qualified', title: 'theirs' })
      const end = await conflictOf(isAtEnd ? program.commit() : program.ask(read('count', 'Deal')))
      expect(end.error.code).toBe('read_conflict')
      expect(JSON.stringify(end.error)).toContain(told)
      expect(await events()).toHaveLength(before.length + 1)
      // It cannot be continued.
      await conflictOf(program.commit())
    }
  })

  test('sees refusals, and what it caught is refused again at its end', async () => {
    const { create: make, events, open } = tenant()
    await make('Contact', { name: 'Bea', email: 'bea@example.com' })
    const program = open()
    const [refused] = await program.ask(create('Contact', { name: 'B', email: 'bea@example.com' }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'conflict', field: 'email' } })
    await program.one(create('Contact', { name: 'Ada' }))
    await program.commit()
    expect((await events()).map(({ type }) => type)).toEqual(['Contact.Created', 'Contact.Created'])
  })

  test('ends if what refused its write is gone', async () => {
    const { stub, create: make, open } = tenant()
    const bea = await make('Contact', { name: 'Bea', email: 'bea@example.com' })
    const program = open()
    await program.ask(create('Contact', { name: 'B', email: 'bea@example.com' }))
    await askWrite(stub, caller, { noun: 'Contact', verb: 'delete', id: bea.$id })
    expect((await conflictOf(program.commit())).error.message).toContain('Contact.create')
  })

  test('answers a write that its client sends again as before', async () => {
    const { events, open } = tenant()
    const program = open()
    const call = create('Contact', { name: 'Ada' }, { idempotencyKey: `sdk-${'0'.repeat(32)}` })
    const [first, second] = [await program.one(call), await program.one(call)]
    expect(second).toEqual(first)
    await program.commit()
    expect(await events()).toHaveLength(1)
    const [own] = await open().ask(create('Contact', { name: 'Ada' }, { idempotencyKey: 'mine' }))
    expect(own).toMatchObject({ ok: false, error: { field: 'idempotencyKey' } })
  })

  test('deletes and restores what it made, and leaves one commit', async () => {
    const { events, open } = tenant()
    const program = open()
    const ada = idOf(await program.one(create('Contact', { name: 'Ada' })))
    expect(await program.one(remove('Contact', ada))).toBeUndefined()
    expect((await program.ask(read('get', 'Contact', {}, ada)))[0]).toMatchObject({ ok: false })
    await program.commit()
    expect((await events()).map(({ type, commit }) => [type, commit])).toEqual([
      ['Contact.Created', 1],
      ['Contact.Deleted', 1],
    ])
  })

  test('uses definitions that it made itself, which are gone if it does not commit', async () => {
    const { stub, create: make, open } = tenant()
    await make('Contact', { name: 'Ada' })
    const put: Call = {
      kind: 'write',
      noun: 'Vehicle',
      verb: 'schema.put',
      body: JSON.stringify({ fields: { name: 'string!' } }),
    }
    const dropped = open()
    await dropped.one(put)
    expect(await dropped.one(create('Vehicle', { name: 'v' }))).toMatchObject({ name: 'v' })
    expect(await askRead(stub, caller, { read: 'count', noun: 'Vehicle' })).toMatchObject({ ok: false })
    const kept = open()
    await kept.one(put)
    await kept.one(create('Vehicle', { name: 'v' }))
    await kept.commit()
    expect(await askRead(stub, caller, { read: 'count', noun: 'Vehicle' })).toMatchObject({ body: '{"count":1}' })
  })
})

describe('a read in slices', () => {
  test('is part of a program, unless the program has changed the same Noun', async () => {
    const stub = env.SLICED.get(env.SLICED.newUniqueId())
    const make = async (noun: string, fields: object): Promise<string> => {
      const program = new ProgramClient(stub, caller)
      const id = idOf(await program.one(create(noun, fields)))
      await program.commit()
      return id
    }
    // One after another, since a tenant's queue has a limit.
    const ids: string[] = []
    for (let at = 0; at < 60; at++) ids.push(await make('Contact', { name: `n${at}`, title: 'x' }))
    const long = find('Contact', { title: 'x' }, { sort: 'title', limit: '100' })
    const program = new ProgramClient(stub, caller)
    const before = await stub.slices()
    expect(names(await program.one(long))).toHaveLength(60)
    expect(await stub.slices()).toBeGreaterThan(before)
    await program.one(create('Deal', { name: 'd', value: 1 }))
    expect(names(await program.one(long))).toHaveLength(60)
    await program.one(update('Contact', ids[0] ?? '', { title: 'y' }))
    await expect(program.one(long)).rejects.toThrow('scan_limit')
    // Reads that need no slices go on.
    expect(await program.one(read('get', 'Contact', {}, ids[0]))).toMatchObject({ title: 'y' })
    const affected = new ProgramClient(stub, caller)
    await affected.one(long)
    await make('Contact', { name: 'late', title: 'x' })
    expect((await conflictOf(affected.ask(read('count', 'Deal')))).error.message).toContain(
      'a list of Contact by title',
    )
  })
})

describe('limits', () => {
  test('a tenant has at most 64 open programs', async () => {
    const { open } = tenant()
    const programs = Array.from({ length: 64 }, () => open())
    for (const program of programs) await program.ask(read('count', 'Contact'))
    const refused = await open()
      .ask(read('count', 'Contact'))
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ fate: 'failed', error: { code: 'overloaded' } })
  })

  test('a commit of more changes than it may have is refused, also if the code goes on', async () => {
    const { events, open } = tenant()
    const program = open()
    const half = Array.from({ length: 500 }, (_, at) => create('Organization', { name: `o${at}` }))
    await program.ask(...half)
    await program.ask(...half)
    const [refused] = await program.ask(create('Organization', { name: 'one too many' }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'payload_too_large' } })
    expect(await events()).toEqual([])
  })
})

describe('a commit', () => {
  test('is made once for its key, and answers a repetition as before', async () => {
    const { events, open } = tenant()
    const [one, two] = [open(), open()]
    await one.one(create('Contact', { name: 'Ada' }))
    await two.one(create('Contact', { name: 'Ada' }))
    const first = await one.commit('key', 'first')
    expect(first).toMatchObject({ body: 'first', commit: 1 })
    expect(await two.commit('key', 'second')).toMatchObject({ body: 'first', isReplay: true })
    expect(await open().commit('key')).toMatchObject({ body: 'first', isReplay: true })
    expect(await events()).toHaveLength(1)
  })

  test('is unknown to an object that did not answer the first message', async () => {
    const { open } = tenant()
    expect((await conflictOf(open().commit())).error.code).toBe('overloaded')
  })

  test('rehearsed has the events that it then makes, and leaves nothing', async () => {
    const { events, open } = tenant()
    const program = open()
    const ada = idOf(await program.one(create('Contact', { name: 'Ada' })))
    await program.one({ kind: 'write', noun: 'Contact', verb: 'qualify', id: ada, body: '' })
    const { events: rehearsed } = await program.rehearse()
    expect(await events()).toEqual([])
    await program.commit()
    const made = await events()
    const withoutId = (event: object): object => ({ ...event, id: undefined })
    expect(made.map(withoutId)).toEqual(rehearsed.map(withoutId))
  })
})
