// `keys`, `whoami`, `members`, `rules`, `audit` and `secrets`, and a client with a key, against the server that ships.

import { Headlessly } from '@headlessly/sdk'
import type { ObjectEvent } from 'digital-objects'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant, call, dataFolder } = useServer()
const cli = makeCli()

/** Whether a file of the server's folder has the text. */
function isStored(text: string): boolean {
  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.some((file) => readFileSync(join(file.parentPath, file.name)).includes(text))
}

test('a key is made, used, listed and revoked, and its secret is in no file', async () => {
  const name = tenant()
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: name }
  const run = cli.with({ env })
  const made = await run('keys', 'create', 'CI', '--scopes', 'read,write:crm', '--json')
  const { key, $id } = JSON.parse(made.stdout) as { key: string; $id: string }
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('shown once')])

  const withKey = cli.with({ env: { ...env, HEADLESSLY_API_KEY: key } })
  expect((await withKey('Contact.create', '--name', 'Ada')).code).toBe(0)
  const refused = await withKey('Invoice.create', '--set', '{}')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('may not call Invoice.create')])
  const me = JSON.parse((await withKey('whoami', '--json')).stdout) as object
  expect(me).toMatchObject({ actor: $id, key: $id, mayDoEverything: false })

  const client = Headlessly({ tenant: name, endpoint: url(), apiKey: key })
  expect(await client.Contact.count()).toBe(1)
  const heard: ObjectEvent[] = []
  const stop = client.events.subscribe('Contact.Created', (event) => void heard.push(event as ObjectEvent))
  await client.Contact.create({ name: 'Bo' })
  await vi.waitFor(() => expect(heard).toMatchObject([{ actor: $id, key: $id }]))
  stop()

  await call('POST', `/~${name}/lake/flush`, {})
  const listed = await run('keys')
  expect(listed.stdout).toContain(key.slice(0, 13))
  const secret = key.slice(13)
  expect(listed.stdout).not.toContain(secret)
  const exported = await run('export', 'ApiKey', '--format', 'ndjson')
  expect([exported.code, exported.stdout.includes($id), exported.stdout.includes(secret)]).toEqual([0, true, false])
  // The name of the key is on disk, so the search would find what is there.
  expect([isStored(key.slice(0, 13)), isStored(secret)]).toEqual([true, false])

  expect(await run('keys', 'revoke', $id)).toMatchObject({ code: 0, stdout: `revoked ${$id}\n` })
  await expect(client.Contact.create({ name: 'Cy' })).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
  const after = await withKey('Contact.create', '--name', 'Dee')
  expect([after.code, after.stderr, after.stderr.includes(secret)]).toEqual([
    1,
    expect.stringContaining('the key is not valid here'),
    false,
  ])
})

test('rules are tried, set and shown, and members are listed', async () => {
  const name = tenant()
  const run = cli.with({ env: { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: name } })
  const user = JSON.parse(
    (await run('User.create', '--name', 'Ada', '--email', 'ada@example.com', '--role', 'Viewer', '--json')).stdout,
  ) as { $id: string }
  const deal = JSON.parse((await run('Deal.create', '--name', 'Big', '--value', '1', '--json')).stdout) as {
    $id: string
  }
  const file = join(cli.folder, 'roles.json')
  writeFileSync(
    file,
    JSON.stringify({ Viewer: { nouns: { Deal: { read: { owner: '$me' } } }, others: { read: 'all' } } }),
  )

  const seen = async (...more: readonly string[]) => {
    const { stdout } = await run('rules', 'preview', ...more, '--entity', deal.$id, '--json')
    return (JSON.parse(stdout) as { members: readonly { member: string }[] }).members.map(({ member }) => member)
  }
  expect([await seen(), await seen(file)]).toEqual([[user.$id], []])
  const preview = await run('rules', 'preview', file, '--member', user.$id, '--json')
  expect(JSON.parse(preview.stdout)).toMatchObject({ nouns: { Deal: { visible: 0 }, User: { visible: 1 } } })

  expect((await run('rules', 'set', file)).stdout).toContain('{"owner":"$me"}')
  expect(await seen()).toEqual([])
  expect((await run('rules')).stdout).toContain('Owner')
  expect((await run('members')).stdout).toContain('ada@example.com')
})

test('a person is erased, after a look at what that reaches', async () => {
  const run = cli.with({ env: { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() } })
  const made = await run('Contact.create', '--name', 'Qzvada', '--json')
  const { $id } = JSON.parse(made.stdout) as { $id: string }
  const message = JSON.parse(
    (await run('Message.create', '--body', 'Dear Qzvada', '--recipient', $id, '--json')).stdout,
  ) as { $id: string }
  const look = await run('erase', $id, '--dry-run')
  expect(look.stdout).toContain('Message')
  expect((await run('Contact.get', $id)).stdout).toContain('Qzvada')
  const erased = await run('erase', $id, '--reason', 'request 1', '--json')
  expect(JSON.parse(erased.stdout)).toMatchObject({
    ids: [$id],
    state: 'done',
    removed: { nouns: { Message: { entities: 1 } } },
  })
  const after = [
    await run('Contact.get', $id),
    await run('Message.get', message.$id),
    await run('events'),
    await run('erase'),
  ]
  expect(after.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(after.map(({ stdout }) => stdout).join()).not.toContain('Qzvada')
  expect(after[3]?.stdout).toContain('done')
  expect((await run('erase', 'contact_1VbZ0kQ3x9Ta')).code).toBe(1)
  expect((await run('erase', '--dry-run')).code).toBe(2)
})

test('a secret is set from a file and removed; no answer, file of the server or line on a terminal has it', async () => {
  const name = tenant()
  const run = cli.with({ env: { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: name } })
  const value = 'a-mail-server-password-4711'
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-secret-'))
  const file = join(folder, 'value')
  writeFileSync(file, `${value}\n`)
  const asked = [
    await run('secrets', 'set', 'mail-password', file),
    await run('secrets'),
    await run('secrets', '--json'),
    await run('audit', '--kind', 'secret_changed'),
    await run('secrets', 'set', 'Wrong Name', file),
    await run('events'),
  ]
  rmSync(folder, { recursive: true })
  expect(asked.map(({ code }) => code)).toEqual([0, 0, 0, 0, 1, 0])
  expect(asked[1]?.stdout).toContain('mail-password')
  expect(asked[3]?.stdout).toContain('secrets.put')
  await call('POST', `/~${name}/Contact`, { name: 'Ada' })
  await call('POST', `/~${name}/lake/flush`, {})
  const texts = asked.map(({ stdout, stderr }) => stdout + stderr)
  for (const path of ['', '/secrets', '/audit', '/status', '/events?limit=1000', '/lake', '/openapi.json'])
    texts.push(JSON.stringify(await call('GET', `/~${name}${path}`)))
  expect(texts.join()).not.toContain(value)
  // Its name is on disk, so the search would find what is there.
  expect([isStored('mail-password'), isStored(value)]).toEqual([true, false])
  expect((await run('secrets', 'remove', 'mail-password')).code).toBe(0)
  expect((await run('secrets', 'remove', 'mail-password')).code).toBe(1)
})

test('what an agent asks for waits, and a person sees and approves or refuses it', async () => {
  const name = tenant()
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: name }
  const run = cli.with({ env })
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-approvals-'))
  const file = join(folder, 'rules.json')
  const rules = [{ name: 'Deals', types: ['Deal'], callers: ['key'] }]
  writeFileSync(file, JSON.stringify({ rules }))
  expect(await run('approvals', 'set', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('"approvals"') })
  for (const form of [rules, { approvals: rules }]) {
    writeFileSync(file, JSON.stringify(form))
    expect((await run('approvals', 'set', file)).stdout).toContain('Deals')
  }
  rmSync(folder, { recursive: true })
  const { key } = JSON.parse((await run('keys', 'create', 'bot', '--json')).stdout) as { key: string }
  const client = Headlessly({ tenant: name, endpoint: url(), apiKey: key })
  const wait = async (call: () => PromiseLike<unknown>): Promise<string> => {
    const refused: unknown = await Promise.resolve(call()).then(
      () => 'made',
      (error: unknown) => error,
    )
    expect(refused).toMatchObject({ code: 'approval_required', status: 403 })
    return (refused as { readonly detail: { readonly approval: string } }).detail.approval
  }
  const byCode = await wait(() =>
    client.do(async ($) => {
      await $.Contact.create({ name: 'Ada' })
      return $.Deal.create({ name: 'Engine', value: 7 })
    }),
  )
  const alone = await wait(() => client.Deal.create({ name: 'Other', value: 8 }))
  const each = await wait(() => client.do(async ($) => $.Deal.create({ name: 'Third', value: 9 }), { atomic: false }))
  expect(await client.Contact.count()).toBe(0)
  expect((await run('approvals')).stdout.split('\n').filter((line) => line.includes('Deal.create'))).toHaveLength(3)
  expect((await run('approvals', 'show', byCode)).stdout).toContain('"Engine"')
  expect(await run('approvals', 'approve', byCode)).toMatchObject({ code: 0 })
  expect(await run('approvals', 'refuse', alone, '--reason', 'too much')).toMatchObject({ code: 0 })
  expect(await client.access.approval(alone)).toMatchObject({ status: 'Refused', note: 'too much' })
  await expect(client.access.approve(each)).rejects.toMatchObject({ code: 'forbidden' })
  const deals = await client.Deal.find({}, { strong: true })
  expect(deals.map((deal) => deal.name)).toEqual(['Engine'])
  expect(await client.Contact.count({}, { strong: true })).toBe(1)
})
