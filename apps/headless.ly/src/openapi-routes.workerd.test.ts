// The OpenAPI document of a tenant names every route that a tenant has by REST.

import { nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { services } from './base/services.ts'
import { oauthEndpoints } from './routes/oauth.ts'
import { ownRoutes } from './routes/own-routes.ts'
import { operations } from '../../../packages/objects.do/src/calls/operations.ts'
import { describeTenant } from '../../../packages/objects.do/src/openapi/describe-tenant.ts'
import { describedElsewhere } from '../../../packages/objects.do/src/openapi/service-paths.ts'

/** Routes that are no part of the API which the document describes, with the reason. */
const reasons: Readonly<Record<string, string>> = {
  '/rpc': "The protocol of the client's messages.",
  '/mcp': 'The Model Context Protocol describes itself, by its lists of tools and resources.',
  '/claim': 'For trials, which few servers have.',
  '/oauth/': 'The metadata of the authorization server describes it, as RFC 8414 says.',
  ...describedElsewhere,
}

const refuse = (): never => {
  throw new Error('no request is answered here')
}
const { paths, tags } = describeTenant({
  operations,
  services,
  nouns: Object.values(nouns).map(({ $schema }) => $schema),
  tenantUrl: 'http://localhost:8787/~acme',
}) as unknown as {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId?: string; readonly tags?: readonly string[] }>>>
  >
  readonly tags: readonly { readonly name: string }[]
}

const routes = [
  ...[...ownRoutes(services, refuse).all].flatMap(([word, { byMethod }]) =>
    [...byMethod.keys()].map((method) => ({ method, path: `/${word}` })),
  ),
  ...[...oauthEndpoints].flatMap(([path, { methods }]) => methods.map((method) => ({ method, path }))),
].filter(({ method }) => method !== 'HEAD')

test('every route of the front door and of a service is in the document, or is named with a reason', () => {
  const missing = routes.filter(
    ({ method, path }) =>
      paths[path]?.[method.toLowerCase()] === undefined &&
      !Object.keys(reasons).some((known) => path === known || (known.endsWith('/') && path.startsWith(known))),
  )
  expect(missing).toEqual([])
  expect(routes.length).toBeGreaterThan(60)
  const named = Object.keys(reasons)
  expect(named.filter((known) => Object.keys(paths).some((path) => path.startsWith(known)))).toEqual([])
  expect(named.filter((known) => !routes.some(({ path }) => path.startsWith(known)))).toEqual([])
})

test('a route without a description of its own is described by its path and its sentence', () => {
  const named = 'Does a thing: `{"a":1}`, and says so.'
  const route = { path: '/things/{id}', method: 'POST', about: named } as const
  const own = { name: 'things.do', about: 'Has things.', routes: [route] }
  const document = describeTenant({ operations: [], services: [own], nouns: [], tenantUrl: 'http://localhost/~t' })
  expect(document).toMatchObject({
    paths: {
      '/things/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true }],
        post: { tags: ['things'], operationId: 'things.id.post', summary: 'Does a thing', description: named },
      },
    },
    tags: expect.arrayContaining([{ name: 'things', description: 'Routes of things.do. Has things.' }]) as unknown,
  })
})

test('names of operations are distinct, and every tag that one has is described', () => {
  const all = Object.values(paths).flatMap((item) => Object.values(item))
  // Generators make names of functions and types of them, in spellings of their own.
  const ids = all.flatMap(({ operationId }) => operationId?.replaceAll('.', '').toLowerCase() ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  const known = new Set(tags.map(({ name }) => name))
  expect(tags).toHaveLength(known.size)
  expect(all.flatMap((operation) => operation.tags ?? []).filter((tag) => !known.has(tag))).toEqual([])
})
