// Grants of a person to clients of OAuth: the list, revocation, and the audit log of tokens.

import { expect, test } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'
import { OAuthVisitor } from '../../test/oauth-visitor.ts'

interface Listed {
  readonly grant: string
  readonly principal: string
  readonly client: string
  readonly scopes: readonly string[]
}

async function listOf(tenant: KeyedTenant): Promise<readonly Listed[]> {
  const { grants } = await (await tenant.ask('/oauth/grants')).json<{ grants: readonly Listed[] }>()
  return grants
}

function takeBack(tenant: KeyedTenant, grant: string, origin = 'http://localhost'): Promise<Response> {
  return tenant.ask('/oauth/grants', {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
    body: new URLSearchParams({ grant }).toString(),
  })
}

async function auditOf(tenant: KeyedTenant, kind: string): Promise<readonly object[]> {
  const { results } = await (await tenant.ask(`/audit?kind=${kind}`)).json<{ results: readonly object[] }>()
  return results
}

test('a person sees what programs may do, and takes it back at once, and so does a second refresh', async () => {
  const tenant = new KeyedTenant()
  await tenant.make('/Contact', { name: 'Ada' })
  const visitor = new OAuthVisitor(tenant)
  const [first, second] = [await visitor.signIn(), await visitor.signIn({}, { scope: 'read' })]
  const listed = await listOf(tenant)
  expect(listed).toMatchObject([
    { principal: 'owner', client: 'Robot' },
    { principal: 'owner', client: 'Robot' },
  ])
  expect(listed.map(({ scopes }) => scopes.join(' ')).toSorted()).toEqual(['read', 'read write'])
  const page = await tenant.ask('/oauth/grants', { headers: { accept: 'text/html' } })
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain('Take it back')

  const whole = listed.find(({ scopes }) => scopes.length === 2)?.grant ?? ''
  expect((await takeBack(tenant, whole, 'https://evil.example')).status).toBe(403)
  expect((await takeBack(tenant, 'grant_of-nobody')).status).toBe(404)
  expect((await tenant.ask('/Contact', { key: first.access_token })).status).toBe(200)
  const taken = await takeBack(tenant, whole)
  expect(taken.status).toBe(303)
  // The verdict of before is kept for a moment.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect((await tenant.ask('/Contact', { key: first.access_token })).status).toBe(401)
  expect((await visitor.refresh(first.refresh_token)).status).toBe(400)
  expect((await tenant.ask('/Contact', { key: second.access_token })).status).toBe(200)

  await visitor.refresh(second.refresh_token)
  await visitor.refresh(second.refresh_token)
  expect(await listOf(tenant)).toEqual([])
  expect(await auditOf(tenant, 'token_issued')).toMatchObject([
    { about: 'a refresh', actor: 'owner' },
    { about: 'a sign-in', actor: 'owner' },
    { about: 'a sign-in', actor: 'owner', key: expect.stringMatching(/^grant_/) },
  ])
  expect(await auditOf(tenant, 'token_revoked')).toMatchObject([
    { about: 'a refresh token was used twice' },
    { about: 'a person has taken it back', actor: 'owner', key: whole },
  ])
})

test('a member sees and ends own grants only, and full authority those of all', async () => {
  const tenant = new KeyedTenant()
  const people: string[] = []
  for (const name of ['Ada', 'Bo'])
    people.push((await tenant.make('/User', { name, email: `${name}@example.com`, role: 'Member' })).$id)
  const [ada = '', bo = ''] = people
  const visitor = new OAuthVisitor(tenant)
  for (const person of people) {
    tenant.person = person
    await visitor.signIn()
  }
  tenant.person = undefined
  const all = await listOf(tenant)
  expect(all.map(({ principal }) => principal).toSorted()).toEqual([ada, bo].toSorted())
  const [ofAda, ofBo] = [ada, bo].map((person) => all.find(({ principal }) => principal === person)?.grant ?? '')
  Object.assign(tenant, { person: bo, isMember: true })
  expect((await listOf(tenant)).map(({ grant }) => grant)).toEqual([ofBo])
  expect((await takeBack(tenant, ofAda ?? '')).status).toBe(404)
  expect((await takeBack(tenant, ofBo ?? '')).status).toBe(303)
  Object.assign(tenant, { person: undefined, isMember: false })
  expect((await listOf(tenant)).map(({ grant }) => grant)).toEqual([ofAda])
})
