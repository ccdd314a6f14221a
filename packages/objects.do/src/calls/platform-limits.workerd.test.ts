// Reads and writes at the platform's limits in SQLite, which local workerd enforces.

import { fullAuthority } from 'digital-objects'
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const caller = {
  tenant: 'limits',
  context: 'http://localhost/~limits',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const stub = env.TENANTS.get(env.TENANTS.idFromName('limits'))

async function write(noun: string, body: object): Promise<Record<string, unknown>> {
  const answer = await askWrite(stub, caller, { noun, verb: 'create', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(answer.error.message)
  return JSON.parse(answer.body) as Record<string, unknown>
}

async function find(noun: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  return askRead(stub, caller, { read: 'find', noun, parameters })
}

const found = (answer: Answer): unknown =>
  answer.ok ? (JSON.parse(answer.body) as { total: number }).total : answer.error

test('the widest filter works now and in the past, within the limits on bound parameters, depth, compound terms and statement length', async () => {
  const { $id: organization } = await write('Organization', { name: 'o', industry: 'retail' })
  const { $id: contact } = await write('Contact', { name: 'a', organization, leadScore: 7 })
  await write('Deal', { name: 'd', value: 5, contact })
  await new Promise((resolve) => setTimeout(resolve, 5))
  const asOf = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 5))
  // 64 conditions, each with its own value, through two relations, under the deepest allowed nesting of negations.
  const leaves = Array.from({ length: 63 }, (_, at) => ({
    'contact.organization.industry': { $nin: [`x${at}`, `y${at}`, `z${at}`] },
  }))
  const filter = JSON.stringify({
    $and: [{ $not: { $or: [{ $not: { $and: leaves } }] } }, { 'contact.leadScore': { $gt: 6.5 } }],
  })
  for (const time of [{}, { asOf }]) {
    expect(found(await find('Deal', { filter, sort: '-value,name,$createdAt,$version', ...time }))).toBe(1)
    expect(
      found(
        await find('Deal', { filter: JSON.stringify({ $or: leaves.map(() => ({ value: { $lt: 0 } })) }), ...time }),
      ),
    ).toBe(0)
  }
})

test('the widest filter also works for the page after a cursor, which adds its own values', async () => {
  for (let value = 0; value < 3; value++) await write('Deal', { name: `page ${value}`, value: 100 + value })
  const filter = JSON.stringify({ $and: Array.from({ length: 64 }, (_, at) => ({ value: { $gt: at / 1_000 + 50 } })) })
  const first = await find('Deal', { filter, sort: 'value,-name,$version,$createdAt', limit: '1' })
  const { cursor } = JSON.parse(first.ok ? first.body : '{}') as { cursor: string }
  expect(
    found(await find('Deal', { filter, sort: 'value,-name,$version,$createdAt', limit: '1', cursor, count: 'exact' })),
  ).toBe(3)
})

test('a thousand values of $in are one bound parameter', async () => {
  const values = Array.from({ length: 1_000 }, (_, at) => at + 100)
  expect(found(await find('Deal', { filter: JSON.stringify({ value: { $in: values } }) }))).toBe(3)
  expect(found(await find('Contact', { filter: JSON.stringify({ 'metadata.a': { $in: values } }) }))).toBe(0)
})

test('long and non-ASCII strings are compared, which LIKE, GLOB, REGEXP and lower() of SQLite could not do', async () => {
  const long = 'ÄÖÜ'.repeat(100)
  await write('Contact', { name: long })
  expect(found(await find('Contact', { filter: JSON.stringify({ name: long }) }))).toBe(1)
  expect(
    found(
      await find('Contact', { filter: JSON.stringify({ name: { $regex: `^${'äöü'.repeat(100)}$`, $options: 'i' } }) }),
    ),
  ).toBe(1)
  expect(found(await find('Contact', { filter: JSON.stringify({ $text: 'aouaou' }) }))).toBe(1)
})

test('a pattern that takes exponential time in a backtracking engine takes linear time', async () => {
  await write('Contact', { name: 'a'.repeat(5_000) })
  const start = performance.now()
  expect(found(await find('Contact', { filter: JSON.stringify({ name: { $regex: '^(a+)+$' } }) }))).toBe(2)
  expect(performance.now() - start).toBeLessThan(5_000)
})

test('an entity near the row size limit is stored, changed and kept in its history', async () => {
  const { $id } = await write('Content', { title: 't', body: 'x'.repeat(400_000) })
  const call = { noun: 'Content', id: String($id), verb: 'update' }
  for (const letter of ['y', 'z']) {
    const body = JSON.stringify({ body: letter.repeat(400_000) })
    expect((await askWrite(stub, caller, { ...call, body })).ok).toBe(true)
  }
  const history = await askRead(stub, caller, { read: 'history', noun: 'Content', id: String($id) })
  expect(history.ok && (JSON.parse(history.body) as { results: unknown[] }).results.length).toBe(3)
  const larger = JSON.stringify({ body: 'a'.repeat(900_000) })
  expect((await askWrite(stub, caller, { ...call, body: larger })).ok).toBe(true)
  const tooLarge = await askWrite(stub, caller, { ...call, body: JSON.stringify({ body: 'z'.repeat(1_000_000) }) })
  expect(tooLarge).toMatchObject({ ok: false, error: { code: 'payload_too_large' } })
})
