// The interface for agents, driven by the official client in both generations of the protocol.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPrograms } from '../../../soak/mcp-programs.ts'
import { type Server, startServer } from '../src/embedded/launcher.ts'

type Json = Readonly<Record<string, unknown>>

let dataFolder = ''
let server: Server

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-mcp-'))
  server = await startServer({ dataFolder, port: 0 })
})

afterAll(async () => {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const generations = [
  ['2026-07-28', { versionNegotiation: { mode: 'auto' } }],
  ['2025-11-25', {}],
] as const

describe.each(generations)('a client of %s', (version, options) => {
  const tenant = `mcp-${version}`
  let client: Client

  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1.0.0' }, options)
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/~${tenant}/mcp`)))
  })

  afterAll(() => client.close())

  const call = async (name: string, given: Json): Promise<{ readonly answer: Json; readonly isError: boolean }> => {
    const { structuredContent, content, isError = false } = await client.callTool({ name, arguments: given })
    const [first] = content
    const text = first?.type === 'text' ? first.text : ''
    if (isError) return { answer: { text }, isError }
    expect(JSON.parse(text)).toEqual(structuredContent)
    return { answer: structuredContent as Json, isError }
  }

  const answerOf = async (name: string, given: Json = {}): Promise<Json> => {
    const { answer, isError } = await call(name, given)
    expect(isError, JSON.stringify(answer)).toBe(false)
    return answer
  }

  test('finds three tools of at most 600 tokens', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['search', 'fetch', 'do'])
    // 4.2 characters a token, measured with o200k.
    expect(JSON.stringify(tools).length).toBeLessThan(2_500)
  })

  test('changes the business in one commit, and is told what changed', async () => {
    const code = `
      const acme = await $.Organization.create({ name: 'Acme' })
      const ann = await $.Contact.create({ name: 'Ann Ball', organization: acme.$id })
      return ann.$id`
    const tried = await answerOf('do', { code, dryRun: true })
    expect(tried).toMatchObject({
      dryRun: true,
      changes: [expect.stringContaining('Organization.Created'), expect.stringContaining('"Ann Ball"')],
    })
    expect(await answerOf('search', { type: 'contacts' })).toMatchObject({ results: [], hasMore: false })
    const done = await answerOf('do', { code })
    expect(done).toMatchObject({ commit: expect.any(Number), changes: [expect.any(String), expect.any(String)] })
    const id = String(done['result'])
    expect(await answerOf('fetch', { id, include: ['organization'] })).toMatchObject({
      $type: 'Contact',
      organization: { name: 'Acme' },
    })
    const qualified = await answerOf('do', { code: `$.Contact.qualify('${id}')` })
    expect(qualified['changes']).toEqual([expect.stringContaining('stage "Lead" → "Qualified"')])
    expect((await answerOf('fetch', { type: 'History', id }))['results']).toHaveLength(2)
    const events = (await answerOf('fetch', { type: 'Events' }))['results'] as readonly Json[]
    expect(new Set(events.map(({ via }) => via))).toEqual(new Set(['mcp']))
  })

  test('finds by type, by filter and by words in all types', async () => {
    await answerOf('do', { code: `$.Deal.create({ name: 'Tangerine rollout', value: 100 })` })
    await answerOf('do', { code: `$.Ticket.create({ subject: 'Tangerine is broken' })` })
    expect((await answerOf('search', { query: 'tangerine' }))['results']).toEqual([
      expect.objectContaining({ $type: 'Ticket', name: 'Tangerine is broken' }),
      expect.objectContaining({ $type: 'Deal', name: 'Tangerine rollout' }),
    ])
    expect((await answerOf('search', { type: 'deal', filter: '{"value":{"$gt":50}}' }))['results']).toHaveLength(1)
    const types = (await answerOf('search'))['results'] as readonly Json[]
    expect(types.find(({ type }) => type === 'Deal')).toMatchObject({ count: 1 })
  })

  test('a page over the budget is smaller, and its cursor leads on without a gap', async () => {
    const code =
      "for (let n = 0; n < 60; n++) await $.Content.create({ title: 'Page ' + n, body: 'word '.repeat(900) })"
    await answerOf('do', { code })
    const titles: unknown[] = []
    let cursor: unknown
    do {
      const page = await answerOf('search', {
        type: 'Content',
        limit: 100,
        sort: 'title',
        ...(cursor === undefined ? {} : { cursor }),
      })
      expect(JSON.stringify(page).length).toBeLessThan(25_000)
      titles.push(...(page['results'] as readonly Json[]).map(({ title }) => title))
      cursor = page['cursor']
    } while (cursor !== undefined && cursor !== null)
    expect(titles).toHaveLength(60)
    expect(new Set(titles).size).toBe(60)
  })

  test('events and histories come in pages that fit, and cursors lead on without a gap', async () => {
    await answerOf('do', {
      code: "for (let n = 0; n < 12; n++) await $.Content.create({ title: 'Log ' + n, body: 'word '.repeat(900) })",
    })
    const seen: unknown[] = []
    let cursor: unknown
    do {
      const more = cursor === undefined ? {} : { cursor }
      const page = await answerOf('fetch', { type: 'Events', id: 'Content.Created', limit: 5, ...more })
      const results = page['results'] as readonly Json[]
      expect(JSON.stringify(page).length).toBeLessThan(25_000)
      seen.push(...results.map(({ seq }) => seq))
      cursor = page['hasMore'] === true ? page['cursor'] : undefined
    } while (cursor !== undefined && cursor !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(12)
  })

  test('errors say what to do next', async () => {
    for (const [name, given, advice] of [
      ['search', { type: 'Contcat' }, /search without arguments lists the types/],
      ['search', { type: 'Contact', filter: { nope: { $foo: 1 } } }, /type Schema/],
      ['search', { limit: 1000, type: 'Deal' }, /limit expects/],
      ['fetch', { id: 'contact_000000000000' }, /search finds entities/],
      ['fetch', { id: 'nonsense' }, /search finds entities/],
      ['fetch', {}, /id expects/],
      ['do', { code: 'throw new Error("no")' }, /no/],
      ['do', { code: '$.Contact.qualifying("x")' }, /./],
      ['do', {}, /code expects/],
      ['do', { code: '1', force: true }, /the arguments are code, dryRun/],
    ] as const) {
      const { answer, isError } = await call(name, given)
      expect({ name, given, isError }).toEqual({ name, given, isError: true })
      expect(answer['text']).toMatch(advice)
    }
  })

  test('reads schemas, metrics, the status and resources', async () => {
    const schema = await answerOf('fetch', { type: 'Schema', id: 'deals' })
    expect(schema).toMatchObject({ name: 'Deal', fields: { name: expect.any(String) }, state: 'stage' })
    expect(schema['verbs']).toContainEqual(expect.objectContaining({ verb: 'win', to: 'Won' }))
    expect(JSON.stringify(schema).length).toBeLessThan(8_000)
    expect(await answerOf('fetch', { type: 'Metric', id: 'mrr' })).toMatchObject({ name: 'mrr' })
    expect(await answerOf('fetch', { type: 'status' })).toMatchObject({ $type: 'Status' })
    const { resources } = await client.listResources()
    for (const { uri } of resources) {
      const { contents } = await client.readResource({ uri })
      expect(contents).toHaveLength(1)
    }
    await expect(client.readResource({ uri: 'headlessly://nothing/at/all' })).rejects.toThrow('no resource')
  })
})

test('a caller with a key may do what the key may do, and a key that is none is refused', async () => {
  const send = (path: string, body: object, key?: string): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    })
  const made = await send('/~keyed/ApiKey', { name: 'reader', scopes: 'read' })
  const { key } = (await made.json()) as { readonly key: string }
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const address = new URL(`${server.url}/~keyed/mcp`)
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(address, { requestInit }))
  const found = await client.callTool({ name: 'search', arguments: { type: 'ApiKey' } })
  expect(found.structuredContent).toMatchObject({ results: [{ name: 'reader' }] })
  const refused = await client.callTool({ name: 'do', arguments: { code: "$.Contact.create({ name: 'Eve' })" } })
  expect(refused).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('An owner of the tenant') }],
  })
  await client.close()
  const other = await send('/~keyed/mcp', { jsonrpc: '2.0', id: 1, method: 'ping' }, `${key}x`)
  expect(other.status).toBe(401)
})

describe('a change that needs the consent of a person', () => {
  const send = (path: string, body: object, method: 'POST' | 'PUT' = 'POST'): Promise<Response> =>
    fetch(`${server.url}/~asked${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const code = "const deal = await $.Deal.create({ name: 'Engine', value: 5 }); return deal.name"

  beforeAll(async () => {
    const approvals = [{ name: 'Deals', types: ['Deal'], callers: ['agent'] }]
    expect((await send('/rules', { approvals }, 'PUT')).status).toBe(200)
  })

  const connect = async (answer: 'accept' | 'decline' | undefined): Promise<Client> => {
    const capabilities = answer === undefined ? {} : { capabilities: { elicitation: { form: {} } } }
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' }, ...capabilities },
    )
    if (answer !== undefined)
      client.setRequestHandler('elicitation/create', ({ params }) => {
        expect(params.message).toContain('The rule Deals asks for your consent')
        expect(params.message).toContain('Deal.Created')
        return answer === 'accept' ? { action: 'accept', content: { approve: true } } : { action: 'decline' }
      })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/~asked/mcp`)))
    return client
  }

  const dealsMade = async (): Promise<number> =>
    ((await (await fetch(`${server.url}/~asked/Deal/count?strong=true`)).json()) as { count: number }).count

  test('is made once the client has asked its person, and not if the person declines', async () => {
    const consenting = await connect('accept')
    const done = await consenting.callTool({ name: 'do', arguments: { code } })
    expect(done.structuredContent).toMatchObject({
      result: 'Engine',
      commit: expect.any(Number),
      changes: [expect.stringContaining('Deal.Created')],
      approvedBy: 'owner',
    })
    expect(await dealsMade()).toBe(1)
    await consenting.close()
    const declining = await connect('decline')
    expect(await declining.callTool({ name: 'do', arguments: { code } })).toMatchObject({ isError: true })
    expect(await dealsMade()).toBe(1)
    await declining.close()
  })

  test('waits for a client that cannot ask, which reads what becomes of it', async () => {
    const client = await connect(undefined)
    const refused = await client.callTool({ name: 'do', arguments: { code } })
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('approval_required') }] })
    const [first] = refused.content
    const [id = ''] = /approval_\w{12,}/.exec(first?.type === 'text' ? first.text : '') ?? []
    const read = async () =>
      (await client.callTool({ name: 'fetch', arguments: { type: 'Approval', id } })).structuredContent
    expect(await read()).toMatchObject({ status: 'Pending', via: 'mcp' })
    const tried = await client.callTool({ name: 'do', arguments: { code, dryRun: true } })
    expect(tried.structuredContent).toMatchObject({ needsApproval: [{ rule: 'Deals', call: 'Deal.create' }] })
    const around = await client.callTool({
      name: 'do',
      arguments: { code: `$.access.approve('${id}')` },
    })
    expect(around).toMatchObject({ isError: true })
    expect((await send(`/approvals/${id}/approve`, {})).status).toBe(200)
    expect(await read()).toMatchObject({ status: 'Approved', commit: expect.any(Number) })
    await client.close()
  })

  test('an answer counts for the request that it was asked about, whatever is sent along, and only once', async () => {
    const ask = async (params: object): Promise<Json> => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'do',
      }
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
      }
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'do', _meta, ...params } }
      const answer = await fetch(`${server.url}/~asked/mcp`, { method: 'POST', headers, body: JSON.stringify(body) })
      return ((await answer.json()) as { readonly result: Json }).result
    }
    const before = await dealsMade()
    const asked = await ask({ arguments: { code: "$.Deal.create({ name: 'Asked', value: 1 })" } })
    expect(asked).toMatchObject({ resultType: 'input_required', requestState: expect.stringMatching(/^approval_/) })
    const inputResponses = { approve: { action: 'accept', content: { approve: true } } }
    const other = { arguments: { code: "$.Deal.create({ name: 'Other', value: 9 })" }, inputResponses }
    const done = await ask({ ...other, requestState: asked['requestState'] })
    expect(done).toMatchObject({ structuredContent: { changes: [expect.stringContaining('"Asked"')] } })
    expect(await ask({ ...other, requestState: asked['requestState'] })).toMatchObject({ isError: true })
    expect(await ask({ ...other, requestState: 'approval_000000000000' })).toMatchObject({ isError: true })
    // An answer without its state is none.
    expect(await ask(other)).toMatchObject({ resultType: 'input_required' })
    expect(await dealsMade()).toBe(before + 1)
  })
})

test('generated programs: a dry run shows what the run does, and an undo restores', { timeout: 60_000 }, async () => {
  const programs = Number(process.env['RUNS'] ?? 8)
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  const { undone, unchanged, thrown } = await checkPrograms(server.url, { programs, seed, tenant: 'programs' })
  expect(undone + unchanged + thrown, `seed ${seed}`).toBe(programs)
})
