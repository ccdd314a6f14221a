// The HTTP routes that are generated from the list of operations.

import { expect, test } from 'vitest'
import { pathOfRead, routeCall, type Routed } from './http-routes.ts'
import { operations } from './operations.ts'

function route(method: string, path: string): Routed {
  const segments = path === '/' ? [] : path.slice(1).split('/')
  return routeCall({ method, segments, parameters: {} })
}

test('every operation has a unique name among its kind, and a unique method and path', () => {
  const names = operations.map(({ kind, name }) => `${kind} ${name}`)
  expect(new Set(names).size).toBe(names.length)
  const places = operations
    .flatMap(({ routes }) => routes)
    .flatMap(({ path, methods }) =>
      methods.map((method) => `${method} ${path.replace(/\{\w+\}/g, (name) => (name === '{Noun}' ? name : '{}'))}`),
    )
  expect(new Set(places).size).toBe(places.length)
})

test('every route of every operation gives a call of that operation', () => {
  for (const { kind, name, routes } of operations) {
    for (const { methods, path } of routes) {
      const segments = path
        .replace('{Noun}', 'Contact')
        .replace('{verb}', 'qualify')
        .replace(/\{\w+\}/, 'x_1')
      const { call } = route(methods[0] ?? '', segments)
      const named = { read: { read: name }, write: {}, command: { command: name } }[kind]
      expect(call, `${methods.join()} ${path}`).toMatchObject({ kind, ...named })
    }
  }
})

test.each([
  { method: 'GET', path: '/Contact', call: { kind: 'read', read: 'find', noun: 'Contact' } },
  { method: 'HEAD', path: '/Contact/count', call: { kind: 'read', read: 'count', noun: 'Contact' } },
  { method: 'GET', path: '/events/e', call: { kind: 'read', read: 'event', id: 'e' } },
  { method: 'GET', path: '/schema/A', call: { read: 'schema', noun: 'A' } },
  { method: 'POST', path: '/Deal', call: { kind: 'write', verb: 'create', noun: 'Deal' } },
  { method: 'PUT', path: '/Deal/deal_1', call: { verb: 'update', noun: 'Deal', id: 'deal_1' } },
  { method: 'POST', path: '/Contact/capture', call: { verb: 'capture' } },
  { method: 'POST', path: '/Deal/d/rollback', call: { verb: 'rollback', id: 'd' } },
  { method: 'POST', path: '/Deal/d/win', call: { verb: 'win', id: 'd' } },
  { method: 'POST', path: '/lake/flush', call: { kind: 'command', command: 'lake.flush' } },
])('$method $path', ({ method, path, call }) => {
  expect(route(method, path).call).toMatchObject(call)
})

test.each([
  ['/Contact', 'GET, HEAD, POST'],
  ['/Contact/contact_1', 'GET, HEAD, PATCH, PUT, DELETE'],
  ['/Contact/capture', 'POST'],
  ['/Contact/x/history', 'GET, HEAD'],
  ['/Contact/count', 'GET, HEAD'],
  ['/lake/flush', 'POST'],
  ['/', 'GET, HEAD'],
  ['/status', 'GET, HEAD'],
  ['/status/x', ''],
  ['/contact', ''],
  ['/Contact/', ''],
  ['/[', ''],
  ['//', ''],
])('the methods of %j are %s', (path, allow) => {
  expect(route('OPTIONS', path).allowed?.join(', ')).toBe(allow)
})

test('pathOfRead returns the path of a read', () => {
  expect(pathOfRead({ read: 'history', noun: 'Contact', id: 'c' })).toBe('/Contact/c/history')
  expect(pathOfRead({ read: 'count', noun: 'Contact' })).toBe('/Contact/count')
  expect(pathOfRead({ read: 'status' })).toBe('/status')
})
