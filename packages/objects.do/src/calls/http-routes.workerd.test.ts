// The routes that the list of operations gives.

import type { Call } from 'digital-objects'
import { expect, test } from 'vitest'
import { allowedMethods, httpRoutes, pathOfRead } from './http-routes.ts'
import { operations } from './operations.ts'

function callOf(method: string, path: string, segments: readonly string[]): Call | undefined {
  const route = httpRoutes.find((one) => one.path === path && one.methods.some((name) => name === method))
  return route?.toCall(segments, {})
}

test('every operation has a route, and its name is its own among its kind', () => {
  expect(httpRoutes.length).toBeGreaterThanOrEqual(operations.length)
  for (const kind of ['read', 'write', 'command'] as const) {
    const names = operations.filter((operation) => operation.kind === kind).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  }
})

test('no two operations have the same method at the same path', () => {
  const places = httpRoutes.flatMap(({ path, methods }) =>
    methods.map((method) => `${method} ${path.replace(/\{\w+\}/g, (name) => (name === '{Noun}' ? name : '{}'))}`),
  )
  expect(new Set(places).size).toBe(places.length)
})

test('a literal path goes before one with a variable', () => {
  const at = (path: string): number => httpRoutes.findIndex((route) => route.path === path)
  expect(at('/{Noun}/count')).toBeLessThan(at('/{Noun}/{id}'))
  expect(at('/{Noun}/{id}/rollback')).toBeLessThan(at('/{Noun}/{id}/{verb}'))
})

test.each([
  { method: 'GET', path: '/{Noun}', segments: ['Contact'], call: { kind: 'read', read: 'find', noun: 'Contact' } },
  { method: 'GET', path: '/events/{id}', segments: ['events', 'e'], call: { kind: 'read', read: 'event', id: 'e' } },
  { method: 'GET', path: '/schema/{noun}', segments: ['schema', 'A'], call: { read: 'schema', noun: 'A' } },
  { method: 'POST', path: '/{Noun}', segments: ['Deal'], call: { kind: 'write', verb: 'create', noun: 'Deal' } },
  { method: 'PUT', path: '/{Noun}/{id}', segments: ['Deal', 'd'], call: { verb: 'update', noun: 'Deal', id: 'd' } },
  { method: 'POST', path: '/{Noun}/{verb}', segments: ['Contact', 'capture'], call: { verb: 'capture' } },
  { method: 'POST', path: '/{Noun}/{id}/{verb}', segments: ['Deal', 'd', 'win'], call: { verb: 'win', id: 'd' } },
  {
    method: 'POST',
    path: '/lake/flush',
    segments: ['lake', 'flush'],
    call: { kind: 'command', command: 'lake.flush' },
  },
])('$method $path', ({ method, path, segments, call }) => {
  expect(callOf(method, path, segments)).toMatchObject(call)
})

test.each([
  [['Contact'], 'GET, HEAD, POST'],
  [['Contact', 'x'], 'GET, HEAD, PATCH, PUT, DELETE, POST'],
  [['Contact', 'x', 'history'], 'GET, HEAD, POST'],
  [['lake', 'flush'], 'POST'],
  [['status'], 'GET, HEAD'],
  [['status', 'x'], ''],
  [['contact'], ''],
  [['Contact', ''], ''],
  [[], ''],
])('the methods of %j are %s', (segments, allow) => {
  expect(allowedMethods(segments).join(', ')).toBe(allow)
})

test('a read knows its path', () => {
  expect(pathOfRead({ read: 'history', noun: 'Contact', id: 'c' })).toBe('/Contact/c/history')
  expect(pathOfRead({ read: 'count', noun: 'Contact' })).toBe('/Contact/count')
  expect(pathOfRead({ read: 'status' })).toBe('/status')
})
