// Several callers with different authorities at one server, as if it had authentication: each app establishes one caller,
// and all of them share the caches, the files and the tenant's object.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import type { Service } from '@dotdo/service'
import { Headlessly } from '@headlessly/sdk'
import {
  type Authority,
  compareText,
  type Entity,
  fullAuthority,
  type JsonValue,
  type NounAuthority,
  type ObjectEvent,
} from 'digital-objects'

import { beforeAll, describe, expect, test } from 'vitest'
import { TenantCalls } from '../../../packages/functions.do/src/run/tenant-calls.ts'
import { type App, makeApp } from './app.ts'
import { callerOf } from './base/caller-of.ts'
import type { Env } from './base/env.ts'

const env: Env = testEnv
const origin = 'http://localhost'
const tenant = 'shared'
const everything: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }

/** Calls from next to the data, as code makes them that runs in the sandbox. */
const calling: Service<Env> = {
  name: 'calling.do',
  about: 'Makes the calls of its body.',
  routes: [
    {
      path: '/calling',
      method: 'POST',
      about: 'Makes the calls of its body.',
      answer: async ({ body, answerMessage }) => {
        const calls = new TenantCalls({ answerMessage, keyBase: undefined })
        return { ok: true, body: JSON.stringify(await calls.send(await body())) }
      },
    },
  ],
}

function appFor(authority: Authority): App {
  return makeApp([calling], (request) => ({ ...callerOf(request), authority }))
}

const seeing = (contact: Partial<NounAuthority>, who = 'user_0000000000aa'): Authority => ({
  who,
  nouns: { Contact: { ...everything, ...contact } },
  others: everything,
})
const apps = {
  full: appFor(fullAuthority('owner')),
  leads: appFor(seeing({ read: { stage: 'Lead' } })),
  /** The same rights as another person. */
  alsoLeads: appFor(seeing({ read: { stage: 'Lead' } }, 'user_0000000000bb')),
  blind: appFor(seeing({ hidden: ['email', 'stage'] })),
  nobody: appFor(seeing({ read: 'none' })),
}

function ask(app: App, path: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`${origin}/~${tenant}${path}`, init)
  return Promise.resolve(app.fetch(request, env, createExecutionContext()))
}

function post(app: App, path: string, body: object): Promise<Response> {
  return ask(app, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** More than a page of those that some callers see. */
const [all, leads] = [330, 110]
const contacts: Entity[] = []

function clientFor(app: App) {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) =>
    Promise.resolve(app.fetch(new Request(input, init), env, createExecutionContext()))
  return Headlessly({ tenant, endpoint: origin, fetch, connection: 'http' })
}

beforeAll(async () => {
  for (let nth = 0; nth < all; nth++) {
    const stage = nth % 3 === 0 ? 'Lead' : 'Customer'
    const created = await post(apps.full, '/Contact', { name: `c${nth}`, email: `c${nth}@example.com`, stage })
    expect(created.status).toBe(201)
    contacts.push(await created.json())
  }
  expect((await post(apps.full, '/lake/flush', {})).status).toBe(200)
})

interface List {
  readonly results: readonly Entity[]
  readonly total: number
}

describe('cached answers', () => {
  const path = '/Contact?limit=30&sort=$id&count=exact'
  const list = async (app: App) => {
    const response = await ask(app, path)
    return { source: response.headers.get('x-headlessly-source'), ...(await response.json<List>()) }
  }

  test('of callers with different rights are different, from files and from the cache', async () => {
    for (const wanted of ['files', 'cache']) {
      const [full, some, blind] = [await list(apps.full), await list(apps.leads), await list(apps.blind)]
      expect([full.source, some.source, blind.source]).toEqual([wanted, wanted, wanted])
      expect([full.total, some.total, blind.total]).toEqual([all, leads, all])
      const sorted = contacts.filter(({ stage }) => stage === 'Lead').toSorted((a, b) => compareText(a.$id, b.$id))
      expect(some.results.map(({ $id }) => $id)).toEqual(sorted.slice(0, 30).map(({ $id }) => $id))
      expect(JSON.stringify(full)).toContain('example.com')
      expect(JSON.stringify(blind)).not.toMatch(/example\.com|"stage"/)
    }
  })

  test('are shared by callers with equal rights', async () => {
    expect((await list(apps.alsoLeads)).source).toBe('cache')
  })

  test('of one entity are not those of another caller', async () => {
    const hidden = contacts.find(({ stage }) => stage === 'Customer')
    const statuses = async () =>
      Promise.all(
        [apps.full, apps.leads, apps.nobody].map(async (app) => (await ask(app, `/Contact/${hidden?.$id}`)).status),
      )
    for (let time = 0; time < 3; time++) expect(await statuses()).toEqual([200, 404, 404])
  })
})

test('the SDK goes through all pages of what its caller sees, and through nothing else', async () => {
  for (const [app, count] of [
    [apps.leads, leads],
    [apps.full, all],
  ] as const) {
    const client = clientFor(app)
    const names: string[] = []
    for await (const contact of client.Contact.find({}, { sort: '$id' })) names.push(contact.name)
    expect(names).toHaveLength(count)
    expect(await client.Contact.count()).toBe(count)
    const hidden = contacts.find(({ stage }) => stage === 'Customer')
    const got = await client.Contact.get(hidden?.$id ?? '')
    expect(got === null).toBe(app === apps.leads)
  }
})

test('code next to the data sees what the caller of its run sees', async () => {
  const calls = [
    { kind: 'read', read: 'count', noun: 'Contact', parameters: {} },
    {
      kind: 'pipeline',
      read: 'find',
      noun: 'Contact',
      parameters: { limit: '100' },
      steps: [{ step: 'member', name: 'length' }],
    },
    { kind: 'write', noun: 'Contact', verb: 'update', id: contacts[1]?.$id, body: '{"title":"x"}' },
  ]
  const outcomes = async (app: App): Promise<readonly JsonValue[]> => {
    const lines = await (await post(app, '/calling', { calls })).json<readonly string[]>()
    return lines.map((line) => {
      const [head = '', body = ''] = line.split('\n')
      const { ok, problem } = JSON.parse(head) as { ok: boolean; problem?: { code: string } }
      return ok ? (JSON.parse(body) as JsonValue) : (problem?.code ?? null)
    })
  }
  expect(await outcomes(apps.leads)).toEqual([{ count: leads }, { value: 100 }, 'not_found'])
  expect(await outcomes(apps.full)).toMatchObject([{ count: all }, { value: 100 }, { title: 'x' }])
})

test('live events come by the rules of their listener', async () => {
  const response = await ask(apps.leads, '/events?after=0', { headers: { accept: 'text/event-stream' } })
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('\n\n').length <= leads + 1) text += (await reader.read()).value ?? ''
  await reader.cancel()
  const events = [...text.matchAll(/data: (.*)\n/g)].map(([, json]) => JSON.parse(json ?? '') as ObjectEvent)
  expect(new Set(events.map(({ data }) => data['stage']))).toEqual(new Set(['Lead']))
  expect(events).toHaveLength(leads)
})

test('refusals over HTTP: a verb, a row, the lake and its commands', async () => {
  const readOnly = appFor(seeing({ write: { stage: 'Lead' }, verbs: ['update'] }))
  const [lead, customer] = ['Lead', 'Customer'].map(
    (stage) => contacts.find((contact) => contact['stage'] === stage)?.$id,
  )
  const patch = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"title":"y"}' }
  const statuses = [
    await ask(readOnly, `/Contact/${lead}`, patch),
    await ask(readOnly, `/Contact/${customer}`, patch),
    await ask(readOnly, `/Contact/${lead}`, { method: 'DELETE' }),
    await ask(apps.leads, '/lake'),
    await post(apps.leads, '/lake/verify', {}),
    await ask(apps.full, '/lake'),
  ].map(({ status }) => status)
  expect(statuses).toEqual([200, 403, 403, 403, 403, expect.any(Number)])
  const handedOver = await ask(apps.leads, `/Contact/${lead}`, { ...patch, body: '{"stage":"Customer"}' })
  expect([handedOver.status, handedOver.headers.get('etag')]).toEqual([204, null])
})

test('the SDK gives nothing for a write whose result is out of sight', async () => {
  const client = clientFor(apps.leads)
  const lead = await client.Contact.create({ name: 'new', stage: 'Lead' })
  expect(lead.name).toBe('new')
  expect(await client.Contact.update(lead.$id, { stage: 'Customer' })).toBeUndefined()
  expect(await client.Contact.get(lead.$id)).toBeNull()
  await clientFor(apps.full).Contact.delete(lead.$id)
})

test('the page of the tenant shows what its caller sees, in every form', async () => {
  const contactCount = async (app: App): Promise<number | undefined> => {
    const { entities } = await (await ask(app, '')).json<{ entities: readonly { name: string; count: number }[] }>()
    return entities.find(({ name }) => name === 'Contact')?.count
  }
  const [count, seen] = [await contactCount(apps.full), await contactCount(apps.leads)]
  // An earlier test handed one lead over.
  expect([count, seen, await contactCount(apps.nobody)]).toEqual([all, leads - 1, undefined])
  for (const accept of ['text/html', 'text/markdown', 'application/json']) {
    const pages = await Promise.all(
      [apps.full, apps.leads, apps.nobody].map(async (app) => (await ask(app, '', { headers: { accept } })).text()),
    )
    const names = pages.map((page) => new Set(page.match(/\bc\d+\b/g)))
    const leadNames = contacts.filter(({ stage }) => stage === 'Lead').map(({ name }) => String(name))
    const others = names.map((own) => [...own].filter((name) => !leadNames.includes(name)))
    expect(others[0]).not.toEqual([])
    expect(others[1]).toEqual([])
    expect(names[1]?.size).toBeGreaterThan(0)
    expect(names[2]?.size).toBe(0)
  }
})

test('the description for language models has no field that is hidden from its caller', async () => {
  const lineOf = async (app: App): Promise<string> =>
    (await (await ask(app, '/llms.txt')).text()).split('\n').find((line) => line.startsWith('- [Contact](')) ?? ''
  expect(await lineOf(apps.full)).toMatch(/email: email\?##.*stage: Lead \|/)
  const blind = await lineOf(apps.blind)
  expect(blind).toContain('name: string!')
  expect(blind).not.toMatch(/\bemail\b|\bstage\b/)
})
