// The interface for agents, driven by the official client in both generations of the protocol.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
