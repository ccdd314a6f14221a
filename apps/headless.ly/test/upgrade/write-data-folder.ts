// Saves a data folder of the present version, with the answers that it gives, for `upgrade.long.test.ts`:
// `node --conditions=source apps/headless.ly/test/upgrade/write-data-folder.ts 2026-11-28`, with `-2` for the second of a day.
// The tenant has definitions of its own that change, two flushes, deletions, an entity with many versions, indexes of the
// past, commits of several changes, an undo, a merge, changes after the last flush, a stored function, text of a stranger, an
// import with a refused row, tables of the Nouns, a webhook, books with entries, and an
// erasure.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readLog, verifyTenant } from '../../../../soak/replay-log.ts'
import { build } from '../../build.js'
import { startServer } from '../../src/embedded/launcher.ts'

type Json = Readonly<Record<string, unknown>>

const [name] = process.argv.slice(2)
if (name === undefined || !/^\d{4}-\d{2}(?:-\d{2}(?:-\d)?)?$/.test(name))
  throw new Error('expected the name of a folder')
const tenant = 'acme'
const recorded = ['Contact', 'Organization', 'Deal', 'Ticket', 'Vehicle', 'Activity', 'Ledger', 'JournalEntry']

await build()
const work = mkdtempSync(join(tmpdir(), 'headlessly-upgrade-'))
const flush = JSON.stringify({ intervalMs: 3_600_000, tablesMs: 100 })
const server = await startServer({ dataFolder: join(work, 'data'), port: 0, flush })
const base = `${server.url}/~${tenant}`

await fill()
const expected = await record()
await server.stop()
const folder = join(import.meta.dirname, name)
mkdirSync(folder)
execFileSync('tar', ['-czf', join(folder, 'data.tar.gz'), '-C', work, 'data'])
writeFileSync(join(folder, 'expected.json.gz'), gzipSync(JSON.stringify(expected)))
rmSync(work, { recursive: true })

async function fill(): Promise<void> {
  const organizations = await createMany('Organization', 10, (at) => ({
    name: `Organization ${at}`,
    industry: 'retail',
  }))
  const contacts = await createMany('Contact', 40, (at) => ({
    name: `Contact ${at}`,
    email: `contact-${at}@example.com`,
    leadScore: at,
    organization: organizations[at % 10],
    metadata: { externalId: `x-${at}` },
  }))
  await createMany('Deal', 15, (at) => ({ name: `Deal ${at}`, value: at * 100, contact: contacts[at] }))
  await ask('PUT', 'schema/Vehicle', {
    fields: {
      name: 'string!',
      seats: 'integer(1..60) = 4',
      tags: 'string[]#',
      mood: 'Calm | Busy',
      owner: '-> Organization.vehicles',
      drivers: '-> Contact.drives[]',
      drive: 'Driven',
    },
    state: 'mood',
    transitions: [{ from: ['Calm'], verb: 'drive', to: 'Busy' }],
  })
  const vehicle = (at: number): Json => ({
    name: `Vehicle ${at}`,
    tags: [`tag-${at % 3}`, `tag-${at % 5}`],
    owner: organizations[at % 10],
    drivers: [contacts[at], contacts[at + 1]],
  })
  const vehicles = await createMany('Vehicle', 20, vehicle)
  await ask('POST', 'lake/flush')
  for (const id of contacts.slice(0, 10)) await ask('POST', `Contact/${id}/qualify`, { leadScore: 50 })
  for (const id of vehicles.slice(0, 5)) await ask('POST', `Vehicle/${id}/drive`)
  for (const id of [...contacts.slice(35), ...vehicles.slice(15)]) await ask('DELETE', `${nounOf(id)}/${id}`)
  await ask('PATCH', 'schema/Vehicle', { fields: { plate: 'string?##', mileage: 'number(0..)' } })
  await ask('PATCH', 'schema/Deal', { fields: { churnReason: 'Price | Feature' } })
  for (const [at, id] of vehicles.slice(5, 10).entries())
    await ask('PATCH', `Vehicle/${id}`, { plate: `P-${at}`, mileage: at })
  await transact(contacts.slice(22, 26))
  await ask('POST', 'lake/flush')
  await createMany('Ticket', 12, (at) => ({ subject: `Ticket ${at}`, requester: contacts[at] }))
  await createMany('Vehicle', 3, (at) => ({ ...vehicle(at), plate: `Q-${at}` }))
  for (const id of contacts.slice(10, 15)) await ask('PATCH', `Contact/${id}`, { title: 'Engineer', email: null })
  // More versions than may pass until one is stored whole, and a deleted entity that comes back.
  for (let at = 0; at < 20; at++) await ask('PATCH', `Contact/${contacts[20]}`, { leadScore: 100 + at })
  await ask('POST', `Contact/${contacts[36]}/rollback`, { version: 1 })
  // The past versions up to here are in their indexes, later ones are not yet.
  await ask('GET', `Contact?leadScore=110&asOf=${new Date(Date.now() - 1).toISOString()}`)
  for (let at = 0; at < 3; at++) await ask('PATCH', `Contact/${contacts[21]}`, { leadScore: 200 + at })
  await transact(contacts.slice(26, 30))
  await ask('PUT', 'secrets/mail-password', { value: 'open sesame' })
  await ask('PUT', 'functions/double', { source: '(_, given: number) => given * 2' })
  const { $id: form } = await ask('POST', 'Form', { name: 'Questions', fields: [{ name: 'question', type: 'text' }] })
  await ask('POST', `Form/${String(form)}/publish`)
  await ask('POST', `Form/${String(form)}/submit`, { data: { question: 'Do you ship to Zanzibar?' } })
  await importRows()
  await book()
  // Its pattern names a type that nothing creates, so that no delivery is owed.
  await ask('POST', 'webhooks', { url: 'https://example.com/hook', events: ['Funnel.created'] })
  await erase(contacts[30] ?? '')
}

/** Keeps books, with entries of an invoice, a credit, payments and a refund. */
async function book(): Promise<void> {
  await ask('POST', 'Ledger', {})
  const { $id: invoice } = await ask('POST', 'Invoice/finalize', { subtotal: 10_000, tax: 1_900, currency: 'EUR' })
  await ask('POST', `Invoice/${String(invoice)}/credit`, { amount: 333 })
  await ask('POST', `Invoice/${String(invoice)}/pay`, { amount: 5_000 })
  await ask('POST', `Invoice/${String(invoice)}/markUncollectible`)
  const { $id: payment } = await ask('POST', 'Payment/capture', { amount: 70, currency: 'USD' })
  await ask('POST', `Payment/${String(payment)}/refund`, { amount: 20 })
  const entries = 6
  for (let waits = 0; waits < 100; waits++) {
    if ((await ask('GET', 'JournalEntry/count?strong=true'))['count'] === entries) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the journal did not get ${entries} entries`)
}

async function importRows(): Promise<void> {
  const csv = 'Name,Email,Lead Score\nAda,ada@example.org,7\nBabbage,not an address,8\nCurie,curie@example.org,9\n'
  const headers = { 'content-type': 'text/csv' }
  const answer = await fetch(`${base}/import/Contact?file=people.csv`, { method: 'POST', headers, body: csv })
  const { job } = (await answer.json()) as { readonly job?: { readonly id: string } }
  await ended(`jobs/${job?.id}`)
}

async function erase(contact: string): Promise<void> {
  const { id } = await ask('POST', 'erasures', { ids: [contact], reason: 'request 1' })
  await ended(`erasures/${String(id)}`)
}

async function ended(path: string): Promise<void> {
  for (let waits = 0; waits < 100; waits++) {
    const { state } = await ask('GET', path)
    if (state === 'done') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${path} did not end`)
}

/** Makes commits of several changes: a batch with a key, its undo, a merge with a touched contact, and a plan. */
async function transact([one, other, lost, kept]: readonly string[]): Promise<void> {
  const operations = [one, other].map((id) => ({
    method: 'PATCH',
    path: `/Contact/${id}`,
    body: { title: 'Countess' },
  }))
  const { commit } = await ask('POST', 'batch', { operations }, { 'idempotency-key': `batch-${one}` })
  await ask('POST', `commits/${Number(commit)}/undo`)
  await ask('POST', `Contact/${kept}/merge`, { from: lost })
  await ask('POST', 'Activity', { type: 'Call', subject: 'Hello', contact: kept })
  await ask('PATCH', `Contact/${one}?dryRun=true`, { title: 'Analyst' })
}

async function record(): Promise<Json> {
  const entities: Record<string, readonly Json[]> = {}
  for (const noun of recorded) {
    const { results } = (await ask('GET', `${noun}?sort=$id&limit=100&strong=true`)) as { results: readonly Json[] }
    entities[noun] = results.map(withoutContext)
  }
  const events: Json[] = []
  for await (const event of readLog(base)) events.push({ ...event, data: withoutContext(event.data) })
  const at = String(events[40]?.['timestamp'])
  const contacts = await ask('GET', `Contact/count?asOf=${at}`)
  const replayed = await verifyTenant({ baseUrl: server.url, tenant })
  const definitions = 2
  // The server counts the definitions, which are entities as well.
  const verify = { ...replayed, entities: replayed.entities + definitions, definitions }
  return { ...entities, events, asOf: { at, contacts }, verify }
}

async function createMany(noun: string, count: number, make: (at: number) => Json): Promise<readonly string[]> {
  const ids: string[] = []
  for (let at = 0; at < count; at++) ids.push(String((await ask('POST', noun, make(at)))['$id']))
  return ids
}

function nounOf(id: string): string {
  return id.startsWith('vehicle_') ? 'Vehicle' : 'Contact'
}

function withoutContext(entity: Json): Json {
  return Object.fromEntries(Object.entries(entity).filter(([key]) => key !== '$context'))
}

async function ask(
  method: string,
  path: string,
  body?: Json,
  headers: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const json = { 'content-type': 'application/json' }
  const sent = body === undefined ? { headers } : { body: JSON.stringify(body), headers: { ...json, ...headers } }
  const answer = await fetch(`${base}/${path}`, { method, ...sent })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Json)
}
