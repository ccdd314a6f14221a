// Files that are staged for an import, by callers who may do different things.

import { env } from 'cloudflare:test'
import { type Authority, fullAuthority, type JsonValue, parseAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'

const others = { read: 'none', write: 'none', hidden: [], verbs: [] }
const contacts = (verbs: readonly string[]): Authority =>
  parseAuthority(
    JSON.stringify({ who: 'bo', nouns: { Contact: { read: 'all', write: 'all', hidden: [], verbs } }, others }),
  )

function openTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const callerOf = (authority: Authority) =>
    ({ tenant: 'staged', context: 'http://localhost/~staged', authority, via: 'rest' }) as const
  const send = (authority: Authority, verb: string, body: object, noun = 'Contact') =>
    ask(stub, callerOf(authority), { kind: 'write', verb, noun, body: JSON.stringify(body) })
  const refused = (authority: Authority, id: string) =>
    askRead(stub, callerOf(authority), { read: 'import.refused', id, parameters: {} })
  return { send, refused }
}

const bodyOf = ({ body }: { readonly body?: string }): Readonly<Record<string, JsonValue>> =>
  JSON.parse(body ?? '{}') as Readonly<Record<string, JsonValue>>
const errorOf = (answer: object) => ('error' in answer ? answer.error : undefined)

test('only callers who may create or update entities stage files, and nobody reaches the file of another', async () => {
  const { send, refused } = openTenant()
  const ada = fullAuthority('ada')
  const rows = [[2, 'Ada']]
  const stage = { piece: 0, rows }
  for (const [authority, noun] of [
    [contacts([]), 'Contact'],
    [contacts(['delete']), 'Contact'],
  ] as const)
    expect(errorOf(await send(authority, 'import.stage', stage, noun))).toMatchObject({ code: 'forbidden' })
  expect(errorOf(await send(contacts(['create']), 'import.stage', stage, 'Deal'))).toMatchObject({ code: 'not_found' })
  expect(errorOf(await send(ada, 'import.stage', stage, ''))).toMatchObject({ code: 'not_found', field: 'type' })

  const answer = await send(ada, 'import.stage', stage)
  const { source = '' } = bodyOf(answer.ok ? answer : {})
  expect(source).toMatch(/^import_/)
  const bo = contacts(['create'])
  const plan = { noun: 'Contact', columns: [], zone: 'UTC', system: '', match: null }
  for (const [verb, body] of [
    ['import.stage', { source, piece: 1, rows }],
    ['import.start', { source, header: [], plan }],
    ['import.discard', { source }],
  ] as const)
    expect(errorOf(await send(bo, verb, body))).toMatchObject({ code: 'not_found', field: 'source' })

  const started = await send(ada, 'import.start', { source, header: ['name'], plan })
  const { job } = bodyOf(started.ok ? started : {}) as { readonly job?: { readonly id: string } }
  expect(errorOf(await refused(bo, job?.id ?? ''))).toMatchObject({ code: 'not_found' })
  expect(await refused(ada, job?.id ?? '')).toMatchObject({ ok: true })
  expect(errorOf(await send(ada, 'import.discard', { source }))).toMatchObject({ code: 'conflict', field: 'source' })
})

test('a file that was discarded makes room for others', async () => {
  const { send } = openTenant()
  const ada = fullAuthority('ada')
  const stage = async () => send(ada, 'import.stage', { piece: 0, rows: [[2, 'Ada']] })
  const first = await stage()
  for (let at = 1; at < 100; at++) await stage()
  expect(errorOf(await stage())).toMatchObject({ code: 'overloaded', field: 'file' })
  const { source = '' } = bodyOf(first.ok ? first : {})
  expect(await send(ada, 'import.discard', { source })).toMatchObject({ ok: true })
  expect(errorOf(await send(ada, 'import.discard', { source }))).toMatchObject({ code: 'not_found' })
  expect(await stage()).toMatchObject({ ok: true })
})

test('only a caller who may do everything starts an import that keeps ids', async () => {
  const { send } = openTenant()
  const bo = contacts(['create'])
  const { source = '' } = bodyOf(
    (await send(bo, 'import.stage', { piece: 0, rows: [[2, 'contact_A1B2C3D4E5F6']] })) as { body?: string },
  )
  const plan = { noun: 'Contact', columns: [], zone: 'UTC', system: '', match: null, ids: 'keep' }
  expect(errorOf(await send(bo, 'import.start', { source, header: ['$id'], plan }))).toMatchObject({
    code: 'forbidden',
  })
})
