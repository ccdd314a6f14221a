// Reads as of a time before the tenant's first event, of which nothing is known.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import { operations } from '../calls/operations.ts'

function openTenant() {
  const name = `t${crypto.randomUUID().slice(0, 8)}`
  const authority = fullAuthority('ada')
  const caller: Caller = { tenant: name, context: `http://localhost/~${name}`, authority, via: 'rest' }
  return { caller, stub: env.TENANTS.getByName(name) }
}

function refused(began: string | null) {
  return { ok: false, error: { code: 'before_history', field: 'asOf', detail: { began } } }
}

function bodyOf(answer: Answer): Readonly<Record<string, unknown>> {
  if (!answer.ok) throw new Error(answer.error.message)
  return JSON.parse(answer.body) as Record<string, unknown>
}

const unknownId = 'contact_0000000000AA'

/** Each read that takes `asOf`, and a pipeline. */
async function readAll(tenant: ReturnType<typeof openTenant>, asOf: string, id: string): Promise<readonly Answer[]> {
  const { caller, stub } = tenant
  const names = operations.flatMap((operation) => {
    const { kind, name, parameters } = operation
    const takesAsOf = kind === 'read' && typeof parameters === 'object' && 'asOf' in parameters
    return takesAsOf && !('isOffered' in operation) && name !== 'flag' ? [name] : []
  })
  expect(names).toEqual(expect.arrayContaining(['find', 'count', 'get', 'references']))
  const reads = names.map((read) =>
    askRead(stub, caller, {
      read,
      noun: 'Contact',
      parameters: { asOf },
      ...(read === 'find' ? {} : { id: read === 'metric' ? 'mrr' : id }),
    }),
  )
  const including = askRead(stub, caller, {
    read: 'find',
    noun: 'Contact',
    parameters: { asOf, include: 'deals', filter: '{"name":"Ada"}' },
  })
  const pipeline = ask(stub, caller, {
    kind: 'pipeline',
    read: 'find',
    noun: 'Contact',
    parameters: { asOf },
    steps: [],
  })
  return Promise.all([...reads, including, pipeline])
}

test('every read as of a time before the first event is refused, and says when the tenant began', async () => {
  const tenant = openTenant()
  const made = bodyOf(
    await askWrite(tenant.stub, tenant.caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' }),
  )
  const [began, id] = [String(made['$createdAt']), String(made['$id'])]
  const before = new Date(Date.parse(began) - 1).toISOString()
  for (const answer of await readAll(tenant, before, id)) expect(answer).toMatchObject(refused(began))
  for (const answer of await readAll(tenant, began, id)) expect(answer).toMatchObject({ ok: true })
})

test('a tenant without events knows of no time, and such a read does not date later writes', async () => {
  const tenant = openTenant()
  const past = '2020-01-01T00:00:00.000Z'
  for (const answer of await readAll(tenant, past, unknownId)) expect(answer).toMatchObject(refused(null))
  // With tables, but without an event.
  const start = (now: string): Promise<Answer> =>
    ask(tenant.stub, tenant.caller, { kind: 'write', noun: '', verb: 'clock.set', body: JSON.stringify({ now }) })
  expect(await start('2021-01-01T00:00:00Z')).toMatchObject({ ok: true })
  for (const answer of await readAll(tenant, past, unknownId)) expect(answer).toMatchObject(refused(null))
  expect(await start('2020-01-01T00:00:00Z')).toMatchObject({ ok: true })
  const made = await askWrite(tenant.stub, tenant.caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  expect(bodyOf(made)['$createdAt']).toBe(past)
})

test('the future is still refused as such', async () => {
  const tenant = openTenant()
  for (const answer of await readAll(tenant, '9000-01-01T00:00:00Z', unknownId))
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_as_of' } })
})

test.each([
  ['members', 'Segment', { name: 'a' }],
  ['analysis', 'Funnel', { name: 'a', steps: ['a', 'b'].map((name) => ({ name, event: name })) }],
  ['flag', 'FeatureFlag', { key: 'a' }],
])('%s of a %s, as of a time before the first event, is refused', async (read, noun, fields) => {
  const tenant = openTenant()
  const body = JSON.stringify(fields)
  const made = bodyOf(await askWrite(tenant.stub, tenant.caller, { noun, verb: 'create', body }))
  const began = String(made['$createdAt'])
  const asOf = new Date(Date.parse(began) - 1).toISOString()
  const given = { read, noun, id: String(made['key'] ?? made['$id']), parameters: { asOf } }
  expect(await askRead(tenant.stub, tenant.caller, given)).toMatchObject(refused(began))
})
