// Mistakes in JavaScript, where no compiler helps: wrong options, names that do not exist, and a forgotten `await`.

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { HeadlesslyError } from '../src/base/headlessly-error.ts'
import type { Transport } from '../src/wire/transport.ts'
import { Headlessly } from '../src/client/client.ts'

const refused = new HeadlesslyError({ code: 'not_found', message: 'no such thing', status: 404 })
const transport: Transport = {
  send: async ({ calls }) => calls.map(() => refused),
  command: () => Promise.reject(refused),
  listen: async function* () {},
}
const $ = Headlessly({ tenant: 'acme', transport })

/** Calls that the types forbid. */
function untyped(value: unknown): (...given: unknown[]) => unknown {
  return value as (...given: unknown[]) => unknown
}

test.each<[string, unknown, string]>([
  ['no options at all', undefined, 'expects its options as an object, got null'],
  [
    'an undefined tenant',
    { tenant: undefined },
    'tenant expects 2 to 64 lower-case letters, digits and hyphens, got undefined',
  ],
  ['a tenant of another type', { tenant: 42 }, 'tenant expects a string, got 42'],
  ['a misspelt option', { tenent: 'acme' }, "no option 'tenent'; did you mean 'tenant'?"],
  ['an option of another type', { tenant: 'acme', timeoutMs: '5' }, 'timeoutMs expects a number, got "5"'],
  ['a list of Nouns that is no list', { tenant: 'acme', nouns: {} }, 'nouns expects a list, got an object'],
])('a client with %s is not made', (_, options, message) => {
  expect(() => untyped(Headlessly)(options)).toThrow(message)
})

test.each<[string, () => unknown, string]>([
  ['find', () => untyped($.Contact.find)({}, { limt: 3 }), "Contact.find has no option 'limt'; did you mean 'limit'?"],
  ['find', () => untyped($.Contact.find)({}, { limit: '3' }), 'limit expects a whole number from 1 to 1000, got "3"'],
  ['find', () => untyped($.Contact.find)({}, 'name'), 'Contact.find expects its options as an object, got "name"'],
  ['find', () => untyped($.Contact.find)({}, { sort: { name: 'up' } }), "sort expects '-value,name' or"],
  ['get', () => untyped($.Contact.get)('contact_0123456789AB', { inlude: 'deals' }), "did you mean 'include'?"],
  ['count', () => untyped($.Contact.count)({}, { limit: 3 }), "Contact.count has no option 'limit'"],
  ['create', () => untyped($.Contact.create)({}, { ifVersion: '3' }), 'Contact.create: ifVersion expects a number'],
  ['createMany', () => untyped($.Contact.createMany)([], { key: 'a' }), "Contact.createMany has no option 'key'"],
  [
    'events.list',
    () => untyped($.events.list)({ typ: 'Deal.*' }),
    "events.list has no option 'typ'; did you mean 'type'?",
  ],
  ['do', () => untyped($.do)('() => 1', { giveen: 1 }), "do has no option 'giveen'; did you mean 'given'?"],
])('%s refuses options that it does not have, and values that they do not take', async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message)
})

test('an option that is undefined counts as not given', async () => {
  await expect($.Contact.find({}, { limit: undefined, asOf: undefined })).rejects.toThrow('no such thing')
})

test('a name that is no entity type is refused by name, with the nearest one', () => {
  const members = $ as unknown as Readonly<Record<string, unknown>>
  expect(() => members['Contct']).toThrow("unknown entity type 'Contct'; did you mean 'Contact'?")
  expect(() => members['Company']).toThrow("unknown entity type 'Company'; there are User, ApiKey, Organization")
  expect(members['then']).toBeUndefined()
  expect(members['contct']).toBeUndefined()
})

test('a client can be awaited, compared and printed', async () => {
  expect(await Promise.resolve($)).toBe($)
  expect(inspect($)).toBe('headless.ly client of http://localhost:8787/~acme')
})

test('a call without await prints that it is pending', () => {
  const pending = $.Contact.create({ name: 'Ada' })
  expect(inspect(pending)).toBe('Contact.create is pending: await it')
  void pending.catch(() => {})
  expect(inspect($.Contact.find())).toBe('a list that is pending: await it for a page, or use for await')
})

test('an object that contains itself is refused', async () => {
  const metadata: Record<string, unknown> = {}
  metadata['self'] = metadata
  const create = untyped($.Contact.create)({ name: 'Ada', metadata })
  await expect(create).rejects.toThrow(
    'Contact.create: expects values that JSON can express, got an object that contains itself',
  )
})

test.each<[string, () => unknown]>([
  ['a write', () => $.Contact.create({ name: 'Ada' })],
  ['a list', () => $.Contact.find()],
  ['a read', () => $.Contact.findOne()],
  ['a part of an entity', () => $.Contact.get('contact_0123456789AB').organization],
  ['a list of events', () => $.events.list()],
  ['a command', () => $.do(() => 1)],
  ['a call that is never sent', () => $.Contact.get('nothing')],
])('a refusal of %s shows the line of its caller', async (_, call) => {
  const error: unknown = await (async function callerOfThisTest() {
    await call()
  })().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(HeadlesslyError)
  expect((error as HeadlesslyError).stack).toMatch(/callerOfThisTest.*client\.test\.ts/)
})

test('two calls of one message that is refused have errors of their own', async () => {
  const [first, second] = await Promise.allSettled([$.Contact.findOne(), $.Deal.findOne()])
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'no such thing', status: 404 } })
  expect(second).toMatchObject({ status: 'rejected', reason: { message: 'no such thing', status: 404 } })
  const reasons = [first, second].map((outcome) => (outcome?.status === 'rejected' ? outcome.reason : undefined))
  expect(reasons[0]).not.toBe(reasons[1])
})
