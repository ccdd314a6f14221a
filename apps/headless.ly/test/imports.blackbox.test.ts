// Imports on the server that ships: a dry run refuses what the import will refuse, and each way in has the rights of its caller.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import Papa from 'papaparse'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { useServer } from './server.ts'

const importFolder = mkdtempSync(join(tmpdir(), 'headlessly-imports-'))
afterAll(() => rmSync(importFolder, { recursive: true, force: true }))
const { call, tenant, url } = useServer({ start: (dataFolder) => startServer({ dataFolder, port: 0, importFolder }) })

type Json = Readonly<Record<string, unknown>>
type Line = Readonly<{ line: number; reason: string }>

const seed = Math.trunc(Math.random() * 2 ** 31)
const csv = { 'content-type': 'text/csv' }

const send = (path: string, body: string, headers: Readonly<Record<string, string>> = csv) =>
  call('POST', path, body, headers)

async function ended(t: string, started: { readonly body: Json }): Promise<Json> {
  const { id } = started.body['job'] as { readonly id: string }
  const job = async (): Promise<Json> => (await call('GET', `${t}/jobs/${id}`)).body
  await expect.poll(async () => (await job())['state'], { timeout: 20_000 }).not.toBe('running')
  return job()
}

/** The refused rows of a job, by their lines. */
async function refusedBy(t: string, { id }: Json): Promise<readonly Line[]> {
  const answer = await fetch(`${url()}${t}/imports/${String(id)}/refused`)
  const rows = Papa.parse<Readonly<Record<string, string>>>(await answer.text(), { header: true, skipEmptyLines: true })
  return rows.data
    .map((row) => ({ line: Number(row['Line']), reason: row['Reason'] ?? '' }))
    .map(({ line, reason }) => ({ line, reason: reason.replace(/^line \d+: /, '').replace(/^[A-Z]\w*\.\w+: /, '') }))
    .toSorted((a, b) => a.line - b.line)
}

/** Entities of a dry run have other ids. */
function withoutIds(lines: unknown): unknown {
  return JSON.parse(JSON.stringify(lines).replaceAll(/(contact|organization)_\w+/g, '$1'))
}

const cell = fc.record({
  $id: fc.constantFrom('c1', 'c2', 'c3', 'c4', ''),
  name: fc.constantFrom('Ada', 'Bo', 'Cy', ''),
  email: fc.constantFrom('ada@example.com', 'ADA@example.com', 'bo@example.com', 'nonsense', '', ''),
  phone: fc.constantFrom('+49 30 1234', '', '12'),
  leadScore: fc.constantFrom('1', '1.5', 'x', '', '1e400'),
  customerSince: fc.constantFrom('2026-01-31', '31.01.2026', 'soon', '', '2026-02-31'),
  organization: fc.constantFrom('Engines', 'Nobody', 'Twins', '', ''),
  stage: fc.constantFrom('Lead', 'Qualified', 'Customer', 'Nothing', ''),
  metadata: fc.constantFrom('{}', '{', '', '[1]'),
})
const contactFiles = fc.record({
  columns: fc
    .subarray(['$id', 'email', 'phone', 'leadScore', 'customerSince', 'organization', 'stage', 'metadata'] as const)
    .map((some) => ['name', ...some] as const),
  rows: fc.array(cell, { minLength: 5, maxLength: 25 }),
  match: fc.constantFrom(undefined, undefined, '', 'email'),
})
const organization = fc.record({
  $id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  name: fc.constantFrom('A', 'B', 'C', 'Engines', ''),
  parent: fc.constantFrom('a', 'b', 'C', 'e', 'Twins', 'Nobody', ''),
})

const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const files = [
  ...fc.sample(contactFiles, { seed, numRuns: 14 }).map(({ columns, rows, match }) => ({
    noun: 'Contact',
    query: match === undefined ? '' : `&match=${match}`,
    text: [columns.join(','), ...rows.map((row) => columns.map((name) => quoted(row[name])).join(','))].join('\r\n'),
  })),
  ...fc.sample(fc.array(organization, { minLength: 4, maxLength: 20 }), { seed, numRuns: 6 }).map((rows) => ({
    noun: 'Organization',
    query: '',
    text: ['$id,name,parent', ...rows.map((row) => `${row.$id},${row.name},${row.parent}`)].join('\n'),
  })),
]

test.each(files.map((file, at) => [at, file] as const))(
  `the dry run of generated file %i refuses the rows that its import refuses, with their reasons, and changes nothing (seed ${seed})`,
  async (_, { noun, query, text }) => {
    const t = `/~${tenant()}`
    for (const name of ['Engines', 'Twins', 'Twins']) await call('POST', `${t}/Organization`, { name })
    await call('POST', `${t}/Contact`, { name: 'Old', email: 'bo@example.com', stage: 'Customer' })
    const { events } = (await call('GET', `${t}/status`)).body
    const path = `${t}/import/${noun}?file=rows.csv${query}`
    const tried = await send(`${path}&dryRun=true`, text)
    expect((await call('GET', `${t}/status`)).body['events']).toBe(events)
    const started = await send(path, text)
    if (started.status !== 202) {
      expect(tried.body['questions'] ?? [], JSON.stringify([tried.body, started.body])).not.toEqual([])
      return
    }
    const job = await ended(t, started)
    expect([withoutIds(tried.body['refused']), text]).toEqual([withoutIds(await refusedBy(t, job)), text])
    const counts = tried.body['counts'] as { readonly tried: number; readonly refused: number }
    expect(counts).toMatchObject({ tried: job['total'], refused: job['refused'] })
  },
)

test('a dry run names all that is wrong with the mapping, each with its remedy, and the import refuses the same at once', async () => {
  const t = `/~${tenant()}`
  await call('POST', `${t}/Contact`, { name: 'Ada' })
  const text = 'Foo,Bar,Foo,valu,closing\n1,2,3,4,01/02/2026\n'
  const columns = JSON.stringify({ closing: 'expectedCloseDate', Gone: 'value', valu: 'worth' })
  const query = `file=deals.csv&columns=${encodeURIComponent(columns)}&match=unknown&zone=Mars/Base&ids=keep`
  const tried = await send(`${t}/import/Deal?${query}&dryRun=true`, text)
  expect(tried.status).toBe(200)
  const questions = tried.body['questions'] as readonly { readonly option: string; readonly message: string }[]
  expect(questions.map(({ option, message }) => [option, message])).toEqual([
    ['file', "column 'Foo' occurs twice: give each column a name of its own"],
    ['columns', "'columns' names 'Gone', which is no column of the file"],
    ['columns', expect.stringContaining("column 'Bar' is not a field of Deal: name its field in columns")],
    ['columns', expect.stringMatching(/gives 'valu' to 'worth', which is no field of Deal/)],
    ['match', expect.stringContaining("got 'unknown'")],
    ['zone', expect.stringContaining("got 'Mars/Base'")],
    ['ids', expect.stringContaining('no column is the id')],
    ['dates', expect.stringContaining('say dates=dmy or dates=mdy')],
    ['columns', "no column is 'name', which is required: name it in columns, or give all rows one value in values"],
    ['columns', "no column is 'value', which is required: name it in columns, or give all rows one value in values"],
  ])
  const refused = await send(`${t}/import/Deal?${query}`, text)
  expect(refused.status).toBe(422)
  for (const part of ['occurs twice', "'Gone'", "column 'Bar'", "'worth'", "'unknown'", "'Mars/Base'", "'name'"])
    expect(refused.body['detail']).toContain(part)
})

const way = fc.constantFrom('body', 'workbook', 'asset', 'path', 'archive')
const scope = fc.constantFrom(
  'read',
  'read:Contact',
  'write:Contact',
  'write:Organization',
  'verb:Contact',
  'write:Asset',
)
const keyed = fc.uniqueArray(fc.record({ way, scopes: fc.uniqueArray(scope, { minLength: 1, maxLength: 3 }) }), {
  minLength: 24,
  maxLength: 24,
  selector: ({ way: by, scopes }) => `${by} ${scopes.toSorted().join()}`,
})

interface Sent {
  readonly t: string
  readonly text: string
  readonly asset: string
  readonly workbook: Uint8Array<ArrayBuffer>
}
type Headers = Readonly<Record<string, string>>

const ways = {
  body: ({ t, text }: Sent, headers: Headers) => send(`${t}/import/Contact`, text, { ...csv, ...headers }),
  asset: ({ t, asset }: Sent, headers: Headers) =>
    send(`${t}/import/Contact?asset=${asset}`, '', { ...csv, ...headers }),
  path: ({ t }: Sent, headers: Headers) => send(`${t}/import/Contact?path=rows.csv`, '', { ...csv, ...headers }),
  workbook: async ({ t, workbook }: Sent, headers: Headers) => {
    const answer = await fetch(`${url()}${t}/import/Contact?file=a.parquet&match=&unmapped=ignore`, {
      method: 'POST',
      body: workbook,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    })
    return { status: answer.status, body: JSON.parse(await answer.text()) as Json }
  },
  archive: async ({ t }: Sent, headers: Headers) => {
    const parameters = { name: 'archive.json', text: '{}' }
    const calls = [{ kind: 'command', command: 'archive.load', parameters }]
    const answer = await fetch(`${url()}${t}/rpc`, { method: 'POST', body: JSON.stringify({ calls }), headers })
    const text = await answer.text()
    return { status: text.includes('invalid_body') ? 403 : 200, body: { text } }
  },
}

test(`a key imports by each way in only what it may create row by row (seed ${seed})`, async () => {
  const t = `/~${tenant()}`
  await call('POST', `${t}/Contact`, { name: 'Old' })
  const text = 'name\nAda\n'
  writeFileSync(join(importFolder, 'rows.csv'), text)
  const asset = String((await send(`${t}/files?filename=rows.csv`, text)).body['$id'])
  const workbook = new Uint8Array(await (await fetch(`${url()}${t}/export/Contact?format=parquet`)).arrayBuffer())
  const count = async (): Promise<unknown> => (await call('GET', `${t}/Contact/count?strong=true`)).body['count']
  for (const { way: by, scopes } of fc.sample(keyed, { seed, numRuns: 1 })[0] ?? []) {
    const key = await call('POST', `${t}/ApiKey`, { name: 'importer', scopes: scopes.join(',') })
    const headers = { authorization: `Bearer ${String(key.body['key'])}` }
    const mayCreate = (await call('POST', `${t}/Contact`, { name: 'One' }, headers)).status === 201
    const mayRead = (await fetch(`${url()}${t}/files/${asset}`, { headers })).status === 200
    const before = await count()
    const answer = await ways[by]({ t, text, asset, workbook }, headers)
    const isAllowed = {
      body: mayCreate,
      workbook: mayCreate,
      asset: mayCreate && mayRead,
      path: false,
      archive: false,
    }[by]
    const told = `${by} with ${scopes.join()}: ${answer.status} ${JSON.stringify(answer.body)}`
    if (isAllowed) {
      expect(answer.status, told).toBe(202)
      expect(await ended(t, answer), told).toMatchObject({ refused: 0 })
      expect(await count(), told).not.toBe(before)
    } else {
      expect([403, 404], told).toContain(answer.status)
      expect(await count(), told).toBe(before)
    }
  }
})
