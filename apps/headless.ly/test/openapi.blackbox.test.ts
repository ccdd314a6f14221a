// The OpenAPI document of the server that ships.

import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, tenant, url } = useServer()

test('the document of all 35 entities is valid OpenAPI 3.1, and names this tenant', async () => {
  const t = tenant()
  const { body } = await call('GET', `/~${t}/openapi`)
  expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${url()}/~${t}` }] })
  const { valid, errors } = await new Validator().validate(withoutIds(body))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
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
