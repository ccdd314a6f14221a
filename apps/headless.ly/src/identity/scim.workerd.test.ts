// SCIM: what an identity provider does to the users of a tenant, and who may ask for it.

import { expect, test } from 'vitest'
import { KeyedTenant, type Made } from '../../test/keyed-tenant.ts'

const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>> & { readonly id: string }
}

async function provider(tenant: KeyedTenant, role = 'Admin') {
  const owner = await tenant.make('/User', { name: role, email: `${role}@example.com`.toLowerCase(), role })
  const { key } = await tenant.make('/ApiKey', { name: 'identity provider', owner: owner.$id })
  const ask = async (method: string, path: string, body?: object, type = 'application/scim+json'): Promise<Answer> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }
    const response = await tenant.ask(`/scim/v2${path}`, { method, key, ...init })
    const text = await response.text()
    if (text !== '') expect(response.headers.get('content-type')).toContain('application/scim+json')
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] }
  }
  const change = (path: string, ...operations: readonly object[]): Promise<Answer> =>
    ask('PATCH', path, { schemas: [patchOp], Operations: operations })
  const user = async (id: string): Promise<Made> => (await tenant.ask(`/User/${id}?strong=true`)).json<Made>()
  return { owner, ask, change, user }
}

const bo = {
  schemas: [userSchema],
  userName: 'bo@example.com',
  externalId: 'okta-7',
  name: { givenName: 'Bo', familyName: 'Berg' },
  emails: [{ value: 'bo@example.com', primary: true }],
  active: true,
  title: 'not stored',
}

test('a provider creates, finds, renames, suspends, activates and removes a person', async () => {
  const tenant = new KeyedTenant()
  const { ask, change, user } = await provider(tenant)
  const made = await ask('POST', '/Users', bo)
  expect(made).toMatchObject({ status: 201, body: { userName: 'bo@example.com', externalId: 'okta-7', active: true } })
  expect(made.body).not.toHaveProperty('title')
  const { id } = made.body
  expect(made.body['meta']).toMatchObject({
    resourceType: 'User',
    location: `http://localhost/~${tenant.name}/scim/v2/Users/${id}`,
  })
  expect(await user(id)).toMatchObject({ name: 'Bo Berg', email: 'bo@example.com', status: 'Invited' })

  for (const filter of ['userName eq "BO@example.com"', 'externalId eq "okta-7"', 'emails[value eq "bo@example.com"]'])
    expect((await ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ id }],
    })
  expect((await ask('GET', '/Users?count=1&startIndex=2')).body).toMatchObject({ totalResults: 2, startIndex: 2 })

  // Microsoft Entra sends it so.
  await change(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' })
  expect(await user(id)).toMatchObject({ status: 'Suspended' })
  await change(`/Users/${id}`, { op: 'replace', value: { active: true } })
  expect(await user(id)).toMatchObject({ status: 'Active' })
  await change(`/Users/${id}`, { op: 'replace', path: 'name.familyName', value: 'Dahl' })
  expect(await user(id)).toMatchObject({ name: 'Bo Dahl' })
  await change(`/Users/${id}`, { op: 'replace', path: 'displayName', value: 'Bodil' })
  expect(await user(id)).toMatchObject({ name: 'Bodil', metadata: { scim: { externalId: 'okta-7' } } })
  const moved = { emails: [{ value: 'bo@moved.example' }], 'name.givenName': 'Bodil' }
  await change(`/Users/${id}`, { op: 'replace', value: moved })
  expect(await user(id)).toMatchObject({ email: 'bo@moved.example', name: 'Bodil Dahl' })
  await change(`/Users/${id}`, { op: 'remove', path: 'externalId' })
  expect((await ask('GET', `/Users/${id}?attributes=externalId,userName`)).body).toEqual({
    schemas: [userSchema],
    id,
    userName: 'bo@example.com',
  })
  const replaced = { ...bo, emails: [{ value: 'bo@new.example', primary: true }], displayName: 'Bo' }
  expect((await ask('PUT', `/Users/${id}`, replaced)).status).toBe(200)
  expect(await user(id)).toMatchObject({ name: 'Bo', email: 'bo@new.example', status: 'Active' })

  expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204)
  expect((await ask('GET', `/Users/${id}`)).status).toBe(404)
})

test('a group is a role: its members get it and lose it in one commit, and rules alone make roles', async () => {
  const tenant = new KeyedTenant()
  const { ask, change, user, owner } = await provider(tenant)
  const [ann, cy] = await Promise.all(
    ['ann', 'cy'].map((name) => tenant.make('/User', { name, email: `${name}@example.com` })),
  )
  const both = [{ value: ann?.$id }, { value: cy?.$id }]
  const found = await ask('GET', `/Groups?filter=${encodeURIComponent('displayName eq "Viewer"')}`)
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: 'Viewer', members: [] }] })
  const before = (await tenant.events()).length
  expect(await change('/Groups/Viewer', { op: 'add', path: 'members', value: both })).toMatchObject({ status: 200 })
  const events = (await tenant.events()).slice(before)
  expect([events.length, new Set(events.map(({ commit }) => commit)).size]).toEqual([2, 1])
  expect(await user(String(ann?.$id))).toMatchObject({ role: 'Viewer' })
  await change('/Groups/Viewer', { op: 'remove', path: `members[value eq "${ann?.$id}"]` })
  expect(await user(String(ann?.$id))).not.toHaveProperty('role')
  expect((await ask('GET', '/Groups/Viewer')).body['members']).toMatchObject([{ value: cy?.$id }])
  // A replacement leaves those only whom it names.
  await change('/Groups/Viewer', { op: 'replace', path: 'members', value: [{ value: ann?.$id }] })
  expect((await ask('GET', '/Groups/Viewer')).body['members']).toMatchObject([{ value: ann?.$id }])
  expect(await user(String(cy?.$id))).not.toHaveProperty('role')
  await change('/Groups/Viewer', { op: 'replace', value: { members: [{ value: cy?.$id }] } })
  expect((await ask('GET', '/Groups/Viewer')).body['members']).toMatchObject([{ value: cy?.$id }])
  // An unknown member changes nobody's role.
  const wrong = [{ value: ann?.$id }, { value: 'user_000000000000' }]
  expect((await change('/Groups/Member', { op: 'add', path: 'members', value: wrong })).status).toBeGreaterThan(399)
  expect(await user(String(ann?.$id))).not.toHaveProperty('role')

  for (const [method, path] of [
    ['POST', '/Groups'],
    ['DELETE', '/Groups/Viewer'],
  ] as const)
    expect((await tenant.ask(`/scim/v2${path}`, { method })).status).toBe(405)
  expect((await ask('PUT', '/Groups/Viewer', { displayName: 'Guests' })).status).toBe(403)
  expect(await user(owner.$id)).toMatchObject({ role: 'Admin' })
})

test('refusals are those of SCIM, and change nothing', async () => {
  const tenant = new KeyedTenant()
  const { ask, change, owner } = await provider(tenant)
  const { body: made } = await ask('POST', '/Users', bo)
  const before = (await tenant.events()).length
  const refused = async (answer: Promise<Answer>): Promise<unknown> => {
    const { status, body } = await answer
    expect(body['schemas']).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error'])
    return [status, body['scimType']]
  }
  expect(await refused(ask('POST', '/Users', bo))).toEqual([409, 'uniqueness'])
  expect(await refused(ask('POST', '/Users', { userName: 'nobody' }))).toEqual([400, 'invalidValue'])
  expect(await refused(ask('POST', '/Users', { ...bo, emails: [{ value: 'no address' }] }))).toEqual([
    400,
    'invalidValue',
  ])
  expect(await refused(change(`/Users/${made.id}`, { op: 'replace', path: 'title', value: 'x' }))).toEqual([
    400,
    'invalidPath',
  ])
  expect(await refused(ask('GET', '/Users?filter=nonsense%20(('))).toEqual([400, 'invalidFilter'])
  expect(await refused(ask('GET', '/Users?count=many'))).toEqual([400, 'invalidValue'])
  expect(await refused(ask('GET', '/Users/user_000000000000'))).toEqual([404, undefined])
  // A page of another origin could send this type without asking first.
  expect(await refused(ask('POST', '/Users', bo, 'text/plain'))).toEqual([415, undefined])
  expect((await tenant.events()).slice(before)).toEqual([])
  expect(owner.$id).not.toBe(made.id)
})

test('a key without full authority gets nothing by SCIM, and none without a valid key', async () => {
  const tenant = new KeyedTenant()
  await provider(tenant)
  const { ask } = await provider(tenant, 'Member')
  for (const path of ['/Users', '/Groups', '/Groups/Admin', '/Schemas', '/ServiceProviderConfig'])
    expect([path, (await ask('GET', path)).status]).toEqual([path, 403])
  expect((await ask('POST', '/Users', bo)).status).toBe(403)
  const invented = 'hly_sk_0000000000000000000000000000000000000000000'
  expect((await tenant.ask('/scim/v2/Users', { key: invented })).status).toBe(401)
})

test('the service describes itself: what it can, and the attributes that it stores', async () => {
  const { ask } = await provider(new KeyedTenant())
  expect((await ask('GET', '/ServiceProviderConfig')).body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    filter: { supported: true },
  })
  expect((await ask('GET', '/ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users' })
  const { body } = await ask('GET', `/Schemas/${userSchema}`)
  const names = (body['attributes'] as readonly { readonly name: string }[]).map(({ name }) => name)
  expect(names.toSorted()).toEqual(['active', 'displayName', 'emails', 'groups', 'name', 'userName'])
})
