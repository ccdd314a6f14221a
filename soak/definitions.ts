// Changes definitions again and again while clients write and the server is killed. Then checks that nothing was lost or
// applied twice, that no request was answered 500, and that log, state and files agree.
//
//   npm run soak:definitions -- --kills 20

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

export interface DefinitionsOptions {
  readonly kills: number
  readonly writers: number
  readonly seed: number
}

export interface DefinitionsSummary {
  readonly acknowledged: number
  /** Changes of definitions that were accepted, and those that were refused since something was in use. */
  readonly changed: number
  readonly refused: number
  readonly repeated: number
  readonly events: number
}

interface State {
  readonly writes: RepeatedWrites
  readonly random: () => number
  isOver: boolean
  changed: number
  refused: number
}

const tenant = 'definitions'
const flush = { intervalMs: 100, eventsMax: 150, graceMs: 10_000, deltaRowsMin: 150, rowsPerStep: 100 }
const base = { name: 'string!', plate: 'string!##', note: 'string?', drive: 'Driven' }
const texts = ['string?', 'number?', 'integer(0..100)', 'string[]#', 'A | B', 'boolean?#', '-> Contact.drives']
const optional = ['x0', 'x1', 'x2', 'x3'] as const

export async function changeUnderWriters({ kills, writers, seed }: DefinitionsOptions): Promise<DefinitionsSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-definitions-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify(flush) })
  const url = `${server.url}/~${tenant}`
  const state: State = {
    writes: new RepeatedWrites(url),
    random: seededRandom(seed),
    isOver: false,
    changed: 0,
    refused: 0,
  }
  try {
    await define(state, { token: 'first', route: 'PUT /schema/Vehicle', fields: { fields: base } })
    const running = [...Array.from({ length: writers }, (_, index) => write(state, index)), changeDefinitions(state)]
    for (let count = 1; count <= kills; count++) {
      await sleep(200 + state.random() * 500)
      await killServer(server)
    }
    await sleep(500)
    state.isOver = true
    await Promise.all(running)
    for (const command of ['verify', 'flush', 'verify', 'rebuild', 'verify']) await run(url, command)
    const { events } = await verifyTenant({ baseUrl: server.url, tenant })
    await state.writes.check(tokenOf)
    const { changed, refused } = state
    const { acknowledged, repeated } = state.writes
    return { acknowledged, changed, refused, repeated, events }
  } finally {
    state.isOver = true
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** One writer: creates and changes vehicles and contacts, with fields that may be there or not. */
async function write(state: State, writer: number): Promise<void> {
  const { writes } = state
  let [vehicle, contact] = ['', '']
  for (let count = 0; !state.isOver; count++) {
    const token = `w${writer}n${count}`
    if (count % 4 === 0) {
      const fields = { name: token, plate: token, ...someValue(state) }
      const created = await writes.trySend({ token, route: 'POST /Vehicle', fields }, [422])
      vehicle = created?.$id ?? vehicle
    } else if (count % 4 === 1 && vehicle !== '') {
      const fields = { note: token, ...someValue(state) }
      await writes.trySend({ token, route: `PATCH /Vehicle/${vehicle}`, fields }, [422])
    } else if (count % 4 === 2) {
      contact = (await writes.send({ token, route: 'POST /Contact', fields: { name: token } })).$id
    } else if (contact !== '') {
      const fields = { title: token, ...(state.random() < 0.3 ? { extra: 'A' } : {}) }
      await writes.trySend({ token, route: `PATCH /Contact/${contact}`, fields }, [422])
    }
  }
}

/** Sometimes a value for a field that some definitions have. */
function someValue({ random }: State): object {
  if (random() < 0.7) return {}
  const values = ['text', 7, ['a', 'b'], 'A', true, null]
  return { [pick(optional, random)]: pick(values, random) }
}

async function changeDefinitions(state: State): Promise<void> {
  const { random } = state
  for (let count = 0; !state.isOver; count++) {
    const token = `d${count}`
    const kind = random()
    if (kind < 0.6) {
      const some = optional.filter(() => random() < 0.5).map((name) => [name, pick(texts, random)] as const)
      const fields = { ...base, ...Object.fromEntries(some) }
      await define(state, { token, route: 'PUT /schema/Vehicle', fields: { fields } })
    } else if (kind < 0.8) {
      const extra = random() < 0.5 ? null : 'A | B'
      await define(state, { token, route: 'PATCH /schema/Contact', fields: { fields: { extra } } })
    } else {
      const route = random() < 0.5 ? 'PUT /schema/Trip' : 'DELETE /schema/Trip'
      await define(state, { token, route, fields: { fields: { by: '-> Vehicle.trips' } } })
    }
    await sleep(20)
  }
}

/** A change may be refused, since something is in use or is not there. */
async function define(state: State, change: { token: string; route: string; fields: object }): Promise<void> {
  const { status, body } = await state.writes.ask(change)
  if (status < 300) state.changed += 1
  else if ([400, 404, 409].includes(status)) state.refused += 1
  else throw new Error(`${change.route} answered ${status}: ${JSON.stringify(body)}`)
}

async function run(url: string, command: string): Promise<void> {
  const answer = await fetch(`${url}/lake/${command}`, { method: 'POST' })
  const report = (await answer.json()) as { readonly faults?: readonly string[] }
  if (!answer.ok || (report.faults?.length ?? 0) > 0) throw new Error(`${command}: ${JSON.stringify(report)}`)
}

function tokenOf({ type, data }: LoggedEvent): string | undefined {
  const fields: Readonly<Record<string, string>> = {
    'Vehicle.Created': 'name',
    'Vehicle.Updated': 'note',
    'Contact.Created': 'name',
    'Contact.Updated': 'title',
  }
  const field = fields[type]
  return field === undefined ? undefined : String(data[field])
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      writers: { type: 'string', default: '16' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await changeUnderWriters({ kills: Number(values.kills), writers: Number(values.writers), seed })
  console.log(`nothing lost, nothing applied twice, no fault: ${JSON.stringify(summary)}`)
}
