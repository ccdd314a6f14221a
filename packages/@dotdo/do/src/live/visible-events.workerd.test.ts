// Live events for a caller with limited visibility.

import { env, evictDurableObject } from 'cloudflare:test'
import { type Authority, fullAuthority, type ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import { askWrite } from '../../../../objects.do/test/ask-tenant.ts'
import { liveRequest } from './live-request.ts'

const call = {
  tenant: 'acme',
  context: 'http://localhost:8787/~acme',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const newTenant = () => env.TENANTS.get(env.TENANTS.newUniqueId())
type Tenant = ReturnType<typeof newTenant>

const nothing = { read: 'none', write: 'none', hidden: [], verbs: [] } as const
/** An authority for contacts of organizations in Berlin, without their titles, and nothing else. */
const berliner: Authority = {
  who: 'user_0000000000aa',
  nouns: { Contact: { ...nothing, read: { 'organization.city': 'Berlin' }, hidden: ['title'] } },
  others: nothing,
}

async function until(isDone: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isDone() && Date.now() < deadline;) await sleep(5)
}

async function write(
  tenant: Tenant,
  change: { noun: string; verb: string; id?: string },
  body: object,
): Promise<string> {
  const answer = await askWrite(tenant, call, { ...change, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.createdId ?? change.id ?? ''
}

async function listen(tenant: Tenant, authority: Authority, search: string): Promise<ObjectEvent[]> {
  const headers = new Headers({ upgrade: 'websocket' })
  const { webSocket } = await tenant.fetch(liveRequest({ search, headers, authority }))
  if (webSocket === null) throw new Error('no socket')
  const heard: ObjectEvent[] = []
  webSocket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as ObjectEvent
    if ('data' in event) heard.push(event)
  })
  webSocket.accept()
  return heard
}

async function readStream(tenant: Tenant, authority: Authority, count: number): Promise<ObjectEvent[]> {
  const { body } = await tenant.fetch(liveRequest({ search: '?after=0', headers: new Headers(), authority }))
  const reader = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('\n\n').length <= count + 1) text += (await reader.read()).value ?? ''
  await reader.cancel()
  return [...text.matchAll(/data: (.*)\n/g)].map(([, json]) => JSON.parse(json ?? '') as ObjectEvent)
}

const create = (noun: string) => ({ noun, verb: 'create' })

/** Writes two contacts in Berlin, one of them deleted later, one that moves there and away, and one elsewhere. */
async function writeContacts(tenant: Tenant): Promise<string[]> {
  const berlin = await write(tenant, create('Organization'), { name: 'B', city: 'Berlin' })
  const paris = await write(tenant, create('Organization'), { name: 'P', city: 'Paris' })
  const ada = await write(tenant, create('Contact'), { name: 'Ada', title: 'CTO', organization: berlin })
  const bob = await write(tenant, create('Contact'), { name: 'Bob', title: 'CEO', organization: paris })
  await write(tenant, { noun: 'Contact', verb: 'update', id: ada }, { title: 'CFO' })
  await write(tenant, { noun: 'Contact', verb: 'update', id: bob }, { organization: berlin })
  await write(tenant, { noun: 'Contact', verb: 'update', id: bob }, { organization: paris, name: 'Rob' })
  await write(tenant, create('Contact'), { name: 'Eve', organization: paris })
  await write(tenant, { noun: 'Contact', verb: 'delete', id: ada }, {})
  return [ada, ada, bob, ada]
}

const seen = [
  ['Contact.Created', 3],
  ['Contact.Updated', 5],
  ['Contact.Updated', 6],
  ['Contact.Deleted', 9],
] as const

test('a listener receives the events of entities while they are visible, from the log, live and by stream', async () => {
  const tenant = newTenant()
  const live = await listen(tenant, berliner, '')
  const targets = await writeContacts(tenant)
  const late = await listen(tenant, berliner, '?after=0')
  await until(() => live.length === seen.length && late.length === seen.length)
  await sleep(50)
  for (const heard of [live, late, await readStream(tenant, berliner, seen.length)]) {
    expect(heard.map(({ type, seq }) => [type, seq])).toEqual(seen)
    expect(heard.map(({ target }) => target)).toEqual(targets)
    expect(JSON.stringify(heard)).not.toContain('title')
    // Only a hidden field changed, but the event is still delivered.
    expect(heard[1]?.changes).toEqual({})
  }
})

test('an open socket keeps its authority while its object hibernates', async () => {
  const tenant = newTenant()
  const [restricted, full] = [await listen(tenant, berliner, ''), await listen(tenant, fullAuthority('anonymous'), '')]
  await write(tenant, create('Organization'), { name: 'B', city: 'Berlin' })
  await evictDurableObject(tenant)
  await writeContacts(tenant)
  await until(() => full.length === 10)
  await sleep(50)
  expect(restricted.map(({ type, seq }) => [type, seq - 1])).toEqual(seen)
})

test('a socket takes the largest authority that there is, however its values are stored', async () => {
  const fractions = Array.from({ length: 780 }, (_, nth) => nth + 0.5)
  const wide = ['\u4e2d'.repeat(150)]
  const rule = { $or: [{ leadScore: { $in: fractions } }, { name: { $in: wide } }, { name: 'Ada' }] }
  const authority: Authority = { ...berliner, nouns: { Contact: { ...nothing, read: rule } } }
  const tenant = newTenant()
  const heard = await listen(tenant, authority, '?type=Contact.*,Deal.*')
  await write(tenant, create('Contact'), { name: 'Ada' })
  await write(tenant, create('Contact'), { name: 'Bob' })
  await until(() => heard.length > 0)
  await sleep(50)
  expect(heard.map(({ data }) => data['name'])).toEqual(['Ada'])
})

test('a request without an authority is refused', async () => {
  const answer = await newTenant().fetch('https://object/live')
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ code: 'forbidden' })
})

test('a client cannot set the header of the authority', () => {
  const headers = new Headers({ 'x-headlessly-authority': JSON.stringify(fullAuthority('anonymous')) })
  const request = liveRequest({ search: '', headers, authority: { ...berliner, who: 'user_é' } })
  expect(JSON.parse(request.headers.get('x-headlessly-authority') ?? '')).toEqual({ ...berliner, who: 'user_é' })
})
