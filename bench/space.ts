// Bytes in the tenant's database per event of an invented year of business: entities are created, change several times, and
// few are deleted. Every write has an idempotency key, as the client gives it. The database is read by `node:sqlite`, which
// Node 20 lacks.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { seededRandom } from '@dotdo/db'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import type { Finding } from './report.ts'

const eventsMax = 20_000
/** Half of what it took before the log stored only what cannot be derived: 1,028. */
const bytesPerEventMax = 514
const tenant = 'space'
/** Calls of one tick are one message, which has room for this many. */
const callsPerMessage = 100

export async function benchSpace(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-space-'))
  try {
    // Without a flush, so that no text leaves the log.
    const server = await startServer({
      dataFolder: folder,
      port: 0,
      flush: '{"intervalMs":3600000,"eventsMax":50000}',
    })
    let events: number
    try {
      events = await writeYear(server.url)
    } finally {
      await server.stop()
    }
    return await measure(folder, events)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Write = () => Promise<unknown>

/** Returns the number of events. */
async function writeYear(url: string): Promise<number> {
  const $ = Headlessly({ tenant, endpoint: url })
  const random = seededRandom(1)
  const contacts: string[] = []
  const deals: string[] = []
  let events = 0
  const pick = (ids: readonly string[]): string => ids[Math.floor(random() * ids.length)] ?? ''
  const contact =
    (at: number): Write =>
    async () => {
      const made = await $.Contact.create({
        name: `Person Number ${at}`,
        email: `person.${at}@example-${at % 97}.com`,
        stage: 'Lead',
        title: 'Head of Engineering',
        leadScore: at % 100,
      })
      contacts.push(made.$id)
    }
  const deal =
    (at: number): Write =>
    async () => {
      const made = await $.Deal.create({ name: `Deal ${at}`, value: at % 1_000, contact: pick(contacts) })
      deals.push(made.$id)
    }
  const next = (at: number): Write => {
    const share = random()
    if (share < 0.12 || contacts.length < 100) return contact(at)
    if (share < 0.2 || deals.length < 100) return deal(at)
    if (share < 0.45) {
      const data = { type: 'Call', subject: `Call ${at}`, contact: pick(contacts), deal: pick(deals) } as const
      return () => $.Activity.create(data)
    }
    if (share < 0.55) return () => $.Event.create({ name: 'page_viewed', properties: { path: `/pricing/${at % 50}` } })
    if (share < 0.75) return () => $.Contact.update(pick(contacts), { leadScore: at })
    if (share < 0.98) return () => $.Deal.update(pick(deals), { value: at })
    return () => $.Contact.update(pick(contacts), { title: `Title ${at}`, phone: `+49 ${at}` })
  }
  while (events < eventsMax) {
    const writes = Array.from({ length: callsPerMessage }, (_, at) => next(events + at))
    await Promise.all(writes.map((write) => write()))
    events += writes.length
  }
  return events
}

async function measure(folder: string, events: number): Promise<Finding[]> {
  const what = 'bytes in the database per event of a year of business'
  const target = `at most ${bytesPerEventMax}`
  const sqlite = await import('node:sqlite').catch(() => undefined)
  if (sqlite === undefined) return [{ what, target, measured: 'not measured: this Node has no node:sqlite' }]
  const files = readdirSync(join(folder, 'objects'), { recursive: true, encoding: 'utf8' })
  const sizes = files
    .filter((file) => file.endsWith('.sqlite'))
    .map((file) => {
      const database = new sqlite.DatabaseSync(join(folder, 'objects', file))
      const rows = database.prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name').all()
      database.close()
      return rows.map(({ name, bytes }) => ({ name: String(name), bytes: Number(bytes) }))
    })
  const tables = sizes.toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? []
  const bytes = sumOf(tables) / events
  const largest = tables.toSorted((a, b) => b.bytes - a.bytes).slice(0, 12)
  return [
    { what, target, measured: `${bytes.toFixed(0)} (${events} events)`, isMet: bytes <= bytesPerEventMax },
    {
      what: 'of which',
      target: '',
      measured: largest.map((table) => `${table.name} ${(table.bytes / events).toFixed(0)}`).join(', '),
    },
  ]
}

function sumOf(tables: readonly { readonly bytes: number }[]): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0)
}
