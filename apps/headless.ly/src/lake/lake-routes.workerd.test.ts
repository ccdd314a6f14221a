import { ObjectError } from 'digital-objects'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { Env } from '../base/env.ts'
import { problemResponse } from '../base/problem.ts'
import { lakeRoutes } from './lake-routes.ts'

const app = new Hono<{ Bindings: Env }>().route('/', lakeRoutes).onError((error) => {
  if (error instanceof ObjectError) return problemResponse(error.toData())
  throw error
})
const disk = { fetch: () => Promise.reject(new Error('unexpected read')) }

test.each([
  { given: { LAKE_SECRET: 'x' }, missing: 'object store' },
  { given: { LAKE_DISK: disk }, missing: 'secret' },
  { given: { LAKE_DISK: disk, LAKE_SECRET: '' }, missing: 'secret' },
])('without its $missing the lake names what is missing and returns no keys', async ({ given, missing }) => {
  for (const path of ['/lake/acme/x', '/iceberg/acme/v1/config']) {
    const answer = await app.request(`http://localhost${path}`, {}, given)
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({ code: 'not_configured', detail: expect.stringContaining(missing) })
  }
})
