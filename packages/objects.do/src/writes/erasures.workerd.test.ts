// Erasures as callers ask for them: who may, what a preview and a certificate say, and what becomes of undos and repeated
// requests.

import { env } from 'cloudflare:test'
import { type Authority, ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

interface Erasure {
  readonly id: string
  readonly state: string
  readonly removed: { readonly nouns: Readonly<Record<string, unknown>> }
  readonly entities?: readonly { readonly type: string; readonly id: string }[]
}

function world() {
  const stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  const tenant = new EntitiesOf(stub, caller)
  const send = async (verb: string, body: object, more: object = {}): Promise<Erasure> => {
    const answer = await ask(stub, caller, { kind: 'write', noun: '', verb, body: JSON.stringify(body), ...more })
    if (!answer.ok) throw new ObjectError(answer.error)
    return JSON.parse(answer.body) as Erasure
  }
  const certificate = async (id: string, parameters = {}): Promise<Erasure> => {
    const answer = await askRead(stub, caller, { read: 'erasure', id, parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    return JSON.parse(answer.body) as Erasure
  }
  const done = async (id: string): Promise<Erasure> => {
    for (;;) {
      const found = await certificate(id)
      if (found.state === 'done') return found
      await ask(stub, caller, { kind: 'command', command: 'lake.flush' })
    }
  }
  return { stub, tenant, send, certificate, done }
}

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ObjectError ? `${error.code} ${error.field ?? ''}`.trim() : String(error)),
  )

test('an erasure follows a contact to its customer, ticket, messages and comments, and leaves amounts', async () => {
  const { stub, tenant, send, certificate, done } = world()
  const contact = (
    await tenant.write('Contact.create', { name: 'Jane Qzvplant', email: 'qzvplant@x.org', stage: 'Lead' })
  ).$id
  const customer = (await tenant.write('Customer.create', { name: 'Qzvplant Ltd', contact })).$id
  const invoice = (
    await tenant.write('Invoice.create', { customer, subtotal: 1_900, currency: 'EUR', metadata: { to: 'Qzvplant' } })
  ).$id
  const ticket = (await tenant.write('Ticket.create', { subject: 'Qzvplant asks', requester: contact })).$id
  const comment = (await tenant.write('Comment.create', { body: 'Qzvplant called', about: ticket })).$id
  await tenant.write('Message.create', { body: 'Dear Qzvplant', recipient: contact })
  const other = (await tenant.write('Contact.create', { name: 'Joan', email: 'joan@x.org' })).$id

  const preview = await send('erasures.preview', { ids: [contact] })
  expect(preview).toMatchObject({
    nouns: {
      Contact: { entities: 1 },
      Customer: { entities: 1 },
      Invoice: { entities: 1 },
      Ticket: { entities: 1 },
      Comment: { entities: 1 },
      Message: { entities: 1 },
    },
  })
  expect((await tenant.get('Contact', contact))['name']).toBe('Jane Qzvplant')

  const { id } = await send('erasures.ask', { ids: [contact], reason: 'request 1' })
  expect((await send('erasures.ask', { ids: [contact] })).id).toBe(id)
  const found = await done(id)
  expect(found).toMatchObject({
    ids: [contact],
    reason: 'request 1',
    removed: { nouns: { Contact: { entities: 1, fields: ['email', 'name'] } } },
  })
  expect(found.entities?.map((entity) => entity.id)).toEqual(
    expect.arrayContaining([contact, customer, invoice, ticket, comment]),
  )
  expect(found.entities).toHaveLength(6)
  expect((await certificate(id, { limit: '2' })).entities).toHaveLength(2)
  expect(JSON.stringify(found)).not.toMatch(/qzvplant/i)

  expect(await tenant.get('Contact', contact)).toMatchObject({ name: 'erased', stage: 'Lead' })
  expect(await tenant.get('Invoice', invoice)).toMatchObject({ total: 1_900, customer })
  expect(await tenant.get('Contact', other)).toMatchObject({ name: 'Joan', email: 'joan@x.org' })
  const reads = [
    tenant.events(),
    tenant.list('Contact', { filter: '{"$text":"qzvplant"}' }),
    tenant.get('Ticket', ticket, { asOf: new Date(Date.now() - 1).toISOString() }),
    askRead(stub, caller, { read: 'history', noun: 'Contact', id: contact }),
  ]
  for (const read of reads) expect(JSON.stringify(await read)).not.toMatch(/qzvplant/i)
  expect((await tenant.events()).filter(({ type }) => type.endsWith('.Erased'))).toHaveLength(6)
  // The entity goes on, and its address is free.
  await tenant.write('Contact.create', { name: 'Jane', email: 'qzvplant@x.org' })
  await tenant.write('Contact.update', { name: 'Somebody' }, { id: contact })
  expect(await tenant.get('Contact', contact)).toMatchObject({ name: 'Somebody' })
})

test('an undo across an erasure, or of it, is refused; one of later changes is not', async () => {
  const { tenant, send, done } = world()
  const contact = (await tenant.write('Contact.create', { name: 'Jane' })).$id
  await tenant.write('Contact.update', { name: 'Joan' }, { id: contact })
  const { id } = await send('erasures.ask', { ids: [contact] })
  await done(id)
  const undo = (commit: number): Promise<string> => code(send('commits.undo', {}, { id: String(commit) }))
  expect(await undo(2)).toBe('undo_irreversible')
  expect(await undo(3)).toBe('undo_irreversible')
  await tenant.write('Contact.update', { name: 'New' }, { id: contact })
  expect(await undo(4)).toBe('ok')
  expect(await tenant.get('Contact', contact)).toMatchObject({ name: 'erased' })
})

test('a request that is repeated after an erasure is not performed again, and has no answer', async () => {
  const { stub, tenant, send, done } = world()
  const contact = (await tenant.write('Contact.create', { name: 'Jane' })).$id
  const operations = [{ id: 'a', method: 'POST', path: '/Contact', body: { name: 'Qzvplant' } }]
  const batch = (): Promise<string> => code(send('batch', { operations }, { idempotencyKey: 'k1' }))
  expect(await batch()).toBe('ok')
  expect(await batch()).toBe('ok')
  const { id } = await send('erasures.ask', { ids: [contact] })
  await done(id)
  expect(await batch()).toBe('conflict Idempotency-Key')
  expect(await tenant.list('Contact', { filter: '{"name":"Qzvplant"}' })).toHaveLength(1)
  expect(stub).toBeDefined()
})

test.each([
  [{}, 'validation_error'],
  [{ ids: [] }, 'validation_error'],
  [{ ids: ['contact_1VbZ0kQ3x9Ta', 'contact_1VbZ0kQ3x9Ta'] }, 'validation_error'],
  [{ ids: ['x'] }, 'validation_error'],
  [{ ids: 'contact_1VbZ0kQ3x9Ta' }, 'validation_error'],
  [{ ids: ['contact_1VbZ0kQ3x9Ta'], reason: ' ' }, 'validation_error'],
  [{ ids: ['contact_1VbZ0kQ3x9Ta'], all: true }, 'validation_error'],
  [{ ids: ['contact_1VbZ0kQ3x9Ta'] }, 'not_found ids'],
])('the request %j is refused with %s, and nothing is recorded', async (body, expected) => {
  const { stub, tenant, send } = world()
  for (const made of [false, true]) {
    if (made) await tenant.write('Contact.create', { name: 'Jane' })
    for (const verb of ['erasures.ask', 'erasures.preview']) expect(await code(send(verb, body))).toBe(expected)
  }
  expect(await askRead(stub, caller, { read: 'erasures' })).toMatchObject({ ok: true, body: '{"results":[]}' })
})

test('only a caller who may do everything asks for, previews or sees erasures', async () => {
  const { stub, tenant } = world()
  const contact = (await tenant.write('Contact.create', { name: 'Jane' })).$id
  const all = { read: 'all', write: 'all', verbs: 'all', hidden: [] } as const
  const none = { read: 'none', write: 'none', verbs: [], hidden: [] } as const
  const authority: Authority = { ...caller.authority, nouns: { Contact: all }, others: none }
  const member = { ...caller, authority }
  const body = JSON.stringify({ ids: [contact] })
  for (const verb of ['erasures.ask', 'erasures.preview'])
    expect(await ask(stub, member, { kind: 'write', noun: '', verb, body })).toMatchObject({
      ok: false,
      error: { code: 'forbidden' },
    })
  for (const read of ['erasures', 'erasure'])
    expect(await askRead(stub, member, { read, id: read === 'erasure' ? 'erasure_1VbZ0kQ3x9Ta' : '' })).toMatchObject({
      ok: false,
    })
  expect(await tenant.get('Contact', contact)).toMatchObject({ name: 'Jane' })
})
