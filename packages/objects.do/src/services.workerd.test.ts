import { fullAuthority } from 'digital-objects'
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { testService } from '@dotdo/service/suite'
import { ask, askRead, askWrite } from '../test/ask-tenant.ts'
import { badges } from '../test/badges-service.ts'

testService(badges)

const caller = {
  tenant: 'served',
  context: 'http://localhost/~served',
  authority: fullAuthority('user_1'),
  via: 'rest',
} as const

test('a tenant composed with a service has its Noun, and runs its handlers and jobs', async () => {
  const object = env.SERVED.getByName('served')
  const created = await askWrite(object, caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  const { $id } = JSON.parse(created.ok ? created.body : '{}') as { $id: string }
  await askWrite(object, caller, { noun: 'Contact', verb: 'qualify', id: $id })
  await expect
    .poll(async () => {
      const found = await askRead(object, caller, { read: 'find', noun: 'Badge' })
      return found.ok ? (JSON.parse(found.body) as { results: { label: string }[] }).results : []
    })
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ label: 'Qualified', contact: $id }),
        expect.objectContaining({ label: 'Founder' }),
      ]),
    )
  const refused = await askWrite(object, caller, { noun: 'Badge', verb: 'create', body: '{"label":"none"}' })
  expect(refused).toMatchObject({ ok: false, error: { code: 'hook_rejected', field: 'label' } })
  const flushed = await ask(object, caller, { kind: 'command', command: 'lake.flush' })
  expect(flushed).toMatchObject({ ok: true })
  const verified = await ask(object, caller, { kind: 'command', command: 'lake.verify' })
  expect(JSON.parse(verified.ok ? verified.body : '{}')).toMatchObject({ isWhole: true })
})

test('a tenant without the service lacks its Noun and handlers, and has everything else', async () => {
  const plain = { ...caller, tenant: 'plain', context: 'http://localhost/~plain' }
  const object = env.TENANTS.getByName('plain')
  const created = await askWrite(object, plain, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  expect(created.ok).toBe(true)
  expect(await askRead(object, plain, { read: 'find', noun: 'Badge' })).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  })
})
