// `headlessly mcp`, started by the official client as its server, and the addresses of the interface.

import { resolve } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant, call } = useServer()
const program = resolve(import.meta.dirname, '../bin/headlessly.js')

const generations = [
  ['2026-07-28', { versionNegotiation: { mode: 'auto' } }],
  ['2025-11-25', {}],
] as const

test('the address without a tenant is that of the only one, and else names them all', async () => {
  const only = tenant()
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const accept = { accept: 'application/json, text/event-stream' }
  expect(await call('POST', '/mcp', ping, accept)).toMatchObject({ status: 404, body: { field: 'path' } })
  await call('POST', `/~${only}/Contact`, { name: 'Ada' })
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url()}/mcp`)))
  const found = await client.callTool({ name: 'search', arguments: { type: 'Contact' } })
  expect(found.structuredContent).toMatchObject({ results: [{ name: 'Ada' }] })
  await client.close()
  const other = tenant()
  await call('POST', `/~${other}/Contact`, { name: 'Bob' })
  const { body } = await call('POST', '/mcp', ping, accept)
  expect(body['detail']).toContain(`/~${only}/mcp`)
  expect(body['detail']).toContain(`/~${other}/mcp`)
  expect(await call('GET', '/mcp')).toMatchObject({ status: 405 })
})

test.each(generations)('a client of %s works by stdin and stdout', async (_, options) => {
  const client = new Client({ name: 'test', version: '1.0.0' }, options)
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant(), PATH: process.env['PATH'] ?? '' }
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [program, 'mcp'], env }))
  try {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['search', 'fetch', 'do'])
    const made = await client.callTool({ name: 'do', arguments: { code: "$.Contact.create({ name: 'Ada' })" } })
    expect(made.structuredContent).toMatchObject({ result: { name: 'Ada' } })
    const calls = Array.from({ length: 20 }, () => client.callTool({ name: 'search', arguments: { type: 'Contact' } }))
    for (const { structuredContent } of await Promise.all(calls))
      expect(structuredContent).toMatchObject({ results: [{ name: 'Ada' }] })
  } finally {
    await client.close()
  }
})

test('a client on stdin and stdout that can ask its person makes a change that needs consent, once', async () => {
  const acme = tenant()
  const approvals = [{ name: 'Deals', types: ['Deal'], callers: ['agent'] }]
  expect((await call('PUT', `/~${acme}/rules`, { approvals })).status).toBe(200)
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: acme, PATH: process.env['PATH'] ?? '' }
  const answers = ['accept', 'decline'] as const
  let asked = 0
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { form: {} } } },
  )
  client.setRequestHandler('elicitation/create', ({ params }) => {
    expect(params.message).toContain('Deal.Created')
    const action = answers[asked++] ?? 'decline'
    return action === 'accept' ? { action, content: { approve: true } } : { action }
  })
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [program, 'mcp'], env }))
  const code = "return (await $.Deal.create({ name: 'Engine', value: 5 })).name"
  try {
    const made = await client.callTool({ name: 'do', arguments: { code } })
    expect(made.structuredContent).toMatchObject({ result: 'Engine', commit: expect.any(Number) })
    expect(await client.callTool({ name: 'do', arguments: { code } })).toMatchObject({ isError: true })
  } finally {
    await client.close()
  }
  expect(asked).toBe(2)
  expect((await call('GET', `/~${acme}/Deal/count?strong=true`)).body).toMatchObject({ count: 1 })
})

test('a server that cannot be reached is an error of each request', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const env = { HEADLESSLY_ENDPOINT: 'http://127.0.0.1:9', HEADLESSLY_TENANT: 'acme', PATH: process.env['PATH'] ?? '' }
  const connecting = client.connect(
    new StdioClientTransport({ command: process.execPath, args: [program, 'mcp'], env }),
  )
  await expect(connecting).rejects.toThrow('http://127.0.0.1:9/~acme/mcp')
  await client.close()
})
