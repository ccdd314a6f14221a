// Updates of metadata in a tenant's object: each way to write merges, and an undo restores what was there.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const caller = {
  tenant: 'metadata',
  context: 'http://localhost/~metadata',
  authority: fullAuthority('user_1'),
  via: 'rest',
} as const
const stub = env.TENANTS.getByName('metadata')

function bodyOf(answer: Answer): Readonly<Record<string, JsonValue>> {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Readonly<Record<string, JsonValue>>
}
const write = async (verb: string, body: object, id?: string): Promise<Readonly<Record<string, JsonValue>>> =>
  bodyOf(
    await askWrite(stub, caller, {
      noun: 'Contact',
      verb,
      body: JSON.stringify(body),
      ...(id === undefined ? {} : { id }),
    }),
  )
const metadataOf = async (id: string): Promise<unknown> =>
  bodyOf(await askRead(stub, caller, { read: 'get', noun: 'Contact', id }))['metadata']

test('update, updateMany and a verb merge into metadata, and a rollback restores it exactly', async () => {
  const id = String((await write('create', { name: 'Ada', metadata: { a: 1, b: 2 } }))['$id'])
  await write('update', { metadata: { a: 3 } }, id)
  expect(await metadataOf(id)).toEqual({ a: 3, b: 2 })
  await write('updateMany', { ids: [id], set: { metadata: { c: { d: 4, e: 5 } } } })
  expect(await metadataOf(id)).toEqual({ a: 3, b: 2, c: { d: 4, e: 5 } })
  await write('qualify', { metadata: { c: { d: null }, a: null } }, id)
  expect(await metadataOf(id)).toEqual({ b: 2, c: { e: 5 } })
  await write('rollback', { version: 1 }, id)
  expect(await metadataOf(id)).toEqual({ a: 1, b: 2 })
  await write('update', { metadata: null }, id)
  expect(await metadataOf(id)).toBe(undefined)
})
