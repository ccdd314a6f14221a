// The tenant's settings as events: read at any time, tried, taken back, and part of other commits.

import { env } from 'cloudflare:test'
import { defaultSettings, ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'

const open = () => env.TENANTS.get(env.TENANTS.newUniqueId())
type Stub = ReturnType<typeof open>

async function patch(stub: Stub, body: object, more: object = {}): Promise<Record<string, unknown>> {
  const call = { kind: 'write', noun: '', verb: 'settings.patch', body: JSON.stringify(body), ...more } as const
  const answer = await ask(stub, caller, call)
  if (!answer.ok) throw new ObjectError(answer.error)
  return { ...(JSON.parse(answer.body) as object), commit: answer.commit }
}

async function read(stub: Stub, parameters: Record<string, string> = {}, by = caller): Promise<unknown> {
  const answer = await askRead(stub, by, { read: 'settings', parameters })
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body)
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('a tenant that was never written to has the defaults, and a refused patch does not begin it', async () => {
  const stub = open()
  expect(await read(stub)).toEqual(defaultSettings)
  await expect(patch(stub, { timeZone: 'Mars' })).rejects.toMatchObject({ code: 'validation_error' })
  expect(await stub.identify()).toBe(null)
})

test('a change is an event, read as of any time, and an equal patch changes nothing', async () => {
  const stub = open()
  const { commit } = await patch(stub, { timeZone: 'Europe/Berlin' })
  const then = new Date().toISOString()
  await sleep(5)
  expect(await patch(stub, { timeZone: 'Asia/Tokyo', currency: 'JPY' })).toMatchObject({ currency: 'JPY' })
  expect(await read(stub)).toEqual({ ...defaultSettings, timeZone: 'Asia/Tokyo', currency: 'JPY' })
  expect(await read(stub, { asOf: then })).toEqual({ ...defaultSettings, timeZone: 'Europe/Berlin' })
  expect(await patch(stub, { currency: 'JPY' })).toMatchObject({ commit: Number(commit) + 1 })
  const answer = await askRead(stub, caller, { read: 'events' })
  const { results } = JSON.parse(answer.ok ? answer.body : '') as { readonly results: readonly { type: string }[] }
  expect(results.map(({ type }) => type)).toEqual(['Settings.Created', 'Settings.Updated'])
})

test('an undo restores the settings of before, and a dry run leaves them', async () => {
  const stub = open()
  await patch(stub, { currency: 'EUR' })
  const { commit } = await patch(stub, { currency: 'CHF' })
  expect(await patch(stub, { currency: 'GBP' }, { isDryRun: true })).toMatchObject({ dryRun: true })
  expect(await read(stub)).toMatchObject({ currency: 'CHF' })
  const undo = { kind: 'write', noun: '', verb: 'commits.undo', id: String(commit), body: '{}' } as const
  expect((await ask(stub, caller, undo)).ok).toBe(true)
  expect(await read(stub)).toMatchObject({ currency: 'EUR' })
  await patch(stub, { currency: 'SEK' })
  const conflict = await ask(stub, caller, { ...undo, id: '1' })
  expect(conflict).toMatchObject({ ok: false, error: { code: 'undo_conflict' } })
})

test('the undo of the first change returns to the defaults, and the next change begins anew', async () => {
  const stub = open()
  await patch(stub, { currency: 'EUR' })
  const undo = { kind: 'write', noun: '', verb: 'commits.undo', id: '1', body: '{}' } as const
  expect((await ask(stub, caller, undo)).ok).toBe(true)
  expect(await read(stub)).toEqual(defaultSettings)
  expect(await patch(stub, { currency: 'CHF' })).toMatchObject({ currency: 'CHF' })
})

test('a batch changes settings together with entities or not at all', async () => {
  const stub = open()
  const batch = (name: unknown): Promise<{ readonly ok: boolean }> =>
    ask(stub, caller, {
      kind: 'write',
      noun: '',
      verb: 'batch',
      body: JSON.stringify({
        operations: [
          { method: 'PATCH', path: '/settings', body: { currency: 'SEK' } },
          { method: 'POST', path: '/Contact', body: { name } },
        ],
      }),
    })
  expect((await batch(1)).ok).toBe(false)
  expect(await read(stub)).toEqual(defaultSettings)
  expect((await batch('Ada')).ok).toBe(true)
  expect(await read(stub)).toMatchObject({ currency: 'SEK' })
})

test('a caller without full authority neither reads nor changes settings', async () => {
  const stub = open()
  const everything = { read: 'all', write: 'all', hidden: [], verbs: 'all' } as const
  const authority = {
    who: 'user_0000000000aa',
    nouns: { Contact: { ...everything, hidden: ['email'] } },
    others: everything,
  }
  const limited = { ...caller, authority }
  await expect(read(stub, {}, limited)).rejects.toMatchObject({ code: 'forbidden' })
  const call = { kind: 'write', noun: '', verb: 'settings.patch', body: '{"currency":"EUR"}' } as const
  expect(await ask(stub, limited, call)).toMatchObject({ ok: false, error: { code: 'forbidden' } })
})
