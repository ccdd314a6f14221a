// The tenant's half of files: when bytes go, and when they must not.

import { env, runDurableObjectAlarm } from 'cloudflare:test'
import { ObjectError, parseAuthority, sha256Hex } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { ask } from '../test/ask-tenant.ts'
import { EntitiesOf } from '../test/entities-of.ts'
import { caller } from '../test/generated-tenant.ts'
import type { CommandOutcome, SentAuthority } from './answers/answer.ts'

type Fields = Readonly<Record<string, unknown>>

function world() {
  const stub = env.SERVED.get(env.SERVED.newUniqueId())
  const tenant = new EntitiesOf(stub, caller)
  const serve = async (command: string, input: object, who: SentAuthority = 'owner'): Promise<Fields> => {
    const sent = { caller: { ...caller, authority: who }, isStranger: false }
    const text = await stub.serve({ ...sent, command: `database.do/files.${command}`, input: JSON.stringify(input) })
    const outcome = JSON.parse(text) as CommandOutcome
    if (!outcome.ok) throw new ObjectError(outcome.error)
    return outcome.output as Fields
  }
  const upload = async (text: string, fields: object = {}): Promise<Fields> => {
    const bytes = new TextEncoder().encode(text)
    const begun = await serve('begin', { filename: 'a.txt', size: bytes.length, claimedType: '', fields })
    await stub.putBytes(String(begun['id']), bytes)
    const finish = { id: begun['id'], hash: sha256Hex(text), mediaType: 'text/plain' }
    const made = await serve('finish', finish)
    // The answer was lost.
    const again = await serve('finish', finish)
    expect(JSON.parse(String(again['body']))).toEqual(JSON.parse(String(made['body'])))
    return JSON.parse(String(made['body'])) as Fields
  }
  const settle = async (): Promise<void> => {
    for (let rounds = 0; rounds < 20; rounds++) await runDurableObjectAlarm(stub)
  }
  const keys = async (): Promise<number> => (await stub.fileKeys()).length
  return { stub, tenant, serve, upload, settle, keys }
}

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ObjectError ? error.code : String(error)),
  )

beforeEach(() => env.SERVED.get(env.SERVED.newUniqueId()).setGrace(3_600_000))

test('bytes stay through a deletion and its undo, and go when no asset has named them for long enough', async () => {
  const { stub, tenant, upload, settle, keys } = world()
  await tenant.write('Contact.create', { name: 'Ada' })
  const asset = await upload('one')
  await upload('two')
  const remove = { kind: 'write', noun: 'Asset', verb: 'delete', id: String(asset['$id']), body: '' } as const
  const deleted = await ask(stub, caller, remove)
  await settle()
  expect(await keys()).toBe(2)
  if (!deleted.ok) throw new ObjectError(deleted.error)
  const undone = await ask(stub, caller, {
    kind: 'write',
    noun: '',
    verb: 'commits.undo',
    id: String(deleted.commit),
    body: '',
  })
  expect(undone).toMatchObject({ ok: true })
  await stub.setGrace(0)
  await settle()
  expect(await keys()).toBe(2)
  await ask(stub, caller, remove)
  await settle()
  expect(await keys()).toBe(1)
  const named = { name: 'x', filename: 'x', url: 'https://example.com', mimeType: 'a/b', size: 1 }
  expect(await code(tenant.write('Asset.create', { ...named, file: asset['file'] }))).toBe('validation_error')
})

test('the same bytes are kept until the last of their assets is gone', async () => {
  const { stub, tenant, upload, settle, keys } = world()
  await tenant.write('Contact.create', { name: 'Ada' })
  await stub.setGrace(0)
  const [first, second] = [await upload('same'), await upload('same')]
  expect([first['file'], first['hash']]).toEqual([second['file'], sha256Hex('same')])
  const remove = async (one: Fields): Promise<void> => {
    await ask(stub, caller, { kind: 'write', noun: 'Asset', verb: 'delete', id: String(one['$id']), body: '' })
    await settle()
  }
  await remove(first)
  expect((await stub.fileKeys()).some((key) => key.startsWith(String(second['file'])))).toBe(true)
  await remove(second)
  expect((await stub.fileKeys()).some((key) => key.startsWith(String(second['file'])))).toBe(false)
  expect(await keys()).toBe(1) // the second upload of the same bytes goes after a day
})

test('an erasure removes the bytes without a wait', async () => {
  const { stub, tenant, upload, settle, keys } = world()
  const { $id: contact } = await tenant.write('Contact.create', { name: 'Jane' })
  await upload('her letter', { attachedTo: [contact] })
  expect(await keys()).toBe(1)
  const asked = await ask(stub, caller, {
    kind: 'write',
    noun: '',
    verb: 'erasures.ask',
    body: JSON.stringify({ ids: [contact], reason: 'asked' }),
  })
  expect(asked).toMatchObject({ ok: true })
  for (let rounds = 0; rounds < 10 && (await keys()) > 0; rounds++) await settle()
  expect(await keys()).toBe(0)
})

test('an upload belongs to its actor, is counted while it is open, and goes when it is abandoned', async () => {
  const { tenant, serve, settle, stub } = world()
  await tenant.write('Contact.create', { name: 'Ada' })
  const begun = await serve('begin', { filename: 'a', size: 5, claimedType: '', fields: {} })
  const id = { id: begun['id'] }
  await stub.putBytes(String(begun['id']), new Uint8Array(5))
  expect(await code(serve('find', id, 'user_another'))).toBe('not_found')
  expect(await code(serve('abandon', id, 'user_another'))).toBe('not_found')
  const large = { filename: 'a', size: 2 * 2 ** 30 + 1, claimedType: '', fields: {} }
  expect(await code(serve('begin', large))).toBe('payload_too_large')
  await serve('abandon', id)
  await settle()
  expect(await stub.fileKeys()).toEqual([])
  expect(await code(serve('find', id))).toBe('not_found')
})

test('the bytes of an attached file open only to callers who see one of the entities that it is attached to', async () => {
  const { stub, tenant, serve, upload } = world()
  const { $id: seen } = await tenant.write('Contact.create', { name: 'Seen', stage: 'Customer' })
  const { $id: hidden } = await tenant.write('Contact.create', { name: 'Hidden', stage: 'Lead' })
  const { $id: deal } = await tenant.write('Deal.create', { name: 'Hidden too', value: 1 })
  const all = { read: 'all', write: 'all', hidden: [], verbs: ['create', 'update'] }
  const others = { read: 'none', write: 'none', hidden: [], verbs: [] }
  const contacts = (read: unknown) => ({ read, write: 'none', hidden: [], verbs: [] })
  const authorityOf = (read: unknown) =>
    parseAuthority(JSON.stringify({ who: 'user_sales', nouns: { Asset: all, Contact: contacts(read) }, others }))
  const seesSome = authorityOf({ stage: 'Customer' })
  const seesNone = authorityOf('none')
  const cases = [
    { attachedTo: [], some: 'ok', none: 'ok' },
    { attachedTo: [deal, hidden], some: 'not_found', none: 'not_found' },
    { attachedTo: [deal, hidden, seen], some: 'ok', none: 'not_found' },
  ]
  for (const [at, { attachedTo, some, none }] of cases.entries()) {
    const asset = await upload(`text ${at}`, attachedTo.length === 0 ? {} : { attachedTo })
    for (const id of at === 0 ? [asset['$id']] : [asset['$id'], asset['file']]) {
      expect(await code(serve('open', { id }))).toBe('ok')
      expect([at, await code(serve('open', { id }, seesSome))]).toEqual([at, some])
      expect([at, await code(serve('open', { id }, seesNone))]).toEqual([at, none])
      // A link needs a secret, which these tests have none of.
      const linked = await code(serve('link', { asset: id, expiresIn: 60 }, seesNone))
      expect([at, linked]).toEqual([at, none === 'ok' ? 'not_configured' : none])
    }
    // A caller who may not read the bytes gets them neither by another asset nor by attaching this one elsewhere.
    const by = { ...caller, authority: seesNone }
    const named = { name: 'x', filename: 'x', url: 'https://example.com', mimeType: 'a/b', size: 1 }
    const others = new EntitiesOf(stub, by)
    const isRefused = none !== 'ok'
    const copied = await others.codeOf('Asset.create', { ...named, file: asset['file'] })
    expect([at, copied]).toEqual([at, isRefused ? 'validation_error' : 'ok'])
    const moved = await others.codeOf('Asset.update', { attachedTo: null }, { id: String(asset['$id']) })
    expect([at, moved]).toEqual([at, isRefused ? 'forbidden' : 'ok'])
  }
})
