// A year of subscriptions at a server that behaves like Stripe, seen by a tenant with a test clock: the events of each day arrive in
// a random order, some twice. Metrics have to equal what was written down beside it, to the cent on each day, and a comparison has to
// find each difference that is planted then, and nothing else.
//
//   npm run soak:payments-year -- --subscriptions 10000 --days 365 --differences 50 --seed 1

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { FakeStripe } from '../packages/payments.do/test/fake-stripe.ts'
import { daySeconds, type DayFigures, ImaginedStripe } from './imagined-stripe.ts'
import { serveFake } from '../packages/payments.do/test/serve-fake.ts'
import { ask, deliver, type Json, serve, settled, shuffled, signingSecret } from './payments.ts'
import { plantDifferences } from './planted-differences.ts'

const start = Date.parse('2025-01-01T00:00:00Z') / 1_000
/** The time of a day at which its events arrive; each commit takes a millisecond of the clock. */
const arrivalSeconds = daySeconds - 600
const senders = 8
/** The unit of processor time in /proc of Linux. */
const ticksPerSecond = 100
const repeated = 0.05

interface Asked {
  readonly subscriptions: number
  readonly days: number
  readonly differences: number
  readonly seed: number
  readonly log: (line: string) => void
}

export async function soakPaymentsYear(asked: Asked): Promise<void> {
  const { days, seed, log } = asked
  const fake = new FakeStripe('rk_test_thekeyofthesoak')
  const random = seededRandom(seed)
  const imagined = new ImaginedStripe({ ...asked, fake, random, start })
  const stripe = await serveFake(fake)
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-payments-year-'))
  const server = await serve(dataFolder, stripe.url)
  const url = `${server.url}/~year`
  try {
    await ask(url, '/clock', { now: timeOf(0, 0) })
    await ask(url, '/Contact', { name: 'First' })
    await ask(url, '/payments/connect', { key: fake.key, webhookSecret: signingSecret, sync: true })
    const figures: DayFigures[] = []
    const startedMs = Date.now()
    let eventCount = 0
    for (let day = 0; day < days; day++) {
      figures.push(imagined.passDay())
      await ask(url, '/clock', { advance: timeOf(day, arrivalSeconds) })
      const events = fake.takeEvents()
      eventCount += events.length
      await arrive(url, { events, random })
      if (day % 30 === 29 || day === 4)
        log(
          `day ${day + 1} after ${Math.round((Date.now() - startedMs) / 1_000)} s: ${eventCount} events, ${cpuSeconds(server.pid())} s of CPU of the server`,
        )
    }
    await ask(url, '/clock', { advance: timeOf(days, 0) })
    await compareMetrics(url, figures, log)
    await comparePast(url, figures, log)
    await findPlanted(url, { fake, random, ...asked })
    if (fake.performed.length > 0)
      throw new Error(`Stripe was asked to change something: ${JSON.stringify(fake.performed[0])}`)
    log(`seed ${seed}`)
  } finally {
    await server.stop()
    stripe.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Returns the processor time that a process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Math.round((Number(fields[11]) + Number(fields[12])) / ticksPerSecond)
}

function timeOf(day: number, seconds: number): string {
  return new Date((start + day * daySeconds + seconds) * 1_000).toISOString()
}

async function arrive(
  url: string,
  { events, random }: { readonly events: readonly Json[]; readonly random: () => number },
): Promise<void> {
  const waiting = [
    ...shuffled(
      events.flatMap((event) => (random() < repeated ? [event, event] : [event])),
      random,
    ),
  ]
  const send = async (): Promise<void> => {
    for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) await deliver(url, event)
  }
  await Promise.all(Array.from({ length: senders }, send))
  await settled(url)
}

/** The series of a whole year, computed from what the tenant knows at its end. */
async function compareMetrics(url: string, figures: readonly DayFigures[], log: Asked['log']): Promise<void> {
  const last = timeOf(figures.length - 1, 0).slice(0, 10)
  const levels: readonly (readonly [metric: string, expected: (of: DayFigures) => number])[] = [
    ['mrr', ({ mrr }) => mrr / 100],
    ['receivables', ({ receivables }) => receivables / 100],
    ['active_subscriptions', ({ active }) => active],
  ]
  for (const [metric, expected] of levels) {
    const range = `from=${timeOf(0, 0).slice(0, 10)}&to=${last}&step=day`
    const { history } = await ask(url, `/metrics/${metric}?${range}&strong=true`)
    const found = history as readonly { readonly date: string; readonly value: number | null }[]
    if (found.length !== figures.length) throw new Error(`${metric} has ${found.length} days`)
    for (const [day, of] of figures.entries()) {
      const { date, value } = found[day] ?? {}
      if (Math.abs(Number(value) - expected(of)) >= 0.005)
        throw new Error(`${metric} of ${date} is ${String(value)}, and the ledger has ${expected(of)}`)
    }
    log(`${metric} equals the ledger on each of ${found.length} days; at the end it is ${String(found.at(-1)?.value)}`)
  }
}

async function reconcile(url: string, day?: string): Promise<Json> {
  const { $id } = await ask(url, '/payments/reconcile', day === undefined ? {} : { day })
  await settled(url)
  const { status, error, progress } = await ask(url, `/PaymentRun/${String($id)}?strong=true`)
  if (status !== 'Succeeded') throw new Error(`the comparison failed: ${String(error)}`)
  return progress as Json
}

/** Nothing differs yet, now and on past days, and what is owed is what the ledger says. */
async function comparePast(url: string, figures: readonly DayFigures[], log: Asked['log']): Promise<void> {
  for (const share of [0.25, 0.5, 0.75, 1]) {
    const day = Math.floor(figures.length * share) - 1
    const { differences, receivables } = await reconcile(url, timeOf(day, 0).slice(0, 10))
    const expected = figures[day]?.receivables ?? 0
    for (const [side, sums] of Object.entries(
      receivables as Readonly<Record<string, Readonly<Record<string, number>>>>,
    ))
      if ((sums['USD'] ?? 0) !== expected)
        throw new Error(`${side} receivables of day ${day} are ${sums['USD']}, and the ledger has ${expected}`)
    if (differences !== 0) throw new Error(`the comparison of day ${day} finds ${String(differences)} differences`)
  }
  const { differences, mrr } = await reconcile(url)
  const expected = Math.round(figures.at(-1)?.mrr ?? 0)
  for (const [side, sums] of Object.entries(mrr as Readonly<Record<string, Readonly<Record<string, number>>>>))
    if (sums['USD'] !== expected)
      throw new Error(`the MRR of ${side} is ${sums['USD']}, and the ledger has ${expected}`)
  if (differences !== 0) throw new Error(`the comparison finds ${String(differences)} differences`)
  log('both sides agree at the end of each quarter and now, and their sums are those of the ledger')
}

async function findPlanted(
  url: string,
  {
    fake,
    random,
    differences,
    log,
  }: Pick<Asked, 'differences' | 'log'> & {
    readonly fake: FakeStripe
    readonly random: () => number
  },
): Promise<void> {
  const planted = plantDifferences(fake, differences, random)
  await reconcile(url)
  const found: string[] = []
  for (let cursor: unknown; ;) {
    const filter = encodeURIComponent(JSON.stringify({ kind: 'Difference', status: 'Open' }))
    const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(String(cursor))}`
    const page = await ask(url, `/PaymentFinding?limit=100&strong=true&filter=${filter}${next}`)
    for (const { object, externalId, field } of page['results'] as readonly Json[])
      found.push(`${String(object)} ${String(externalId)} ${String(field)}`)
    if (page['hasMore'] !== true) break
    cursor = page['cursor']
  }
  const missed = planted.filter((one) => !found.includes(one))
  const other = found.filter((one) => !planted.includes(one))
  if (missed.length + other.length > 0)
    throw new Error(`the comparison misses ${JSON.stringify(missed)} and also finds ${JSON.stringify(other)}`)
  log(`the comparison finds each of ${planted.length} planted differences, and nothing else`)
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      subscriptions: { type: 'string', default: '10000' },
      days: { type: 'string', default: '365' },
      differences: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
    },
  })
  await buildIfStale()
  await soakPaymentsYear({
    subscriptions: Number(values.subscriptions),
    days: Number(values.days),
    differences: Number(values.differences),
    seed: Number(values.seed),
    log: (line) => console.log(line),
  })
}
