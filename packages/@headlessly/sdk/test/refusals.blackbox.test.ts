// The server refuses requests in the same way over REST and over both connections of the client: with the same code, field,
// message and details, with a bookmark and a request id.

import type { Call } from 'digital-objects'
import { HeadlesslyError } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { rpcTransport } from '../src/wire/rpc-transport.ts'
import { parseSettings } from '../src/wire/settings.ts'
import type { Transport } from '../src/wire/transport.ts'

const { url, tenant, call } = useSharedServer()

interface Case {
  readonly remote: Call
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

function reading(
  read: 'get' | 'find' | 'count' | 'history' | 'diff',
  parameters: Readonly<Record<string, string>>,
  { id, noun = 'Contact' }: { readonly id?: string; readonly noun?: string } = {},
): Case {
  const part = { get: `/${id}`, find: '', count: '/count', history: `/${id}/history`, diff: `/${id}/diff` }[read]
  return {
    remote: { kind: 'read', read, noun, parameters, ...(id === undefined ? {} : { id }) },
    method: 'GET',
    path: `/${noun}${part}?${new URLSearchParams(parameters).toString()}`,
  }
}

function writing(
  verb: string,
  body: string,
  { id, noun = 'Contact', key }: { readonly id?: string; readonly noun?: string; readonly key?: string } = {},
): Case {
  const own = id === undefined ? '' : `/${id}`
  const isCrud = verb === 'create' || verb === 'update' || verb === 'delete'
  return {
    remote: {
      kind: 'write',
      noun,
      verb,
      body,
      ...(id === undefined ? {} : { id }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
    },
    method: verb === 'update' ? 'PATCH' : verb === 'delete' ? 'DELETE' : 'POST',
    path: `/${noun}${own}${isCrud ? '' : `/${verb}`}`,
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  }
}

const absent = 'contact_0123456789AB'

function casesOf(id: string): readonly Case[] {
  return [
    reading('get', {}, { id: absent }),
    reading('get', {}, { id: 'no id' }),
    reading('get', { include: 'nobody' }, { id }),
    reading('get', { fields: 'nme' }, { id }),
    reading('get', { asOf: 'yesterday' }, { id }),
    reading('get', { nonsense: '1' }, { id }),
    reading('find', {}, { noun: 'Contcat' }),
    reading('find', { filter: '{"nme":"Ada"}' }),
    reading('find', { filter: '{"name":{"$like":"Ada"}}' }),
    reading('find', { filter: '{' }),
    reading('find', { filter: '[]' }),
    reading('find', { sort: '-nme' }),
    reading('find', { limit: '0' }),
    reading('find', { limit: '101' }),
    reading('find', { cursor: 'nonsense' }),
    reading('count', { filter: '{"value":1}' }),
    reading('count', { sort: 'name' }),
    reading('history', {}, { id: absent }),
    reading('history', { limit: 'x' }, { id }),
    reading('diff', { from: '9', to: '10' }, { id }),
    writing('create', '{}'),
    writing('create', '{"name":1,"email":"none","stage":"Nowhere"}'),
    writing('create', '{"nmae":"Ada"}'),
    writing('create', '{'),
    writing('create', '[]'),
    writing('create', '{"name":"Ada","organization":"organization_0123456789AB"}'),
    writing('create', '{"name":"Ada","email":"ada@example.com"}'),
    writing('create', '{"name":"Other"}', { key: 'used' }),
    writing('update', '{"name":null}', { id }),
    writing('update', '{"name":"Ada"}', { id: absent }),
    writing('update', '{}', { id: 'no-id' }),
    writing('update', '{"title":"x"}', { noun: 'Activity', id: 'activity_0123456789AB' }),
    writing('delete', '', { id: absent }),
    writing('qualfy', '{}', { id }),
    writing('qualify', '{"name":7}', { id }),
    writing('rollback', '{"version":99}', { id }),
    writing('rollback', '{}', { id }),
    writing('constructor', '{}', { id }),
  ]
}

async function refusal(transport: Transport, remote: Call): Promise<HeadlesslyError | undefined> {
  const [outcome] = await transport.send({ calls: [remote] })
  return outcome instanceof HeadlesslyError ? outcome : undefined
}

const ownMembers = ['type', 'title', 'status', 'detail', 'code', 'field', 'errors', 'requestId']

test.each(['http', 'websocket'] as const)('each error over %s equals that of REST', async (connection) => {
  const name = tenant()
  const made = await call('POST', `/~${name}/Contact`, { name: 'Ada', email: 'ada@example.com' })
  await call('POST', `/~${name}/Contact`, { name: 'Key' }, { 'idempotency-key': 'used' })
  const transport = rpcTransport(parseSettings({ tenant: name, endpoint: url(), connection }))
  const refused = new Set<string>()
  for (const { remote, method, path, body, headers } of casesOf(String(made.body['$id']))) {
    const rest = await call(method, `/~${name}${path}`, body === '' ? undefined : body, headers)
    const error = await refusal(transport, remote)
    const what = `${method} ${path} ${body ?? ''}: ${JSON.stringify(rest.body).slice(0, 300)}`
    if (rest.status < 400) {
      expect(error, what).toBeUndefined()
      continue
    }
    refused.add(String(rest.body['code']))
    const { status, code, field, errors, message, detail, bookmark, requestId } = error ?? {}
    expect({ status, code, field, errors, message, detail, bookmark }, what).toEqual({
      status: rest.status,
      code: rest.body['code'],
      field: rest.body['field'],
      errors: rest.body['errors'] ?? [],
      message: rest.body['detail'],
      detail: Object.fromEntries(Object.entries(rest.body).filter(([member]) => !ownMembers.includes(member))),
      bookmark: rest.headers.get('x-headlessly-bookmark') ?? undefined,
    })
    expect(requestId, what).toMatch(/^req_[0-9a-f-]{36}$/)
    expect(bookmark, what).toMatch(/^[0-9a-z]+\.\d+$/)
  }
  // Enough requests were refused for their intended reason.
  expect([...refused].toSorted()).toEqual(
    expect.arrayContaining(['idempotency_mismatch', 'not_found', 'validation_error']),
  )
  expect(refused.size).toBeGreaterThan(12)
})
