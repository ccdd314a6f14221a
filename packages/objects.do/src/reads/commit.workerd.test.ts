// The read of one commit: by its number, through its caller's visibility.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'

const callerParts = { tenant: 'commits', context: 'http://localhost/~commits', via: 'rest' } as const

function newTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  return {
    create: async (noun: string, name: string) => {
      const caller = { ...callerParts, authority: fullAuthority('user_1') }
      const answer = await askWrite(stub, caller, { noun, verb: 'create', body: JSON.stringify({ name }) })
      if (!answer.ok) throw new Error(answer.error.message)
      return answer.createdId ?? ''
    },
    read: (id: string) => askRead(stub, { ...callerParts, authority: fullAuthority('user_1') }, { read: 'commit', id }),
  }
}

describe('a commit', () => {
  test('is its number, time, actor and events', async () => {
    const { create, read } = newTenant()
    await create('Contact', 'Ada')
    const id = await create('Contact', 'Bo')
    const answer = await read('2')
    if (!answer.ok) throw new Error(answer.error.message)
    const body = JSON.parse(answer.body) as { readonly timestamp: string; readonly events: readonly object[] }
    expect(body).toMatchObject({ commit: 2, actor: 'user_1', timestamp: expect.stringMatching(/^20/) as string })
    expect(body.events).toMatchObject([{ seq: 2, commit: 2, type: 'Contact.Created', target: id }])
    expect(answer.source).toBe('log')
  })

  test.each(['', '0', '-1', '1.5', '01', 'evt_1', '9'.repeat(16)])('has no number %j', async (id) => {
    const { create, read } = newTenant()
    await create('Contact', 'Ada')
    expect(await read(id)).toMatchObject({ ok: false, error: { code: 'invalid_id', field: 'id' } })
  })

  test('that does not exist is not found, also in a tenant without events', async () => {
    const { create, read } = newTenant()
    const missing = { ok: false, error: { code: 'not_found', message: 'there is no commit 2' } }
    expect(await read('2')).toMatchObject(missing)
    await create('Contact', 'Ada')
    expect(await read('2')).toMatchObject(missing)
  })
})
