// Stored functions on the server that ships: they are checked, kept, versioned, and run where their triggers say.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { useSharedServer } from './server.ts'
import { type Json, storing } from './stored-functions.ts'

const { call, tenant, url } = useSharedServer()

const put = storing(call)

const run = (t: string, name: string, body: Json = {}) => call('POST', `/~${t}/functions/${name}/run`, body)

test('a function is stored once, runs by its name with the rights of its caller, and has versions', async () => {
  const t = tenant()
  const source = `async ($, { name }: { name: string }): Promise<string> => {
    const { $id } = await $.Contact.create({ name })
    console.log('made', $id)
    return name.toUpperCase() as string
  }`
  const first = await call('PUT', `/~${t}/functions/greet`, { source })
  expect([first.status, first.body]).toEqual([
    201,
    expect.objectContaining({ $type: 'Function', $version: 1, name: 'greet', status: 'Enabled', source }),
  ])
  const again = await call('PUT', `/~${t}/functions/greet`, { source })
  expect([again.status, again.body['$version']]).toEqual([200, 1])
  const { status, body, headers } = await run(t, 'greet', { given: { name: 'Ada' } })
  expect([status, body]).toEqual([200, { result: 'ADA', logs: [expect.stringMatching(/^made contact_/)] }])
  const commit = headers.get('x-headlessly-commit')
  const events = (await call('GET', `/~${t}/commits/${commit}`)).body['events'] as Json[]
  expect(events).toEqual([expect.objectContaining({ type: 'Contact.Created', via: 'sdk' })])
  const dry = await run(t, 'greet', { given: { name: 'Bea' }, dryRun: true })
  expect(dry.body).toMatchObject({ dryRun: true, result: 'BEA', events: [{ type: 'Contact.Created' }] })
  expect((await call('GET', `/~${t}/Contact/count?strong=true`)).body).toEqual({ count: 1 })
  await put(t, 'greet', { source: '() => 2' })
  expect((await run(t, 'greet')).body['result']).toBe(2)
  const rolledBack = await call('POST', `/~${t}/Function/${String(first.body['$id'])}/rollback`, { version: 1 })
  expect(rolledBack.status).toBe(200)
  expect((await run(t, 'greet', { given: { name: 'Cy' } })).body['result']).toBe('CY')
  const listed = await call('GET', `/~${t}/functions`)
  expect(listed.body['results']).toEqual([expect.objectContaining({ name: 'greet', $version: 3 })])
  expect((await call('DELETE', `/~${t}/functions/greet`)).status).toBe(204)
  expect((await run(t, 'greet')).status).toBe(404)
})

test('a function that uses an outside variable, or is none, is refused by its line, and nothing is stored', async () => {
  const t = tenant()
  const refusals: readonly (readonly [Json, string])[] = [
    [{ source: '(contact) => {\n  return contact.value * rate + base\n}' }, "outside variables 'rate', 'base'"],
    [{ source: '(a => ' }, 'no TypeScript'],
    [{ source: '() => 1', on: 'Contact.qualifyin' }, "got 'qualifyin'"],
    [{ source: '() => 1', on: 'Contakt.qualifying' }, "unknown entity type 'Contakt'"],
    [{ source: '() => 1', schedule: '0 25 * * *' }, 'hour from 0 to 23'],
    [{ source: '() => 1', on: 'Deal.*', schedule: '* * * * *' }, "without 'on'"],
  ]
  for (const [body, expected] of refusals) {
    const { status, body: answer } = await call('PUT', `/~${t}/functions/bad`, body)
    expect([status, JSON.stringify(answer)]).toEqual([422, expect.stringContaining(expected)])
  }
  const { body } = await call('PUT', `/~${t}/functions/bad`, refusals[0]?.[0])
  expect(JSON.stringify(body)).toContain('line 2')
  expect((await call('PUT', `/~${t}/functions/Bad`, { source: '() => 1' })).status).toBe(422)
  expect((await call('PUT', `/~${t}/functions/bad`, { source: '() => 1', code: '1' })).status).toBe(400)
  expect((await call('GET', `/~${t}/functions`)).body['results']).toEqual([])
})

test('what the server derives from a source cannot be set', async () => {
  const t = tenant()
  const made = await put(t, 'honest', { source: '(x: number) => 1' })
  const id = String(made['$id'])
  const { body } = await call('PATCH', `/~${t}/Function/${id}`, { code: '() => 666', hash: 'x' })
  expect(body).toMatchObject({ code: made['code'], hash: made['hash'] })
  expect((await run(t, 'honest')).body['result']).toBe(1)
})

test('a role with all rights on data neither stores, disables nor removes a function, by any way', async () => {
  const t = tenant()
  const { $id: id } = await put(t, 'short', { on: 'Contact.creating', source: '() => { throw new Error("no") }' })
  await call('PATCH', `/~${t}/schema/User`, { fields: { role: 'Owner | Admin | Member | Viewer | Sales' } })
  const all = { read: 'all', write: 'all', verbs: 'all' }
  const rules = await call('PUT', `/~${t}/rules`, { roles: { Sales: { nouns: { ApiKey: {} }, others: all } } })
  expect([rules.status, rules.body]).toEqual([200, expect.anything()])
  const { body: user } = await call('POST', `/~${t}/User`, { name: 'Mo', email: 'mo@example.com', role: 'Sales' })
  const { body: key } = await call('POST', `/~${t}/ApiKey`, { name: 'mo', owner: user['$id'] })
  const asSales = (method: string, path: string, body?: Json) =>
    call(method, `/~${t}${path}`, body, { authorization: `Bearer ${String(key['key'])}` })
  const answers = [
    await asSales('DELETE', '/functions/short'),
    await asSales('DELETE', `/Function/${String(id)}`),
    await asSales('POST', '/Function/deleteMany', { ids: [String(id)] }),
    await asSales('POST', `/Function/${String(id)}/disable`, {}),
    await asSales('PATCH', `/Function/${String(id)}`, { on: null }),
    await asSales('PUT', '/functions/short', { source: '() => 1' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403))
  const operations = [{ method: 'DELETE', path: `/Function/${String(id)}`, id: '1' }]
  expect(await asSales('POST', '/batch', { operations })).toMatchObject({ status: 422, body: { code: 'batch_failed' } })
  expect((await asSales('POST', '/Contact', { name: 'Ada' })).body).toMatchObject({ code: 'hook_rejected' })
  expect((await call('DELETE', `/~${t}/functions/short`)).status).toBe(204)
})

/** Registers functions in a process of its own, and prints what it got as JSON. */
const registering = `
import { Headlessly } from '@headlessly/sdk'
const $ = Headlessly({ tenant: process.argv[2], endpoint: process.argv[3] })
const score = (contact) => ({ leadScore: contact.name.length })
const stored = []
for (let time = 0; time < 2; time++) stored.push(await $.Contact.creating(score))
stored.push(await $.Contact.qualified(async (contact, $) => { await $.Ticket.create({ subject: contact.name }) }, { name: 'call' }))
stored.push(await $.on('Ticket.*', async (event, $) => { if (event.type === 'Ticket.Created') await $.Activity.create({ subject: event.data.subject, type: 'Task' }) }))
stored.push(await $.every('day', () => 1))
const rate = 3
const refused = await $.Deal.creating((deal) => ({ value: deal.value * rate })).catch((error) => error.message)
console.log(JSON.stringify({ stored, refused }))
`

test('functions that one process registers change what another one creates', async () => {
  const t = tenant()
  const root = join(import.meta.dirname, '../../..')
  const program = ['--conditions=source', '--input-type=module', '-e', registering, '--', '', t, url()]
  const registered = await promisify(execFile)(process.execPath, program, { cwd: root })
  const { stored, refused } = JSON.parse(registered.stdout) as { stored: readonly Json[]; refused: string }
  expect(refused).toContain("the outside variable 'rate'")
  expect(stored.map(({ name, on, schedule, $version }) => [name, on ?? schedule, $version])).toEqual([
    [expect.stringMatching(/^contact-creating-[0-9a-f]{12}$/), 'Contact.creating', 1],
    [stored[0]?.['name'], 'Contact.creating', 1],
    ['call', 'Contact.qualified', 1],
    [expect.stringMatching(/^ticket-[0-9a-f]{12}$/), 'Ticket.*', 1],
    [expect.stringMatching(/^every-[0-9a-f]{12}$/), '0 0 * * *', 1],
  ])
  const header = ['-s', '-H', 'content-type: application/json']
  const made = await promisify(execFile)('curl', [...header, `${url()}/~${t}/Contact`, '-d', '{"name":"Grace"}'])
  const contact = JSON.parse(made.stdout) as Json
  expect(contact['leadScore']).toBe(5)
  await call('POST', `/~${t}/Contact/${String(contact['$id'])}/qualify`)
  const activities = async (): Promise<unknown> => (await call('GET', `/~${t}/Activity?strong=true`)).body['results']
  await expect.poll(activities, { timeout: 20_000 }).toEqual([expect.objectContaining({ subject: 'Grace' })])
})

test('hooks are functions under an entity, a verb and a phase', async () => {
  const t = tenant()
  const hook = { entity: 'Contact', verb: 'create', phase: 'before', code: '({ name }) => ({ title: name })' }
  const made = await call('POST', `/~${t}/hooks`, hook)
  expect([made.status, made.body]).toEqual([201, expect.objectContaining({ ...hook, status: 'Enabled' })])
  const id = String(made.body['$id'])
  const again = await call('POST', `/~${t}/hooks`, hook)
  expect([again.status, again.body['$id']]).toEqual([200, id])
  await put(t, 'won', { on: 'Deal.won', source: '() => 1' })
  await put(t, 'events', { on: 'Deal.*', source: '() => 1' })
  const listed = (await call('GET', `/~${t}/hooks`)).body['results']
  expect(listed).toEqual([
    expect.objectContaining({ $id: id, ...hook }),
    expect.objectContaining({ name: 'won', entity: 'Deal', verb: 'win', phase: 'after' }),
  ])
  expect((await call('POST', `/~${t}/Contact`, { name: 'Ada' })).body['title']).toBe('Ada')
  for (const [wrong, field] of [
    [{ ...hook, entity: 'Contakt' }, 'Contakt'],
    [{ ...hook, verb: 'qualifying' }, 'qualifying'],
    [{ ...hook, phase: 'during' }, 'phase'],
    [{ ...hook, code: '() => rate' }, 'rate'],
    [{ ...hook, other: 1 }, 'other'],
  ] as const) {
    const { status, body } = await call('POST', `/~${t}/hooks`, wrong)
    expect([status < 500 && status >= 400, JSON.stringify(body)]).toEqual([true, expect.stringContaining(field)])
  }
  expect((await call('DELETE', `/~${t}/hooks/${id}`)).status).toBe(204)
  expect((await call('POST', `/~${t}/Contact`, { name: 'Bo' })).body['title']).toBeUndefined()
  expect((await call('DELETE', `/~${t}/hooks/${id}`)).status).toBe(404)
})

test('a back-test shows what a function would have done to past events, and does none of it', async () => {
  const t = tenant()
  for (const name of ['old', 'Ada', 'Eve', 'Grace']) {
    if (name === 'Ada') await new Promise((done) => setTimeout(done, 20))
    await call('POST', `/~${t}/Contact`, { name, leadScore: 3 })
  }
  const { results: made } = (await call('GET', `/~${t}/events`)).body as { results: Json[] }
  const since = String(made[1]?.['timestamp'])
  await put(t, 'score', {
    on: 'Contact.creating',
    source: `({ name }) => {
      if (name === 'Eve') throw new Error('not Eve')
      return { leadScore: name.length }
    }`,
  })
  await put(t, 'tell', {
    on: 'Contact.created',
    hosts: ['chat.example'],
    source: `async (contact, $) => {
      await fetch('https://chat.example/say?x=1', { method: 'POST', body: contact.name })
      await $.Ticket.create({ subject: contact.name })
      console.log('told', contact.name)
    }`,
  })
  const test = async (name: string, body: Json) => (await call('POST', `/~${t}/functions/${name}/backtest`, body)).body
  const names = made.slice(1).map(({ id }) => id)
  expect(await test('score', { since })).toEqual({
    hasMore: false,
    cursor: null,
    results: [
      {
        event: names[0],
        type: 'Contact.Created',
        target: expect.any(String),
        timestamp: since,
        ok: true,
        changes: {},
        logs: [],
      },
      expect.objectContaining({ event: names[1], ok: false, error: 'not Eve', line: 2 }),
      expect.objectContaining({ event: names[2], ok: true, changes: { leadScore: 5 } }),
    ],
  })
  const first = await test('tell', { since, limit: 2 })
  expect(first).toMatchObject({ hasMore: true, results: [{ event: names[0] }, { event: names[1] }] })
  const last = await test('tell', { cursor: first['cursor'] })
  expect(last).toMatchObject({
    hasMore: false,
    results: [
      {
        ok: true,
        eventCount: 1,
        events: [{ type: 'Ticket.Created' }],
        requests: [{ method: 'POST', url: 'https://chat.example/say' }],
        logs: ['told Grace'],
      },
    ],
  })
  expect((await call('GET', `/~${t}/Ticket/count?strong=true`)).body).toEqual({ count: 0 })
  for (const body of [{}, { since, cursor: '1' }, { since: 'soon' }, { since, limit: 51 }, { since, all: true }])
    expect((await call('POST', `/~${t}/functions/score/backtest`, body)).status, JSON.stringify(body)).toBe(400)
  await put(t, 'named', { source: '() => 1' })
  expect((await call('POST', `/~${t}/functions/named/backtest`, { since })).status).toBe(409)
})

test(
  'the command line stores a folder of functions, tests them, and writes the folder again',
  { timeout: 120_000 },
  async () => {
    const t = tenant()
    const folder = mkdtempSync(join(tmpdir(), 'headlessly-functions-'))
    const root = join(import.meta.dirname, '../../..')
    const cli = async (...words: readonly string[]): Promise<string> => {
      const main = join(root, 'packages/@headlessly/cli/src/main.ts')
      const env = { ...process.env, HEADLESSLY_TENANT: t, HEADLESSLY_ENDPOINT: url() }
      const program = ['--conditions=source', main, 'functions', ...words]
      return (await promisify(execFile)(process.execPath, program, { cwd: folder, env })).stdout
    }
    const source =
      '// @on Contact.creating\n// @hosts a.example, b.example\nexport default (c: { name: string }) => ({ title: c.name })\n'
    writeFileSync(join(folder, 'titles.ts'), source)
    writeFileSync(join(folder, 'add.js'), '($, { a, b }) => { console.error("adding"); return a + b }')
    await call('POST', `/~${t}/Contact`, { name: 'Ada' })
    expect(await cli('push', '.')).toBe('stored add\nstored titles\n')
    expect((await call('GET', `/~${t}/functions/titles`)).body['hosts']).toEqual(['a.example', 'b.example'])
    expect(await cli('backtest', 'titles', '--since', '2026-01-01T00:00:00Z')).toContain('title = "Ada"')
    await cli('pull', 'again')
    expect(readFileSync(join(folder, 'again/titles.ts'), 'utf8')).toBe(source)
    rmSync(folder, { recursive: true })
  },
)
