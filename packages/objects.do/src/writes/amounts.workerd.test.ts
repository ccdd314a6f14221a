// Rules for amounts in a tenant's own Noun, put as JSON: sums, bounds, filled values, numbers and frozen fields.

import { env } from 'cloudflare:test'
import { type Entity, ObjectError, type ObjectErrorData } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'
import type { Answer } from '../answers/answer.ts'

type Json = Readonly<Record<string, unknown>>

const bill = {
  fields: {
    status: 'Draft | Open | Paid',
    currency: 'string = USD',
    lines: 'json',
    net: 'money(0..)! = lines[].amount',
    tax: 'money(0..)',
    total: 'money! = net + tax',
    paid: 'money(0..) = 0',
    due: 'money! = total - paid',
    code: 'string##',
    owner: '-> Contact.bills',
    email: 'email',
    from: 'date',
    until: 'date',
    open: 'Opened',
    pay: 'Paid',
    note: 'Noted',
  },
  state: 'status',
  transitions: [
    { from: ['Draft'], verb: 'open', to: 'Open', irreversible: true },
    { from: ['Open'], verb: 'pay', to: 'Paid', irreversible: true },
  ],
  effects: { pay: { sets: { paid: { kind: 'field', name: 'total' } } } },
  bounds: ['0 <= due', 'from < until', { rule: 'due = 0', while: { field: 'status', values: ['Paid'] } }],
  fills: { email: { kind: 'path', path: 'owner.email' } },
  numbers: { code: { pattern: 'B-{number:4}', by: 'open' } },
  frozen: [
    { fields: ['status', 'paid'], onCreate: true },
    {
      fields: ['lines', 'net', 'tax', 'total', 'currency'],
      while: { field: 'status', values: ['Open', 'Paid'] },
      delete: true,
    },
  ],
}

let stub = env.TENANTS.get(env.TENANTS.newUniqueId())
beforeEach(async () => {
  stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  await write('Bill', 'schema.put', bill)
})

interface Asked {
  readonly id?: string
  readonly isDryRun?: true
}

function send(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<Answer> {
  return ask(stub, caller, { kind: 'write', noun, verb, body: JSON.stringify(body), ...asked })
}

async function write(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<Entity> {
  const answer = await send(noun, verb, body, asked)
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Entity
}

async function refusal(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<ObjectErrorData> {
  const answer = await send(noun, verb, body, asked)
  if (answer.ok) throw new Error(`${noun}.${verb} was accepted`)
  return answer.error
}

test('the server computes sums on create and update, and refuses a wrong one with the figures', async () => {
  const lines = [{ amount: 70 }, { amount: 30 }]
  const made = await write('Bill', 'create', { lines, tax: 20 })
  expect(made).toMatchObject({ net: 100, total: 120, due: 120, paid: 0 })
  const id = made.$id
  expect(await write('Bill', 'update', { tax: 30 }, { id })).toMatchObject({ net: 100, total: 130, due: 130 })
  expect(await write('Bill', 'update', { tax: 25, total: 125 }, { id })).toMatchObject({ total: 125, due: 125 })
  expect(await refusal('Bill', 'update', { tax: 0, total: 125 }, { id })).toMatchObject({
    code: 'validation_error',
    field: 'total',
    message: "Bill.update: field 'total' is 125, but net 100 + tax 0 makes 100",
  })
  expect(await refusal('Bill', 'create', { lines, net: 42 })).toMatchObject({
    message: "Bill.create: field 'net' is 42, but lines[].amount 100 makes 100",
  })
  expect(await refusal('Bill', 'create', { lines: [{ amount: 0.5 }] })).toMatchObject({ field: 'net' })
  expect(await write('Bill', 'create', { net: 5 })).toMatchObject({ net: 5, total: 5, due: 5 })
})

test('a bound refuses what it compares, with the figures', async () => {
  expect(await refusal('Bill', 'create', { net: 5, from: '2026-02-01', until: '2026-01-01' })).toMatchObject({
    code: 'validation_error',
    field: 'from',
    message: "Bill.create: field 'from' breaks the rule 'from < until': from 2026-02-01, until 2026-01-01",
  })
  expect(await write('Bill', 'create', { net: 5, from: '2026-02-01' })).toMatchObject({ from: '2026-02-01' })
})

test('money expects minor units of a real currency', async () => {
  expect(await refusal('Bill', 'create', { net: 29.99 })).toMatchObject({ field: 'net' })
  expect(await refusal('Bill', 'create', { net: 5, currency: 'bananas' })).toMatchObject({
    field: 'currency',
    message: expect.stringContaining('expects the ISO 4217 code of a currency, such as USD') as string,
  })
  expect(await write('Bill', 'create', { net: 5, currency: 'eur' })).toMatchObject({ currency: 'EUR' })
})

test('a creation takes values from a related entity, unless the caller gives them', async () => {
  const owner = (await write('Contact', 'create', { name: 'Ada', email: 'ada@x.io' })).$id
  expect(await write('Bill', 'create', { net: 5, owner })).toMatchObject({ email: 'ada@x.io' })
  expect(await write('Bill', 'create', { net: 5, owner, email: 'b@x.io' })).toMatchObject({ email: 'b@x.io' })
})

test('frozen fields are refused from every side, and the verbs of the Noun still change them', async () => {
  expect(await refusal('Bill', 'create', { net: 5, paid: 5 })).toMatchObject({ code: 'conflict', field: 'paid' })
  const { $id: id } = await write('Bill', 'create', { net: 5 })
  expect(await refusal('Bill', 'update', { status: 'Open' }, { id })).toMatchObject({
    code: 'conflict',
    field: 'status',
    message: "Bill.update cannot change 'status', only its verbs do",
  })
  await write('Bill', 'update', { net: 6 }, { id })
  await write('Bill', 'open', {}, { id })
  const asks = [
    ['update', { net: 1 }],
    ['update', { currency: 'EUR' }],
    ['note', { total: 1 }],
    ['pay', { tax: 100 }],
    ['delete', {}],
  ] as const
  for (const [verb, body] of asks)
    expect([verb, (await refusal('Bill', verb, body, { id })).code]).toEqual([verb, 'conflict'])
  // The state was reached by an irreversible transition.
  expect((await refusal('Bill', 'rollback', { version: 1 }, { id })).code).toBe('invalid_transition')
  expect((await refusal('Bill', 'delete', {}, { id })).message).toBe(
    'a Bill cannot be deleted while status is Open: its record is kept',
  )
  expect(await write('Bill', 'pay', {}, { id })).toMatchObject({ status: 'Paid', paid: 6, due: 0 })
})

test('numbers have no gap after refusals, dry runs and failed batches, and one given by hand is skipped', async () => {
  const open = async (body: Json = {}): Promise<unknown> => {
    const { $id: id } = await write('Bill', 'create', { net: 5, ...body })
    return (await write('Bill', 'open', {}, { id }))['code']
  }
  expect(await open()).toBe('B-0001')
  const { $id: id } = await write('Bill', 'create', { net: 5 })
  await send('Bill', 'open', {}, { id, isDryRun: true })
  await refusal('Bill', 'open', { total: 9 }, { id })
  const batch = {
    operations: [
      { method: 'open', type: 'Bill', id },
      { method: 'pay', type: 'Bill', id: 'bill_000000000000' },
    ],
  }
  await send('', 'batch', batch)
  await write('Bill', 'create', { net: 5, code: 'B-0003' })
  expect(await open()).toBe('B-0002')
  expect(await Promise.all([open(), open(), open()])).toEqual(expect.arrayContaining(['B-0004', 'B-0005', 'B-0006']))
  expect((await write('Bill', 'open', {}, { id }))['code']).toBe('B-0007')
})

test('a definition with a wrong rule is refused with its place', async () => {
  const wrong = [
    [{ bounds: ['net < nothing'] }, 'bounds[0]', "Bill: bounds[0] expects a stored field, got 'nothing'"],
    [{ bounds: ['net'] }, 'bounds[0]', "expects a comparison such as '0 < amount <= total', got 'net'"],
    [{ bounds: ['net < from'] }, 'bounds[0]', 'values of one type to compare, got number and date'],
    [{ frozen: [{ fields: ['nothing'] }] }, 'frozen[0]', "expects stored fields, got 'nothing'"],
    [{ numbers: { code: { pattern: 'B', by: 'open' } } }, 'numbers.code', 'expects a pattern with one {number}'],
    [{ fields: { ...bill.fields, net: 'money! = total' } }, 'net', 'a sum that does not lead back to itself'],
    [{ fills: { email: { kind: 'path', path: 'owner email' } } }, 'fills', 'a path such as contact.organization'],
  ] as const
  for (const [part, field, message] of wrong) {
    const error = await refusal('Bill', 'schema.put', { ...bill, ...part })
    expect(error).toMatchObject({ code: 'invalid_definition', field })
    expect(error.message).toContain(message)
  }
})

test('the schema shows the rules', async () => {
  const answer = await askRead(stub, caller, { read: 'schema', noun: 'Bill' })
  const shown = JSON.parse(answer.ok ? answer.body : '{}') as { definition: Json; fields: readonly Json[] }
  expect(shown.definition).toMatchObject({ bounds: bill.bounds, frozen: bill.frozen, numbers: bill.numbers })
  expect(shown.fields.find(({ name }) => name === 'due')).toMatchObject({ sum: 'total - paid' })
})

test('a bound through a reference holds changes at both ends, also an undo, and not a rule that was broken before', async () => {
  await write('Rate', 'schema.put', { fields: { zone: 'string', top: 'integer' } })
  const fields = { zone: 'string', used: 'integer', rate: '-> Rate.meters' }
  await write('Meter', 'schema.put', { fields, bounds: ['rate.zone = zone', 'used <= rate.top'] })
  const rate = await write('Rate', 'create', { zone: 'EU', top: 10 })
  const changed = await write('Rate', 'update', { zone: 'US' }, { id: rate.$id })
  expect(changed).toMatchObject({ zone: 'US' })
  const meter = await write('Meter', 'create', { zone: 'US', used: 5, rate: rate.$id })
  expect(await refusal('Rate', 'update', { zone: 'EU' }, { id: rate.$id })).toMatchObject({
    code: 'conflict',
    field: 'zone',
    message: `Rate.zone cannot change: Meter '${meter.$id}' refers to it and would break its rule 'rate.zone = zone'`,
  })
  expect(await refusal('Rate', 'update', { top: 4 }, { id: rate.$id })).toMatchObject({ field: 'top' })
  expect(await write('Rate', 'update', { top: 5 }, { id: rate.$id })).toMatchObject({ top: 5 })
  expect(await refusal('Rate', 'rollback', { version: 1 }, { id: rate.$id })).toMatchObject({ code: 'conflict' })
  await write('Meter', 'update', { rate: null }, { id: meter.$id })
  expect(await write('Rate', 'update', { zone: 'EU', top: 1 }, { id: rate.$id })).toMatchObject({ zone: 'EU' })
})
