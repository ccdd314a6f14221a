// The OpenAPI document of the server that ships.

import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, tenant, url } = useServer()

test('the document of all 35 entities is valid OpenAPI 3.1, and names this tenant', async () => {
  const t = tenant()
  const { body } = await call('GET', `/~${t}/openapi`)
  expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${url()}/~${t}` }] })
  const { valid, errors } = await new Validator().validate(structuredClone(body))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})
