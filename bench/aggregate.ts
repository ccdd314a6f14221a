// Aggregates and metrics: groups over 100,000 entities against plain SQLite with the same rows and SQL, over files against
// DuckDB if it is installed, and a year of monthly recurring revenue by the day.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { manifestKey, parseManifest } from '@dotdo/db'
import { Headlessly } from '@headlessly/sdk'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { hasDuckDB } from '../packages/@dotdo/db/test/duckdb.ts'
import { advanceClock } from './advance-clock.ts'
import { askDuckdb } from './duckdb-process.ts'
import { median } from './load.ts'
import { benchMaintained } from './maintained.ts'
import { atMost, type Finding } from './report.ts'

const deals = 100_000
const runs = 7
const idleWaitsMax = 600
/** The jobs that follow the creation of entities. */
const following = new Set(['full-text', 'flush', 'publish', 'compaction', 'archive'])
const subscriptions = 250
const stages = ['Prospecting', 'Qualification', 'Proposal', 'Negotiation'] as const

export async function benchAggregate(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-aggregate-'))
  const server = await startServer({ dataFolder: folder, port: 0 })
  try {
    return [...(await groups(server, join(folder, 'lake'))), await series(server), ...benchMaintained()]
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Row {
  readonly name: string
  readonly value: number
  readonly stage: (typeof stages)[number]
  readonly expectedCloseDate: string
}

function rowAt(at: number): Row {
  const day = new Date(Date.UTC(2025, 0, 1 + (at % 700))).toISOString().slice(0, 10)
  return {
    name: `Deal ${at}`,
    value: (at * 7_919) % 100_000,
    stage: stages[at % 4] ?? 'Prospecting',
    expectedCloseDate: day,
  }
}

async function groups(server: Server, lake: string): Promise<Finding[]> {
  const $ = Headlessly({ tenant: 'aggregate', endpoint: server.url, timeoutMs: 300_000 })
  const step = 10_000
  for (let start = 0; start < deals; start += step)
    await $.Deal.createMany(Array.from({ length: step }, (_, at) => rowAt(start + at)))
  await $.lake.flush()
  const query = 'by=stage,month(expectedCloseDate)&sum=value&avg=value'
  const address = `${server.url}/~aggregate/Deal/aggregate?${query}`
  await untilIdle($)
  const sqlite = plainSqlite()
  const plainTimes: number[] = []
  // In turn, since the machine may be busier in one minute than in the next.
  const object = await timed(
    () => answer(`${address}&strong=true`),
    () => plainTimes.push(sqlite.ask()),
  )
  sqlite.close()
  const plain = median(plainTimes)
  // Each has a condition of its own, so that no answer is cached.
  const files = await timed((at) => answer(`${address}&filter={"value":{"$gte":${-1 - at}}}`))
  const detail = (ms: number, other: number, name: string): string =>
    `${ms.toFixed(0)} ms over HTTP, ${name} ${other.toFixed(0)} ms`
  const what = `${deals / 1_000}k entities in ${object.groups} groups`
  const findings = [atMost(`${what}: object against SQLite`, 3, object.ms / plain, detail(object.ms, plain, 'SQLite'))]
  if (!hasDuckDB)
    return [
      ...findings,
      { what: `${what}: files`, target: 'DuckDB is not installed', measured: `${files.ms.toFixed(0)} ms` },
    ]
  const sql = `SELECT stage, strftime("expectedCloseDate", '%Y-%m'), count(*), sum("value"), avg("value") FROM read_parquet([${filesOfDeals(lake)}], union_by_name = true) GROUP BY ALL`
  const duck = askDuckdb({ warmUp: 'SELECT 1', query: sql, runs })
  return [
    ...findings,
    atMost(`${what}: files against DuckDB`, 3, files.ms / duck.ms, detail(files.ms, duck.ms, 'DuckDB')),
  ]
}

/** No deal has changed since it was created, so no row of one file hides another's. */
function filesOfDeals(lake: string): string {
  const key = manifestKey('aggregate')
  const { nouns } = parseManifest(readFileSync(join(lake, key), 'utf8'), key)
  return [...(nouns['Deal']?.base ?? []), ...(nouns['Deal']?.deltas ?? [])]
    .map((file) => `'${join(lake, file.key)}'`)
    .join(', ')
}

/** The words of the entities that were just created are indexed in slices, which take turns with those of the aggregate. */
async function untilIdle($: ReturnType<typeof Headlessly>): Promise<void> {
  for (let waits = 0; waits < idleWaitsMax; waits++) {
    const { jobs } = await $.status()
    if (jobs.every(({ name, state }) => !following.has(name) || state === 'idle')) return
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  throw new Error(`the jobs did not end within ${idleWaitsMax} s`)
}

function plainSqlite(): { readonly ask: () => number; readonly close: () => void } {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE deal (id TEXT PRIMARY KEY, name TEXT, stage TEXT, value REAL, date TEXT) WITHOUT ROWID')
  const insert = database.prepare('INSERT INTO deal VALUES (?, ?, ?, ?, ?)')
  database.exec('BEGIN')
  for (let at = 0; at < deals; at++) {
    const { name, stage, value, expectedCloseDate } = rowAt(at)
    insert.run(`deal_${String(at).padStart(12, '0')}`, name, stage, value, expectedCloseDate)
  }
  database.exec('COMMIT')
  const query = database.prepare(
    'SELECT stage, substr(date, 1, 7), count(*), sum(value), avg(value) FROM deal GROUP BY 1, 2 ORDER BY 1, 2',
  )
  const ask = (): number => {
    const start = performance.now()
    query.all()
    return performance.now() - start
  }
  return { ask, close: () => database.close() }
}

/** A year of subscriptions with a change a month, under a test clock. Nobody pays, and no subscription ends for it. */
async function series(server: Server): Promise<Finding> {
  const $ = Headlessly({ tenant: 'aggregate-year', endpoint: server.url, timeoutMs: 300_000 })
  await $.clock.set('2025-01-01T00:00:00Z')
  await $.settings.update({ paymentRetryDays: [], unpaidSubscription: 'PastDue', unpaidInvoice: 'Open' })
  const price = await $.Price.create({ amount: 2_900, interval: 'Monthly', currency: 'USD' })
  const customer = await $.Customer.create({ name: 'Ada', email: 'ada@example.com' })
  const { ids } = await $.Subscription.createMany(
    Array.from({ length: subscriptions }, () => ({ customer: customer.$id, price: price.$id, quantity: 1 })),
  )
  for (let month = 1; month <= 12; month++) {
    await advanceClock($, 'P1M')
    for (let start = 0; start < ids.length; start += 50)
      await Promise.all(ids.slice(start, start + 50).map((id) => $.Subscription.upgrade(id, { quantity: 1 + month })))
  }
  const address = `${server.url}/~aggregate-year/metrics/mrr?from=2025-01-02&step=day`
  const { ms, groups: points } = await timed(() => answer(address, 'history'))
  const what = `MRR of ${subscriptions} subscriptions with a year of history, on each of ${points} days`
  return { what, target: 'at most 500 ms', measured: `${ms.toFixed(0)} ms over HTTP`, isMet: ms <= 500 }
}

async function answer(url: string, list: 'results' | 'history' = 'results'): Promise<number> {
  const response = await fetch(url)
  const body = (await response.json()) as Readonly<Record<string, readonly unknown[]>> // checked by its status
  if (!response.ok) throw new Error(JSON.stringify(body))
  return body[list]?.length ?? 0
}

async function timed(
  ask: (at: number) => Promise<number>,
  before: () => void = () => {},
): Promise<{ readonly ms: number; readonly groups: number }> {
  const times: number[] = []
  let count = 0
  for (let at = 0; at < runs; at++) {
    before()
    const start = performance.now()
    count = await ask(at)
    times.push(performance.now() - start)
  }
  return { ms: median(times), groups: count }
}
