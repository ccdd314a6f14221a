// Kills the server with SIGKILL again and again while clients write. Then checks that no acknowledged write is lost or
// applied twice, that no sequence number was skipped, and that effects are whole.
//
//   npm run soak:kill -- --kills 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'
import { RepeatedWrites } from './repeated-writes.ts'
import { type LoggedEvent, verifyTenant } from './replay-log.ts'
import { checkLake } from './check-lake.ts'

export interface KillOptions {
  readonly kills: number
  readonly writers: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillSummary {
  readonly kills: number
  readonly acknowledged: number
  /** Writes that were repeated under their key, because a kill lost their answer. */
  readonly repeated: number
  readonly events: number
  readonly entities: number
  /** Number of times that the lake was checked from outside. */
  readonly checks: number
  readonly revision: number
  readonly tableVersion: number
}

const tenant = 'kill'
/** So small that every step of a flush happens many times a second. Files stay long enough for one check of them. */
const flush = {
  intervalMs: 100,
  eventsMax: 150,
  graceMs: 10_000,
  sealedEvents: 200,
  keptEvents: 300,
  deltaRowsMin: 150,
  rowsPerStep: 100,
}

export async function killUnderWriters(options: KillOptions): Promise<KillSummary> {
  const { kills, writers, seed, log = () => {} } = options
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify(flush) })
  try {
    const random = seededRandom(seed)
    const state: WriterState = {
      url: `${server.url}/~${tenant}`,
      isOver: false,
      writes: new RepeatedWrites(`${server.url}/~${tenant}`),
      logged: [],
    }
    const running = Array.from({ length: writers }, (_, at) => write(state, at))
    const watching = watch(state, join(dataFolder, 'lake'))
    for (let count = 1; count <= kills; count++) {
      await sleep(100 + random() * 500)
      await killServer(server)
      if (count % 10 === 0) log(`${count} kills, ${state.writes.acknowledged} writes acknowledged`)
    }
    await sleep(300)
    state.isOver = true
    await Promise.all(running)
    const checks = await watching
    await checkTouches(state)
    await flushAndVerify(state.url)
    const { events, entities } = await verifyTenant({ baseUrl: server.url, tenant })
    await state.writes.check(tokenOf)
    const { revision, tableVersion, events: archived } = await checkLake(join(dataFolder, 'lake'), tenant)
    if (archived !== events) throw new Error(`the Iceberg table has ${archived} events, the log ${events}`)
    return {
      kills,
      acknowledged: state.writes.acknowledged,
      repeated: state.writes.repeated,
      events,
      entities,
      checks,
      revision,
      tableVersion,
    }
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Checks the lake until the writers are done. Returns the number of checks. */
async function watch(state: WriterState, folder: string): Promise<number> {
  let checks = 0
  for (; !state.isOver; checks++) {
    await checkLake(folder, tenant)
    await sleep(20)
  }
  return checks
}

/** Runs the tenant's own comparison of log, state and files, and expects no fault. */
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
  readonly writes: RepeatedWrites
  /** Logged activities, with the contact that each must update. */
  readonly logged: { readonly contact: string; readonly timestamp: string }[]
}

/** One writer: creates contacts, changes them and logs activities, each write under its own key. */
async function write(state: WriterState, writer: number): Promise<void> {
  let contact: { $id: string } | undefined
  for (let count = 0; !state.isOver; count++) {
    const token = `w${writer}n${count}`
    if (contact === undefined || count % 7 === 0) {
      contact = await state.writes.send({
        token,
        route: 'POST /Contact',
        fields: { name: token, email: `${token}@example.com` },
      })
    } else if (count % 5 === 0) {
      const activity = await state.writes.send({
        token,
        route: 'POST /Activity/log',
        fields: { subject: token, contact: contact.$id },
      })
      state.logged.push({ contact: contact.$id, timestamp: activity.$updatedAt })
    } else {
      await state.writes.send({ token, route: `PATCH /Contact/${contact.$id}`, fields: { title: token } })
    }
  }
}

function tokenOf(event: LoggedEvent): string | undefined {
  if (event.via === 'effect') return undefined
  const field = event.type === 'Contact.Created' ? 'name' : event.type === 'Activity.Logged' ? 'subject' : 'title'
  return String(event.data[field])
}

/** Checks that each contact was touched by its newest activity, in the same commit. */
async function checkTouches(state: WriterState): Promise<void> {
  const newest = new Map<string, string>()
  for (const { contact, timestamp } of state.logged)
    if ((newest.get(contact) ?? '') < timestamp) newest.set(contact, timestamp)
  for (const [id, timestamp] of newest) {
    const contact = (await (await fetch(`${state.url}/Contact/${id}?strong=true`)).json()) as {
      lastEngagement?: string
    }
    if ((contact.lastEngagement ?? '') < timestamp)
      throw new Error(`contact ${id} was not touched by its activity of ${timestamp}`)
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
  console.log(`nothing lost, nothing applied twice: ${JSON.stringify(summary)}`)
}
