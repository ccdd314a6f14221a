// Webhooks on the server that ships, delivered to a real HTTP server, and verified by the library of the specification.

import { createServer, type IncomingHttpHeaders, type Server as HttpServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../src/embedded/launcher.ts'
import { useServer } from './server.ts'
import { makeCli } from '../../../packages/@headlessly/cli/test/cli.ts'

type Json = Record<string, unknown>

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const received: Received[] = []
const statuses = new Map<string, number>()
let receiver: HttpServer | undefined
let base = ''

const cli = makeCli()
const { call, tenant, url } = useServer({
  start: (dataFolder) => startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'] }),
})

beforeAll(async () => {
  const created = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const { url: path = '', headers } = request
      const status = statuses.get(path) ?? 200
      received.push({ path, headers, text })
      if (status === 0) return
      response.writeHead(status, status === 302 ? { location: 'http://127.0.0.2:1/' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => void created.listen(0, '127.0.0.1', resolve))
  receiver = created
  base = `http://127.0.0.1:${(created.address() as AddressInfo).port}`
})

afterAll(() => {
  receiver?.closeAllConnections()
  receiver?.close()
})

const at = (path: string): readonly Received[] => received.filter((one) => one.path === path)
const bodies = (path: string): Json[] => at(path).map(({ text }) => JSON.parse(text) as Json)
const verify = (secret: unknown, { headers, text }: Received): unknown =>
  new Webhook(String(secret)).verify(text, headers as Record<string, string>)

test('a delivery is what the library verifies, from the creation of the webhook through rotation to its removal', async () => {
  const t = `/~${tenant()}`
  const made = await call('POST', `${t}/webhooks`, { url: `${base}/one`, events: ['Contact.created', 'Deal.*'] })
  const { $id: id, secret, secretName } = made.body
  expect([made.status, made.body['status'], made.body['owner']]).toEqual([201, 'Active', 'owner'])
  expect(String(secret)).toMatch(/^whsec_/)
  const ada = await call('POST', `${t}/Contact`, { name: 'Ada' })
  await call('POST', `${t}/Contact/${String(ada.body['$id'])}/qualify`)
  const deal = await call('POST', `${t}/Deal`, { name: 'Engine', value: 1 })
  await call('PATCH', `${t}/Deal/${String(deal.body['$id'])}`, { value: 2 })
  await expect
    .poll(() => bodies('/one').map(({ type }) => type), { timeout: 10_000 })
    .toEqual(expect.arrayContaining(['Contact.Created', 'Deal.Created', 'Deal.Updated']))
  expect(at('/one')).toHaveLength(3)
  for (const one of at('/one')) expect(verify(secret, one)).toEqual(JSON.parse(one.text))
  const [update] = bodies('/one').filter(({ type }) => type === 'Deal.Updated')
  expect(update).toMatchObject({
    event: 'Deal.Updated',
    version: 2,
    previous: { value: 1 },
    data: { value: 2 },
    tenant: t.slice(2),
  })
  const shown = await call('GET', `${t}/webhooks/${String(id)}`)
  expect(JSON.stringify(shown.body)).not.toContain(String(secret))
  expect(JSON.stringify((await call('GET', `${t}/events`)).body)).not.toContain(String(secret))

  const rotated = await call('POST', `${t}/webhooks/${String(id)}/secret`)
  expect(rotated.body['oldSecretName']).toBe(secretName)
  await call('POST', `${t}/Deal`, { name: 'Both', value: 1 })
  await expect.poll(() => at('/one').length, { timeout: 10_000 }).toBe(4)
  for (const one of [secret, rotated.body['secret']]) expect(verify(one, at('/one')[3] as Received)).toBeTruthy()

  const page = await call('GET', `${t}/webhooks/${String(id)}/deliveries`)
  const results = page.body['results'] as Json[]
  expect(results).toHaveLength(4)
  expect(results[0]).toMatchObject({ status: 'delivered', responseStatus: 200 })
  await call('POST', `${t}/webhooks/${String(id)}/deliveries/${String(results[0]?.['event'])}/redeliver`)
  await expect.poll(() => at('/one').length, { timeout: 10_000 }).toBe(5)
  expect(at('/one')[4]?.headers['webhook-id']).toBe(at('/one')[0]?.headers['webhook-id'])
  const replay = await call('POST', `${t}/webhooks/${String(id)}/replay`, { from: 1, through: 1_000 })
  expect(replay.status).toBe(200)
  await expect.poll(() => at('/one').length, { timeout: 10_000 }).toBe(9)

  expect((await call('DELETE', `${t}/webhooks/${String(id)}`)).status).toBe(204)
  await expect.poll(async () => (await call('GET', `${t}/secrets`)).body['results']).toEqual([])
  await call('POST', `${t}/Deal`, { name: 'Unheard', value: 1 })
  await new Promise((done) => setTimeout(done, 300))
  expect(at('/one')).toHaveLength(9)
})

test('a receiver that hangs, fails or redirects to a private address delays no other, and the log says why', async () => {
  const t = `/~${tenant()}`
  statuses.set('/hangs', 0).set('/fails', 500).set('/moves', 302)
  const ids: Json = {}
  for (const name of ['hangs', 'fails', 'moves', 'works', 'slack', 'kafka']) {
    const kind = { slack: 'Slack', kafka: 'Kafka' }[name]
    const body = { url: `${base}/${name}`, events: ['*'], ...(kind === undefined ? {} : { kind }) }
    ids[name] = (await call('POST', `${t}/webhooks`, body)).body['$id']
  }
  ids['private'] = (await call('POST', `${t}/webhooks`, { url: 'http://127.0.0.2:1/', events: ['*'] })).body['$id']
  const began = performance.now()
  const filtered = await call('POST', `${t}/webhooks`, {
    url: `${base}/large`,
    events: ['Deal.*'],
    filter: { value: { $gte: 10 } },
  })
  expect(filtered.status).toBe(201)
  for (let value = 8; value < 14; value++) await call('POST', `${t}/Deal`, { name: `deal <${value}>`, value })
  await expect.poll(() => [at('/works').length, at('/large').length], { timeout: 8_000 }).toEqual([6, 4])
  expect(performance.now() - began).toBeLessThan(9_000)
  await expect.poll(() => at('/slack').length + at('/kafka').length).toBe(12)
  expect(bodies('/slack')[0]).toEqual({
    text: expect.stringMatching(/^\*Deal\.Created\* deal &lt;\d+&gt; \(`deal_\w+`\) by owner$/),
  })
  expect(bodies('/kafka')[0]).toMatchObject({
    records: [{ key: expect.stringMatching(/^deal_/), value: { type: 'Deal.Created' } }],
  })
  const logOf = async (name: string): Promise<Json[]> =>
    (await call('GET', `${t}/webhooks/${String(ids[name])}/deliveries`)).body['results'] as Json[]
  await expect
    .poll(() => logOf('hangs'), { timeout: 15_000 })
    .toContainEqual(expect.objectContaining({ status: 'failed' }))
  expect((await logOf('fails'))[0]).toMatchObject({ status: 'failed', responseStatus: 500, error: 'it answered 500' })
  expect((await logOf('moves'))[0]).toMatchObject({ responseStatus: 302, error: expect.stringContaining('redirects') })
  expect((await logOf('private'))[0]).toMatchObject({ status: 'failed', error: expect.stringContaining('not public') })
})

test('events of an entity that is deleted are sent as they were, in their order, also by a replay', async () => {
  const t = `/~${tenant()}`
  const deal = await call('POST', `${t}/Deal`, { name: 'Brief', value: 1 })
  const id = String(deal.body['$id'])
  await call('PATCH', `${t}/Deal/${id}`, { value: 2 })
  await call('DELETE', `${t}/Deal/${id}`)
  const made = await call('POST', `${t}/webhooks`, { url: `${base}/brief`, events: ['Deal.*'] })
  expect(
    (await call('POST', `${t}/webhooks/${String(made.body['$id'])}/replay`, { from: 1, through: 100 })).status,
  ).toBe(200)
  await expect
    .poll(() => bodies('/brief').map(({ type, target, version }) => [type, target, version]), { timeout: 10_000 })
    .toEqual([
      ['Deal.Created', id, 1],
      ['Deal.Updated', id, 2],
      ['Deal.Deleted', id, 3],
    ])
  for (const one of at('/brief')) expect(verify(made.body['secret'], one)).toBeTruthy()
})

test('what cannot be a webhook is refused by field', async () => {
  const t = `/~${tenant()}`
  const refusal = async (body: Json): Promise<unknown> => {
    const answer = await call('POST', `${t}/webhooks`, body)
    const [first] = (answer.body['errors'] ?? []) as Json[]
    return [answer.status, first?.['field']]
  }
  const good = { url: `${base}/x`, events: ['*'] }
  expect(await refusal({ ...good, url: 'http://example.com/' })).toEqual([422, 'url'])
  expect(await refusal({ ...good, events: ['Deal.won.twice'] })).toEqual([422, 'events'])
  expect(await refusal({ ...good, events: [] })).toEqual([422, 'events'])
  expect(await refusal({ ...good, events: ['Settings.*', 'Contct.created'] })).toEqual([422, 'events'])
  expect(await refusal({ ...good, filter: { value: 1 } })).toEqual([422, 'filter'])
  expect(await refusal({ ...good, events: ['Deal.*'], filter: { 'contact.name': 'Ada' } })).toEqual([422, 'filter'])
  expect(await refusal({ ...good, secret: 'mine' })).toEqual([422, 'secret'])
  expect(await refusal({ ...good, retries: 3 })).toEqual([422, 'retries'])
  expect((await call('GET', `${t}/webhooks`)).body['results']).toEqual([])
})

test('a webhook is removed with its own secrets by any request, and no verb makes it what it cannot be', async () => {
  const t = `/~${tenant()}`
  expect((await call('PUT', `${t}/secrets/mail-password`, { value: 'open sesame' })).status).toBe(200)
  const { body: made } = await call('POST', `${t}/webhooks`, { url: `${base}/y`, events: ['*'] })
  const own = `${t}/Webhook/${String(made['$id'])}`
  const faulty = async (verb: string, body: Json): Promise<unknown> => {
    const answer = await call('POST', `${own}${verb}`, body)
    return [answer.status, ((answer.body['errors'] ?? []) as Json[])[0]?.['field']]
  }
  expect(await faulty('/disable', { url: 'ftp://x' })).toEqual([422, 'url'])
  expect(await faulty('/disable', { events: ['[['] })).toEqual([422, 'events'])
  expect(await faulty('/replay', { replayFrom: 1, replayThrough: 1, oldSecretName: 'mail-password' })).toEqual([
    422,
    'oldSecretName',
  ])
  const disabled = await call('POST', `${own}/disable`, { owner: 'somebody else' })
  expect(disabled.body).toMatchObject({ status: 'Disabled', owner: 'owner' })
  // Made without the route, it has no secret yet.
  const plain = await call('POST', `${t}/Webhook`, { url: `${base}/plain`, events: ['Deal.*'] })
  await call('POST', `${t}/Deal`, { name: 'Engine', value: 1 })
  await expect
    .poll(async () => (await call('GET', `${t}/webhooks/${String(plain.body['$id'])}/deliveries`)).body['results'])
    .toContainEqual(expect.objectContaining({ status: 'failed', error: 'the webhook has no secret: rotate it' }))
  await call('POST', `${t}/webhooks/${String(plain.body['$id'])}/secret`)
  await expect.poll(() => at('/plain').length).toBe(1)
  expect((await call('DELETE', own)).status).toBe(204)
  expect((await call('DELETE', `${t}/Webhook/${String(plain.body['$id'])}`)).status).toBe(204)
  await expect
    .poll(async () => ((await call('GET', `${t}/secrets`)).body['results'] as Json[]).map(({ name }) => name))
    .toEqual(['mail-password'])
})

test('a webhook that is removed owes nothing, one whose entity type is removed sends the rest, and the status is clean', async () => {
  const t = `/~${tenant()}`
  const fields = { name: 'string!' }
  expect((await call('PUT', `${t}/schema/Gadget`, { fields })).status).toBe(201)
  const ids: string[] = []
  for (const [path, status] of [
    ['/owed-refused', 500],
    ['/owed-hung', 0],
    ['/owed-typeless', 500],
  ] as const) {
    statuses.set(path, status)
    const made = await call('POST', `${t}/webhooks`, { url: base + path, events: ['Gadget.*'] })
    ids.push(String(made.body['$id']))
  }
  const gadget = String((await call('POST', `${t}/Gadget`, { name: 'Lever' })).body['$id'])
  expect((await call('PATCH', `${t}/Gadget/${gadget}`, { name: 'Long lever' })).status).toBe(200)
  const paths = ['/owed-refused', '/owed-hung', '/owed-typeless']
  await expect.poll(() => paths.map((path) => at(path).length), { timeout: 10_000 }).toEqual([1, 1, 1])
  const failures = async (id: string | undefined): Promise<number> =>
    ((await call('GET', `${t}/webhooks/${String(id)}/deliveries`)).body['results'] as Json[]).length
  await expect.poll(async () => [await failures(ids[0]), await failures(ids[2])]).toEqual([1, 1])

  expect((await call('DELETE', `${t}/Gadget/${gadget}`)).status).toBe(204)
  expect((await call('DELETE', `${t}/schema/Gadget`)).status).toBe(204)
  for (const id of ids.slice(0, 2)) expect((await call('DELETE', `${t}/webhooks/${id}`)).status).toBe(204)
  for (const path of paths) statuses.set(path, 200)
  receiver?.closeAllConnections()
  for (const verb of ['disable', 'enable'])
    expect((await call('POST', `${t}/Webhook/${String(ids[2])}/${verb}`, {})).status).toBe(200)
  const status = async (): Promise<unknown> => {
    const { outbox, jobs } = (await call('GET', `${t}/status`)).body
    return { outbox, failing: (jobs as Json[]).filter(({ failure }) => failure !== null) }
  }
  await expect.poll(status, { timeout: 15_000 }).toEqual({ outbox: { waiting: 0, parked: 0 }, failing: [] })
  expect(paths.map((path) => bodies(path).map(({ version }) => version))).toEqual([[1], [1], [1, 1, 2, 3]])
  expect((await call('GET', `${t}/secrets`)).body['results']).toHaveLength(1)
})

test('what the owner of a machine has set up sends nothing once the server requires a sign-in, and loses nothing', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-test-'))
  const options = { dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'] }
  const send = async (server: Server, path: string, key: string | undefined, body?: Json): Promise<Json> => {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    }
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    return (await (await fetch(`${server.url}/~acme${path}`, { headers, ...init })).json()) as Json
  }
  const open = await startServer(options)
  const user = { name: 'Ada', email: 'ada@example.com', role: 'Admin' }
  const { $id: owner } = await send(open, '/User', undefined, user)
  const key = String((await send(open, '/ApiKey', undefined, { name: 'ada', owner }))['key'])
  const { $id } = await send(open, '/webhooks', undefined, { url: `${base}/claimed`, events: ['Deal.*'] })
  await open.stop()
  const claimed = await startServer({ ...options, requireSignIn: true })
  try {
    await send(claimed, '/Deal', key, { name: 'Engine', value: 1 })
    const webhook = (): Promise<Json> => send(claimed, `/webhooks/${String($id)}`, key)
    await expect.poll(webhook, { timeout: 8_000 }).toMatchObject({ status: 'Disabled' })
    expect(at('/claimed')).toEqual([])
    await send(claimed, `/Webhook/${String($id)}/enable`, key, { name: 'mine' })
    expect(await webhook()).toMatchObject({ owner: 'owner' })
    await expect.poll(webhook, { timeout: 8_000 }).toMatchObject({ status: 'Disabled' })
    await send(claimed, `/Webhook/${String($id)}/enable`, key, { events: ['Deal.created'] })
    await expect.poll(() => at('/claimed').length, { timeout: 8_000 }).toBe(1)
  } finally {
    await claimed.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})

test('the command line sets webhooks up, shows their deliveries, sends events again, and stops them', async () => {
  const t = tenant()
  Object.assign(cli.env, { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: t })
  expect(await cli('webhooks')).toMatchObject({ code: 0, stdout: '' })
  const name = ['--name', 'Deals', '--filter', '{"value":{"$gte":10}}']
  const made = await cli('webhooks', 'create', `${base}/cli`, '--events', 'Deal.Created, Deal.Updated', ...name)
  const [, id = '', secret = ''] = /^(webhook_\w+) (whsec_\S+)\n$/.exec(made.stdout) ?? []
  expect(made).toMatchObject({ code: 0, stderr: 'nothing else shows the secret\n' })
  for (const value of [5, 10]) await call('POST', `/~${t}/Deal`, { name: 'Engine', value })
  await expect.poll(() => at('/cli').length, { timeout: 10_000 }).toBe(1)
  const [first] = bodies('/cli')
  expect(first).toMatchObject({ type: 'Deal.Created', data: { value: 10 } })
  for (const one of at('/cli')) verify(secret, one)

  const list = await cli('webhooks', '--json')
  expect(JSON.parse(list.stdout)).toMatchObject([{ $id: id, name: 'Deals', events: 'Deal.Created,Deal.Updated' }])
  expect(list.stdout).not.toContain(secret)
  const shown = async (): Promise<readonly Json[]> =>
    JSON.parse((await cli('webhooks', 'deliveries', id, '--json')).stdout) as Json[]
  await expect.poll(shown, { timeout: 10_000 }).toMatchObject([{ event: first?.['id'], status: 'delivered' }])
  const rotated = await cli('webhooks', 'rotate', id)
  expect(rotated.stdout).toMatch(/^whsec_\S+\n$/)
  expect(rotated.stdout).not.toContain(secret)

  const seq = String(first?.['seq'])
  expect((await cli('webhooks', 'redeliver', id, '--event', String(first?.['id']))).code).toBe(0)
  await expect.poll(() => at('/cli').length, { timeout: 10_000 }).toBe(2)
  expect((await cli('webhooks', 'replay', id, '--from', seq, '--through', seq)).code).toBe(0)
  await expect.poll(() => at('/cli').length, { timeout: 10_000 }).toBe(3)
  expect(new Set(bodies('/cli').map((body) => body['id'])).size).toBe(1)

  const status = async () =>
    (JSON.parse((await cli('webhooks', '--json')).stdout) as Json[]).map((one) => one['status'])
  expect([(await cli('webhooks', 'disable', id)).stdout, await status()]).toEqual([`disabled ${id}\n`, ['Disabled']])
  expect([(await cli('webhooks', 'enable', id)).stdout, await status()]).toEqual([`enabled ${id}\n`, ['Active']])
  expect([(await cli('webhooks', 'remove', id)).stdout, await status()]).toEqual([`removed ${id}\n`, []])
  for (const [words, message] of [
    [['create'], 'webhooks create expects <url>'],
    [['create', 'nowhere'], 'url'],
    [['replay', id, '--from', '1'], 'webhooks replay expects --from <seq> and --through <seq>'],
    [['redeliver', id], 'webhooks redeliver expects --event <id>'],
    [['pause', id], 'webhooks expects one of create, rotate'],
    [['enable', id], 'no Webhook'],
  ] as const) {
    const refused = await cli('webhooks', ...words)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(message)
  }
})
