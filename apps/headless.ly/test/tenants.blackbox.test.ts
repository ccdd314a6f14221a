// When a tenant exists, and that a request for one that does not exist leaves nothing behind.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, url, tenant, dataFolder } = useServer()
const json = { 'content-type': 'application/json' }

/** The databases of tenants and the files of the lake. SQLite makes its log and index when it likes. */
function stored(): readonly string[] {
  const files = ['objects/headless.ly-tenants', 'lake'].flatMap((folder) => filesIn(join(dataFolder, folder)))
  return files.filter((name) => !/-(?:wal|shm)$/.test(name))
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
}

async function listen(name: string, from = ''): Promise<{ next(): Promise<string>; leave(): Promise<void> }> {
  const answer = await fetch(`${url()}/~${name}/events${from}`, { headers: { accept: 'text/event-stream' } })
  expect(answer.status).toBe(200)
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next() {
      for (;;) {
        const event = /^data: (.*)\n\n/m.exec(text)
        if (event !== null) {
          text = text.slice(event.index + event[0].length)
          return (JSON.parse(event[1] ?? '') as { type: string }).type
        }
        const { value, done } = await reader.read()
        if (done) throw new Error(`the stream ended after ${text}`)
        text += value
      }
    },
    leave: () => reader.cancel(),
  }
}

const contact = 'contact_000001000001'
const message = (calls: object): string => JSON.stringify({ calls: [calls] })

/** Every kind of request that begins no tenant, with the status that an empty tenant answers. */
const requests: readonly (readonly [
  method: string,
  path: string,
  status: number,
  body?: string | undefined,
  accept?: string,
])[] = [
  ['GET', '', 200],
  ['GET', '', 200, undefined, 'text/html'],
  ['GET', '', 200, undefined, 'text/markdown'],
  ['GET', '/llms.txt', 200],
  ['GET', '/Contact', 200],
  ['GET', '/Contact?strong=true&count=exact', 200],
  ['GET', '/Contact/count', 200],
  ['GET', '/Contact?asOf=2026-01-01T00:00:00Z', 400],
  ['GET', '/Contact?filter={"$text":"ada"}', 200],
  ['GET', `/Contact/${contact}`, 404],
  ['GET', `/Contact/${contact}/history`, 404],
  ['GET', '/Nothing', 404],
  ['GET', '/events', 200],
  ['GET', '/schema', 200],
  ['GET', '/openapi', 200],
  ['GET', '/status', 200],
  ['GET', '/lake', 200],
  ['GET', '/clock', 200],
  ['POST', '/Contact', 422, '{}'],
  ['POST', '/Contact', 400, '{'],
  ['POST', '/Contact', 422, '{"name":"Ada","organization":"organization_000001000001"}'],
  ['PATCH', `/Contact/${contact}`, 404, '{"name":"Ada"}'],
  ['DELETE', `/Contact/${contact}`, 404],
  ['POST', `/Contact/${contact}/qualify`, 404],
  ['POST', '/clock', 422, '{"now":"never"}'],
  ['POST', '/lake/flush', 404],
  ['POST', '/lake/verify', 404],
  ['PUT', '/schema/Vehicle', 400, '{"fields":{"name":"nothing"}}'],
  ['POST', '/rpc', 200, message({ kind: 'read', read: 'find', noun: 'Contact', parameters: {} })],
  ['POST', '/rpc', 200, message({ kind: 'write', noun: 'Contact', verb: 'create', body: '{}' })],
  ['POST', '/do', 200, JSON.stringify({ code: '($) => $.Contact.count()' })],
]

test('a request for a tenant that does not exist stores nothing', async () => {
  // The first request makes the registry, and the object that answers for all tenants that do not exist.
  await call('GET', `/~${tenant()}/Contact`)
  const before = stored()
  for (const [method, path, status, body, accept = '*/*'] of requests) {
    const answer = await fetch(`${url()}/~${tenant()}${path}`, {
      method,
      headers: { accept, ...(body === undefined ? {} : json) },
      ...(body === undefined ? {} : { body }),
    })
    expect([method, path, body, answer.status]).toEqual([method, path, body, status])
    await answer.text()
    expect(stored(), `${method} ${path}`).toEqual(before)
  }
  const listener = await listen(tenant())
  await listener.leave()
  expect(stored()).toEqual(before)
})

test('an accepted write begins the tenant, with its first event', async () => {
  const name = tenant()
  expect((await call('POST', `/~${name}/Contact`, {})).status).toBe(422)
  const created = await call('POST', `/~${name}/Contact`, { name: 'Ada' })
  expect(created.status).toBe(201)
  expect(created.body).toMatchObject({ name: 'Ada', $version: 1 })
  expect(created.headers.get('x-headlessly-bookmark')).toMatch(/\.1$/)
  expect((await call('GET', `/~${name}/Contact`)).body).toMatchObject({ total: 1 })
})

test('a message begins the tenant if one of its writes is accepted, and each call is answered once', async () => {
  const name = tenant()
  const calls = [
    { kind: 'write', noun: 'Contact', verb: 'create', body: '{}' },
    { kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' },
    { kind: 'read', read: 'count', noun: 'Contact', parameters: { strong: 'true' } },
  ]
  const answer = await fetch(`${url()}/~${name}/rpc`, { method: 'POST', body: JSON.stringify({ calls }) })
  const lines = (await answer.json()) as string[]
  expect(lines.map((line) => (JSON.parse(line.split('\n')[0] ?? '') as { ok: boolean }).ok)).toEqual([
    false,
    true,
    true,
  ])
  expect((await call('GET', `/~${name}/events`)).body).toMatchObject({ results: [{ type: 'Contact.Created', seq: 1 }] })
})

test('first writes that race make one tenant, with a log without a gap', async () => {
  const name = tenant()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, nth) => call('POST', `/~${name}/Contact`, { name: `c${nth}` })),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
  const { body } = await call('GET', `/~${name}/events?limit=100`)
  expect((body['results'] as { seq: number }[]).map(({ seq }) => seq)).toEqual(answers.map((_, nth) => nth + 1))
})

test('a listener that came before the tenant receives its first event', async () => {
  const name = tenant()
  const stream = await listen(name)
  const socket = new WebSocket(`${url().replace('http', 'ws')}/~${name}/events`)
  const heard: string[] = []
  socket.addEventListener('message', ({ data }) => {
    const { type } = JSON.parse(String(data)) as { type?: string }
    if (type !== undefined) heard.push(type)
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  const created = await call('POST', `/~${name}/Contact`, { name: 'Ada' })
  await call('POST', `/~${name}/Contact/${String(created.body['$id'])}/qualify`)
  expect([await stream.next(), await stream.next()]).toEqual(['Contact.Created', 'Contact.Qualified'])
  await expect.poll(() => heard).toEqual(['Contact.Created', 'Contact.Qualified'])
  socket.close()
  await stream.leave()
})

test('names that a program sends by mistake begin no tenant', async () => {
  for (const name of ['undefined', 'null', 'nan', 'true', 'false', 'NaN', '[object Object]', '']) {
    const path = `/~${encodeURIComponent(name)}/Contact`
    const answers = [await call('GET', path), await call('POST', path, { name: 'Ada' })]
    expect([name, ...answers.map(({ status, body }) => [status, body['code']])]).toEqual([
      name,
      [400, 'invalid_tenant'],
      [400, 'invalid_tenant'],
    ])
  }
})

test('the operator lists the tenants, and pages through them', async () => {
  const names = [tenant(), tenant(), tenant()].toSorted()
  for (const name of names) await call('POST', `/~${name}/Contact`, { name: 'Ada' })
  const listed: string[] = []
  let cursor = ''
  for (let hasMore = true; hasMore;) {
    const { body } = await call('GET', `/tenants?limit=2&cursor=${cursor}`)
    const page = body as { results: { name: string; state: string }[]; hasMore: boolean; cursor: string | null }
    expect(page.results.length).toBeLessThanOrEqual(2)
    listed.push(...page.results.map(({ name }) => name))
    hasMore = page.hasMore
    cursor = page.cursor ?? ''
  }
  expect(listed).toEqual(listed.toSorted())
  expect(listed).toEqual(expect.arrayContaining(names))
  expect((await call('GET', `/tenants/${names[0]}`)).body).toMatchObject({ state: 'present', events: 1, entities: 1 })
  expect((await call('GET', '/tenants/nobody')).status).toBe(404)
})

test('a deletion says what it removes, asks for the name, leaves nothing, and the name can be used again', async () => {
  const [name, other] = [tenant(), tenant()]
  for (const one of [name, other]) {
    await call('POST', `/~${one}/Contact`, { name: 'Ada' })
    expect((await call('POST', `/~${one}/lake/flush`)).status).toBe(200)
  }
  const before = await call('GET', `/~${name}/Contact`)
  const dryRun = await call('DELETE', `/tenants/${name}?dryRun=true`)
  expect(dryRun.body).toMatchObject({ dryRun: true, tenant: name, events: 1, entities: 1 })
  expect(dryRun.body['files']).toBeGreaterThan(3)
  for (const query of ['', '?confirm=', `?confirm=${other}`, '?dryRun=maybe'])
    expect((await call('DELETE', `/tenants/${name}${query}`)).status).toBe(400)
  const foreign = await call('DELETE', `/tenants/${name}?confirm=${name}`, undefined, { origin: 'http://evil.example' })
  expect(foreign.status).toBe(403)
  expect((await call('GET', `/~${name}/Contact?strong=true`)).body).toMatchObject({ total: 1 })

  const deleted = await call('DELETE', `/tenants/${name}?confirm=${name}`)
  expect([deleted.status, deleted.body['state']]).toEqual([200, 'deleted'])
  expect(filesIn(join(dataFolder, 'lake', name))).toEqual([])
  expect((await call('GET', `/tenants/${name}`)).status).toBe(404)
  for (const query of ['', '?strong=true'])
    expect((await call('GET', `/~${name}/Contact${query}`)).body).toMatchObject({ total: 0 })
  const bookmark = before.headers.get('x-headlessly-bookmark') ?? ''
  expect((await call('GET', `/~${name}/Contact`, undefined, { 'x-headlessly-bookmark': bookmark })).status).toBe(409)

  await call('POST', `/~${name}/Contact`, { name: 'Grace' })
  expect((await call('GET', `/~${name}/Contact`)).body).toMatchObject({ results: [{ name: 'Grace' }] })
  expect((await call('GET', `/~${name}/Contact`, undefined, { 'x-headlessly-bookmark': bookmark })).status).toBe(409)
  expect((await call('GET', `/~${other}/Contact?strong=true`)).body).toMatchObject({ total: 1 })
})

test('writes that race with a deletion leave either no tenant or a whole one', async () => {
  for (let round = 0; round < 8; round++) {
    const name = tenant()
    const gapMs = round / 2
    await call('POST', `/~${name}/Contact`, { name: 'first' })
    const writes = Array.from({ length: 12 }, async (_, nth) => {
      await new Promise((resolve) => setTimeout(resolve, nth * gapMs))
      return call('POST', `/~${name}/Contact`, { name: `c${nth}` })
    })
    const [deleted, ...answers] = await Promise.all([call('DELETE', `/tenants/${name}?confirm=${name}`), ...writes])
    expect(deleted.status).toBe(200)
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
    const { body } = await call('GET', `/~${name}/events?limit=100`)
    const seqs = (body['results'] as { seq: number }[]).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, nth) => nth + 1))
    expect((await call('GET', `/tenants/${name}`)).status).toBe(seqs.length === 0 ? 404 : 200)
  }
})

test('the archive of a tenant loads into another one, whose archive is the same, and into none that has data', async () => {
  const [from, to] = [tenant(), tenant()]
  const definition = { fields: { name: 'string!', crew: 'number?#' } }
  expect((await call('PUT', `/~${from}/schema/Ship`, definition)).status).toBeLessThan(300)
  for (let at = 0; at < 5; at++) await call('POST', `/~${from}/Ship`, { name: `s${at}`, crew: at })
  const gone = (await call('POST', `/~${from}/Contact`, { name: 'gone' })).body['$id']
  await call('DELETE', `/~${from}/Contact/${String(gone)}`)
  const picture = new Uint8Array(5_000_000).map((_, at) => at % 251)
  const upload = { method: 'POST', headers: { 'content-type': 'application/octet-stream' } }
  const sent = await fetch(`${url()}/~${from}/files?filename=map.bin`, { ...upload, body: picture })
  const { $id: asset } = (await sent.json()) as { $id: string }
  // Nobody has finished it, so it is in no archive.
  await call('POST', `/~${from}/files/uploads`, { filename: 'begun', size: 10 })
  const archive = async (name: string): Promise<Buffer> =>
    Buffer.from(await (await fetch(`${url()}/tenants/${name}/archive`)).arrayBuffer())
  const first = await archive(from)
  expect(first.subarray(257, 262).toString()).toBe('ustar')
  expect(Buffer.from(await (await fetch(`${url()}/~${from}/archive`)).arrayBuffer()).equals(first)).toBe(true)
  const tar = { 'content-type': 'application/x-tar' }
  const load = async (name: string, body: Uint8Array<ArrayBuffer>): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${url()}/tenants/${name}/archive`, { method: 'POST', headers: tar, body })
    return { status: answer.status, body: await answer.json() }
  }
  expect(await load(to, new Uint8Array(first.subarray(0, 2_000)))).toMatchObject({ status: 400 })
  // Its last members are missing.
  const end = first.indexOf('definitions.ndjson')
  expect(await load(to, new Uint8Array(first.subarray(0, end)))).toMatchObject({
    status: 400,
    body: { field: 'archive' },
  })
  expect(await load(tenant(), new Uint8Array(2_000).fill(120))).toMatchObject({ status: 400 })
  expect((await call('GET', `/~${to}/Ship?strong=true`)).body).toMatchObject({ code: 'conflict', field: 'archive' })
  // Another file is refused, and the tenant can be deleted to make room for it.
  const other = tenant()
  await call('POST', `/~${other}/Contact`, { name: 'Ada' })
  expect(await load(to, new Uint8Array(await archive(other)))).toMatchObject({
    status: 409,
    body: { field: 'archive' },
  })
  expect((await call('DELETE', `/tenants/${to}?confirm=${to}`)).status).toBe(200)
  expect(await load(to, new Uint8Array(first.subarray(0, end)))).toMatchObject({ status: 400 })
  expect(await load(to, new Uint8Array(first))).toMatchObject({ status: 200, body: { tenant: to } })
  const ships = (name: string): Promise<unknown> => call('GET', `/~${name}/Ship?strong=true&sort=name`)
  expect(JSON.stringify(await ships(to)).replaceAll(to, from)).toContain('"crew":4')
  expect((await archive(to)).equals(first)).toBe(true)
  const loaded = await fetch(`${url()}/~${to}/files/${asset}`)
  expect(Buffer.from(await loaded.arrayBuffer()).equals(picture)).toBe(true)
  expect(await load(to, new Uint8Array(first))).toMatchObject({ status: 409 })
  expect((await call('POST', `/~${to}/lake/verify`)).body).toMatchObject({ isWhole: true })
})
