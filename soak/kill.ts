// Kills the server with SIGKILL again and again under writers, and then looks whether anything that was acknowledged is
// missing, anything happened twice, any number was skipped, or any owed work was not done.
//
//   npm run soak:kill -- --kills 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'
import { makeRandom } from './seeded-random.ts'
import { type LoggedEvent, readLog, verifyTenant } from './verify-tenant.ts'
import { lookAtLake } from './watch-lake.ts'

export interface KillOptions {
  readonly kills: number
  readonly writers: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillSummary {
  readonly kills: number
  readonly acknowledged: number
  /** Writes whose answer the kill swallowed, and that were then repeated under their key. */
  readonly repeated: number
  readonly events: number
  readonly entities: number
  /** How often the lake was looked at from outside, and what its readers had in the end. */
  readonly looks: number
  readonly revision: number
  readonly tableVersion: number
}

interface Acknowledged {
  readonly id: string
  readonly version: number
  /** What only this write put into the log. */
  readonly token: string
}

const tenant = 'kill'
/** So small that each kind of step happens many times a second; files stay long enough for one look at them. */
const flush = {
  intervalMs: 100,
  eventsMax: 150,
  graceMs: 10_000,
  sealedEvents: 200,
  keptEvents: 300,
  deltaRowsMin: 150,
  rowsPerStep: 100,
}
const settleMs = 30_000

export async function killUnderWriters(options: KillOptions): Promise<KillSummary> {
  const { kills, writers, seed, log = () => {} } = options
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify(flush) })
  try {
    const random = makeRandom(seed)
    const state: WriterState = {
      url: `${server.url}/~${tenant}`,
      isOver: false,
      acknowledged: [],
      repeated: 0,
      logged: [],
    }
    const running = Array.from({ length: writers }, (_, at) => write(state, at))
    const watching = watch(state, join(dataFolder, 'lake'))
    for (let count = 1; count <= kills; count++) {
      await sleep(100 + random() * 500)
      await killServer(server)
      if (count % 10 === 0) log(`${count} kills, ${state.acknowledged.length} writes acknowledged`)
    }
    await sleep(300)
    state.isOver = true
    await Promise.all(running)
    const looks = await watching
    await untilOwedIsDone(state)
    await flushAndVerify(state.url)
    const { events, entities } = await verifyTenant({ baseUrl: server.url, tenant })
    await checkAcknowledged(state)
    const { revision, tableVersion, events: archived } = await lookAtLake(join(dataFolder, 'lake'), tenant)
    if (archived !== events) throw new Error(`the Iceberg table has ${archived} events, the log ${events}`)
    return {
      kills,
      acknowledged: state.acknowledged.length,
      repeated: state.repeated,
      events,
      entities,
      looks,
      revision,
      tableVersion,
    }
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Looks at the lake for as long as there are writers; tells how often. */
async function watch(state: WriterState, folder: string): Promise<number> {
  let looks = 0
  for (; !state.isOver; looks++) {
    await lookAtLake(folder, tenant)
    await sleep(20)
  }
  return looks
}

/** The tenant's own comparison of log, state and files finds nothing. */
async function flushAndVerify(url: string): Promise<void> {
  for (const command of ['flush', 'verify']) {
    const answer = await fetch(`${url}/lake/${command}`, { method: 'POST' })
    const report = (await answer.json()) as { readonly faults?: readonly string[] }
    if (!answer.ok || (report.faults?.length ?? 0) > 0) throw new Error(`${command}: ${JSON.stringify(report)}`)
  }
}

interface WriterState {
  readonly url: string
  isOver: boolean
  readonly acknowledged: Acknowledged[]
  repeated: number
  /** Activities that were logged, and the contact that each has to touch. */
  readonly logged: { readonly contact: string; readonly timestamp: string }[]
}

/** One writer: a contact, changes to it, activities about it, each under a key of its own. */
async function write(state: WriterState, writer: number): Promise<void> {
  let contact: { $id: string } | undefined
  for (let count = 0; !state.isOver; count++) {
    const token = `w${writer}n${count}`
    if (contact === undefined || count % 7 === 0) {
      contact = await send(state, token, 'POST', '/Contact', { name: token, email: `${token}@example.com` })
    } else if (count % 5 === 0) {
      const activity = await send(state, token, 'POST', '/Activity/log', { subject: token, contact: contact.$id })
      state.logged.push({ contact: contact.$id, timestamp: activity.$updatedAt })
    } else {
      await send(state, token, 'PATCH', `/Contact/${contact.$id}`, { title: token })
    }
  }
}

interface Answered {
  readonly $id: string
  readonly $version: number
  readonly $updatedAt: string
}

/** Repeats a write under its key until it is answered. */
async function send(
  state: WriterState,
  token: string,
  method: string,
  path: string,
  fields: object,
): Promise<Answered> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(state.url + path, {
        method,
        headers: { 'content-type': 'application/json', 'idempotency-key': token },
        body: JSON.stringify(fields),
        signal: AbortSignal.timeout(10_000),
      })
      const text = await answer.text()
      if (answer.status >= 500) throw new TypeError(`status ${answer.status}`)
      if (!answer.ok) throw new Error(`${method} ${path} was refused: ${text}`)
      const entity = JSON.parse(text) as Answered
      state.acknowledged.push({ id: entity.$id, version: entity.$version, token })
      if (attempt > 0) state.repeated += 1
      return entity
    } catch (error) {
      // A connection that broke says nothing about the write: ask again. A refusal is a fault.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error
      if (attempt > 600) throw error
      await sleep(50)
    }
  }
}

/** Every acknowledged write is in the log, once, at its version. */
async function checkAcknowledged(state: WriterState): Promise<void> {
  const times = new Map<string, number>()
  const versions = new Set<string>()
  for await (const event of readLog(state.url)) {
    versions.add(`${event.target} ${event.version}`)
    const token = tokenOf(event)
    if (token !== undefined) times.set(token, (times.get(token) ?? 0) + 1)
  }
  for (const { id, version, token } of state.acknowledged) {
    if (!versions.has(`${id} ${version}`))
      throw new Error(`lost: ${token} was acknowledged as version ${version} of ${id}`)
    if (times.get(token) !== 1) throw new Error(`${token} is in the log ${times.get(token) ?? 0} times`)
  }
}

function tokenOf(event: LoggedEvent): string | undefined {
  if (event.via === 'hook') return undefined
  const field = event.type === 'Contact.Created' ? 'name' : event.type === 'Activity.Logged' ? 'subject' : 'title'
  return String(event.data[field])
}

/** What AFTER handlers owe: each contact was touched at or after its newest activity. */
async function untilOwedIsDone(state: WriterState): Promise<void> {
  const newest = new Map<string, string>()
  for (const { contact, timestamp } of state.logged)
    if ((newest.get(contact) ?? '') < timestamp) newest.set(contact, timestamp)
  const deadline = Date.now() + settleMs
  for (const [id, timestamp] of newest) {
    for (;;) {
      const contact = (await (await fetch(`${state.url}/Contact/${id}?strong=true`)).json()) as {
        lastEngagement?: string
      }
      if ((contact.lastEngagement ?? '') >= timestamp) break
      if (Date.now() > deadline) throw new Error(`owed: ${id} was not touched by its activity of ${timestamp}`)
      await sleep(100)
    }
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      writers: { type: 'string', default: '32' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await killUnderWriters({
    kills: Number(values.kills),
    writers: Number(values.writers),
    seed,
    log: console.log,
  })
  console.log(`nothing lost, nothing twice: ${JSON.stringify(summary)}`)
}
