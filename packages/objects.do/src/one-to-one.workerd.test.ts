// One-to-one relations in a tenant's object: no two live entities refer to the same one, whatever leads there.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import { fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../test/ask-tenant.ts'
import type { Answer } from './answers/answer.ts'
import { putName } from './writes/schema-write.ts'

type Json = Readonly<Record<string, JsonValue>>

function tenantNamed(tenant: string) {
  const caller = {
    tenant,
    context: `http://localhost/~${tenant}`,
    authority: fullAuthority('user_1'),
    via: 'rest',
  } as const
  const stub = env.TENANTS.getByName(tenant)
  const write = (noun: string, verb: string, body: object, id?: string): Promise<Answer> =>
    askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...(id === undefined ? {} : { id }) })
  const read = async (noun: string, parameters: Readonly<Record<string, string>>, id?: string): Promise<Json> =>
    bodyOf(
      await askRead(stub, caller, {
        read: id === undefined ? 'find' : 'get',
        noun,
        parameters,
        ...(id === undefined ? {} : { id }),
      }),
    )
  const create = async (noun: string, body: object): Promise<string> =>
    String(bodyOf(await write(noun, 'create', body))['$id'])
  return { write, read, create }
}

function bodyOf(answer: Answer): Json {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Json
}

test('a second Customer of a Contact is refused with the field and its holder', async () => {
  const { write, read, create } = tenantNamed('customers')
  const contact = await create('Contact', { name: 'Ada' })
  const customer = await create('Customer', { contact })
  expect(await write('Customer', 'create', { contact })).toMatchObject({
    ok: false,
    error: {
      code: 'conflict',
      field: 'contact',
      message: `Customer.contact "${contact}" is taken by '${customer}'`,
    },
  })
  await write('Customer', 'delete', {}, customer)
  const next = await create('Customer', { contact })
  expect(await read('Contact', { include: 'customer' }, contact)).toMatchObject({ customer: { $id: next } })
})

test('a merge that would give a Contact two Customers is refused as a whole', async () => {
  const { write, read, create } = tenantNamed('merged')
  const [one, other] = [await create('Contact', { name: 'Ada' }), await create('Contact', { name: 'Ada L.' })]
  const [kept, moved] = [await create('Customer', { contact: one }), await create('Customer', { contact: other })]
  expect(await write('Contact', 'merge', { from: other }, one)).toMatchObject({
    ok: false,
    error: { code: 'conflict', message: expect.stringContaining(`is taken by '${kept}'`) as string },
  })
  expect(await read('Customer', {}, moved)).toMatchObject({ contact: other })
  bodyOf(await write('Customer', 'update', { contact: null }, kept))
  bodyOf(await write('Contact', 'merge', { from: other }, one))
  expect(await read('Customer', {}, moved)).toMatchObject({ contact: one })
  // A reference to the merged Contact becomes one to the survivor, which has a Customer.
  expect(await write('Customer', 'update', { contact: other }, kept)).toMatchObject({
    ok: false,
    error: { code: 'conflict', field: 'contact' },
  })
})

test('the inverse of a unique reference of an own Noun is one entity, in the schema and in includes', async () => {
  const { write, read, create } = tenantNamed('desks')
  bodyOf(await write('Desk', putName, { fields: { name: 'string!', owner: '-> User.desk##' } }))
  const user = await create('User', { name: 'Ada', email: 'ada@example.com' })
  expect(await read('User', { include: 'desk' }, user)).toMatchObject({ desk: null })
  const desk = await create('Desk', { name: 'a', owner: user })
  expect(await read('User', { include: 'desk' }, user)).toMatchObject({ desk: { $id: desk, name: 'a' } })
  expect(await write('Desk', 'create', { name: 'b', owner: user })).toMatchObject({
    ok: false,
    error: { field: 'owner' },
  })
})

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const step = fc.record({
  act: fc.constantFrom('create', 'update', 'clear', 'delete', 'undo', 'owner' as const),
  which: fc.nat(4),
  owner: fc.nat(2),
})

test(`no sequence of writes gives one owner two (seed ${seed})`, async () => {
  let [round, refused, made] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
      const { write, read, create } = tenantNamed(`one-${seed}-${round++}`)
      bodyOf(await write('Garage', putName, { fields: { owner: '-> User.garage##', note: 'string' } }))
      const owners = [0, 1, 2].map((at) => create('User', { name: 'u', email: `u${at}@example.com` }))
      const users = await Promise.all(owners)
      const garages: string[] = []
      for (const [at, { act, which, owner }] of steps.entries()) {
        const garage = garages[which % Math.max(1, garages.length)] ?? ''
        const answer =
          act === 'create' || garage === ''
            ? await write('Garage', 'create', { owner: users[owner] ?? '' })
            : act === 'update'
              ? await write('Garage', 'update', { owner: users[owner] ?? '', note: String(at) }, garage)
              : act === 'clear'
                ? await write('Garage', 'update', { owner: null }, garage)
                : act === 'undo'
                  ? await write('Garage', 'rollback', { version: 1 }, garage)
                  : await write(
                      act === 'owner' ? 'User' : 'Garage',
                      'delete',
                      {},
                      act === 'owner' ? users[owner] : garage,
                    )
        if (answer.ok) made++
        else refused++
        const id = answer.ok && answer.body !== '' ? String((JSON.parse(answer.body) as Json)['$id']) : ''
        if (id.startsWith('garage_') && !garages.includes(id)) garages.push(id)
        const { results } = await read('Garage', { limit: '100' })
        const taken = (results as Json[]).flatMap((one) => (one['owner'] === undefined ? [] : [one['owner']]))
        expect(new Set(taken).size).toBe(taken.length)
      }
    }),
    { seed, numRuns: 8 },
  )
  expect(refused).toBeGreaterThan(0)
  expect(made).toBeGreaterThan(0)
})
