// The OpenAPI document of the server that ships.

import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { useSharedServer } from './server.ts'

const { call, tenant, url } = useSharedServer()

test('the document of all 35 entities is valid OpenAPI 3.1, and names this tenant', async () => {
  const t = tenant()
  const { body } = await call('GET', `/~${t}/openapi`)
  expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${url()}/~${t}` }] })
  const { valid, errors } = await new Validator().validate(withoutIds(body))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('the document of the server describes its tenants, and its answers fit it', async () => {
  const t = tenant()
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  const { body } = await call('GET', '/openapi')
  const { valid, errors } = await new Validator().validate(withoutIds(body))
  expect([valid, errors ?? []]).toEqual([true, []])
  const { paths, servers } = body as { readonly paths: object; readonly servers: readonly { readonly url: string }[] }
  expect(servers[0]?.url).toBe(url())
  expect(Object.keys(paths)).toEqual([
    '/health',
    '/tenants',
    '/tenants/{name}',
    '/tenants/{name}/restore',
    '/tenants/{name}/flush',
    '/tenants/{name}/archive',
  ])
  for (const path of ['/health', '/tenants?limit=1', `/tenants/${t}`, '/tenants/nobody-here'])
    expect((await call('GET', path)).status, path).toBe(path.endsWith('nobody-here') ? 404 : 200)
  expect((await call('POST', '/openapi', {})).status).toBe(405)
  expect((await call('GET', '/openapi?page=2')).status).toBe(400)
})

test('the document and the schema say what an entity, a field and a verb are', async () => {
  const t = tenant()
  const about = 'A person outside the business, such as a prospect, a customer or a partner.'
  const email = 'Email address, unique among contacts.'
  const { body } = await call('GET', `/~${t}/openapi`)
  expect(body).toMatchObject({
    tags: expect.arrayContaining([{ name: 'Contact', description: about }]) as unknown,
    paths: { '/Contact/{id}/qualify': { post: { description: 'Sets stage to Qualified.' } } },
    components: { schemas: { ContactUpdate: { properties: { email: { description: email } } } } },
  })
  const schema = (await call('GET', `/~${t}/schema/Contact`)).body
  expect(schema).toMatchObject({ about })
  expect(schema['fields']).toContainEqual(expect.objectContaining({ name: 'email', description: email }))
  expect(schema['fields']).toContainEqual(
    expect.objectContaining({ name: 'deals', description: 'Deals that are negotiated with this contact.' }),
  )
  expect(schema['verbs']).toContainEqual(
    expect.objectContaining({ verb: 'qualify', description: 'Sets stage to Qualified.' }),
  )
})

/** Renames properties with the name `$id`, which the validator takes for the identifier of a schema. */
function withoutIds(document: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(document).replaceAll('"$id":{', '"id":{')) as Record<string, unknown>
}
