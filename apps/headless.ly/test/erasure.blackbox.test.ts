// Erasures on the server that ships: no byte of the data folder has a planted value afterwards, a restored backup erases again,
// and every table of every database has an eraser in the documentation.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { textsIn } from '../../../packages/@dotdo/do/test/texts-in-bytes.ts'
import { type Server, startServer } from '../src/embedded/launcher.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-erasure-'))
const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Json = Readonly<Record<string, unknown>>

async function send(server: Server, path: string, body?: object, key?: string): Promise<Json> {
  const answer = await fetch(`${server.url}/~acme${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Json)
}

/** Reads from the first request on, and finds no planted word in any answer, be it of a file, the database or a refusal. */
async function readUntilOpen(server: Server, contact: string): Promise<void> {
  const paths = ['/Contact', `/Contact/${contact}`, `/Contact/${contact}?strong=true`, '/events?limit=1000', '/Message']
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const answers = await Promise.all(
      paths.map(async (path) => {
        const answer = await fetch(`${server.url}/~acme${path}`)
        expect(await answer.text(), path).not.toMatch(new RegExp(secrets.join('|')))
        return answer.status
      }),
    )
    if (answers.every((status) => status === 200)) return
    expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([])
  }
  throw new Error('the tenant did not open in time')
}

const start = (dataFolder: string): Promise<Server> =>
  startServer({ dataFolder, port: 0, flush: JSON.stringify({ keptEvents: 5, sealedEvents: 10 }) })

/** Words that nothing else contains, and that no index can shorten by what is before them. */
const secrets = ['qzvjane', 'wxqmail', 'zzkbody', 'jjxnote', 'vqqcomment', 'kxzanswer', 'qjqplan', 'xxvrun'] as const
const [name, mail, body, note, comment, answered, planned, ran] = secrets

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Returns each planted word that is in a file, with the file's name. */
function found(path: string): readonly string[] {
  return filesIn(path).flatMap((file) => {
    const texts = textsIn(readFileSync(file)).map((text) => text.toLowerCase())
    return secrets
      .filter((word) => texts.some((text) => text.includes(word)))
      .map((word) => `${word} in ${file.slice(path.length)}`)
  })
}

async function populate(server: Server): Promise<string> {
  const steps = [{ action: 'Contact.get', mapping: { id: 'ticket.requester' } }]
  const workflow = await send(server, '/Workflow', { name: 'Notes', triggerEvent: 'Ticket.Created', steps })
  await send(server, `/Workflow/${String(workflow['$id'])}/activate`, {})
  const contact = String(
    (await send(server, '/Contact', { name, email: `${mail}@example.org`, metadata: { note } }))['$id'],
  )
  const ticket = (await send(server, '/Ticket', { subject: `${ran} asks`, requester: contact }))['$id']
  await send(server, '/Message', { body: `Dear ${body}`, recipient: contact })
  await send(server, '/Comment', { body: comment, about: ticket })
  const operations = [{ id: 'a', method: 'POST', path: '/Comment', body: { body: answered, about: contact } }]
  await send(server, '/batch', { operations }, 'k1')
  await send(server, '/Contact?dryRun=true', { name: planned })
  await untilRun(server)
  await send(server, '/lake/flush', {})
  for (let n = 0; n < 12; n++) {
    const path = `${server.url}/~acme/Contact/${contact}`
    await fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `${name} ${n}` }),
    })
  }
  await send(server, '/lake/flush', {})
  await fetch(`${server.url}/~acme/Contact?filter=${encodeURIComponent(JSON.stringify({ $text: name }))}`)
  return contact
}

/** Waits for the run of the workflow, whose results have the contact. */
async function untilRun(server: Server): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (JSON.stringify(await send(server, '/WorkflowRun?strong=true')).includes(`"name":"${name}"`)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the workflow did not run in time')
}

async function untilDone(server: Server, id: string): Promise<Json> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const answer = await fetch(`${server.url}/~acme/erasures/${id}`)
    const erasure = answer.ok ? ((await answer.json()) as Json) : {}
    if (erasure['state'] === 'done') return erasure
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the erasure did not end in time')
}

test('no byte of the data folder has a planted value after an erasure, and a restored backup erases again', async () => {
  let server = await start(data)
  const contact = await populate(server)
  await server.stop()
  cpSync(data, backup, { recursive: true })
  const before = found(data)
  for (const word of secrets)
    expect(
      before.filter((line) => line.startsWith(word)),
      word,
    ).not.toEqual([])
  for (const part of ['/objects/', '/contact/data/', '/events/data/'])
    expect(
      before.some((line) => line.includes(part)),
      part,
    ).toBe(true)

  server = await start(data)
  const { id } = await send(server, '/erasures', { ids: [contact] })
  const certificate = await untilDone(server, String(id))
  expect(JSON.stringify(certificate)).not.toMatch(new RegExp(secrets.join('|')))
  expect(found(join(data, 'lake'))).toEqual([])
  for (const path of [
    '/events?limit=1000',
    `/Contact/${contact}`,
    `/Contact/${contact}/history`,
    '/Message',
    '/WorkflowRun',
    '/Comment',
    '/status',
    '/audit',
  ])
    expect(JSON.stringify(await send(server, path)), path).not.toMatch(new RegExp(secrets.join('|')))
  expect(await send(server, '/lake/verify', {})).toMatchObject({ isWhole: true, faults: [] })
  await server.stop()
  // Free pages of the databases are overwritten at the next start.
  server = await start(data)
  await server.stop()
  expect(found(data)).toEqual([])

  cpSync(join(data, 'lake/acme/erasures.json'), join(backup, 'lake/acme/erasures.json'))
  server = await start(backup)
  await readUntilOpen(server, contact)
  await untilDone(server, String(id))
  expect(await send(server, '/lake/verify', {})).toMatchObject({ isWhole: true, faults: [] })
  await server.stop()
  server = await start(backup)
  await server.stop()
  expect(found(backup)).toEqual([])
}, 120_000)

test('every table of every database is documented with its eraser, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/storage-schema.md'), 'utf8')
  const [, ofTenant = '', ofRegistry = '', ofDirectory = ''] = page.split(
    /^## (?:One tenant, one SQLite database|The registry|The directory)$/m,
  )
  const places = {
    'headless.ly-tenants': ofTenant,
    'headless.ly-registry': ofRegistry,
    'headless.ly-directory': ofDirectory.split('\n## ')[0] ?? '',
  }
  for (const [place, section] of Object.entries(places)) {
    const documented = erasersOf(section)
    const made = new Set(
      filesIn(join(data, 'objects', place))
        .filter((file) => file.endsWith('.sqlite'))
        .flatMap(tablesOf),
    )
    if (made.size === 0) continue
    for (const table of made)
      expect(documented.get(table), `${place}: ${table}`).toMatch(/^(?:entities|requests|files|account|expiry|none: )/)
    for (const table of documented.keys()) if (!optional.has(table)) expect(made, `${place}: ${table}`).toContain(table)
  }
})

/** Made when a pattern first needs it, for Nouns with indexed lists, or with a model of vectors. */
const optional = new Set(['Contact/grams', 'Contact/list tags:text[]', 'vectors', 'vectors_due'])

function erasersOf(section: string): ReadonlyMap<string, string> {
  const rows = section.split('\n').filter((line) => line.startsWith('| `') && line.split('|').length === 7)
  return new Map(
    rows.map((row) => [
      row
        .split('|')[1]
        ?.trim()
        .replace(/^`"?|"?`$/g, '') ?? '',
      row.split('|')[5]?.trim() ?? '',
    ]),
  )
}

/** The tables of all Nouns are documented as those of `Contact`; SQLite's own tables hold parts of others. */
function tablesOf(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    return rows
      .map((row) => String(row['name']))
      .filter((table) => !table.startsWith('_cf_') && !table.startsWith('sqlite_') && !/\/(?:text|grams)_/.test(table))
      .map((table) =>
        table.replace(/^[A-Z][A-Za-z0-9]*(\/list ).*/, 'Contact$1tags:text[]').replace(/^[A-Z][A-Za-z0-9]*/, 'Contact'),
      )
  } finally {
    database.close()
  }
}
