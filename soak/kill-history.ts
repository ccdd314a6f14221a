// Kills the server with SIGKILL at random moments while a tenant is loaded with years of history. Afterwards every line is in
// once and in order, each past day reads as the lines say, and the lake is whole.
//
//   npm run soak:kill-history -- --lines 100000 --kills 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { Headlessly, type HistoryLine } from '@headlessly/sdk'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'
import { readLog } from './replay-log.ts'

export interface KillHistoryOptions {
  readonly lines: number
  readonly kills: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillHistorySummary {
  /** Lines that were in after each kill. */
  readonly stops: readonly number[]
  /** Lines per second, kills included. */
  readonly linesPerSecond: number
}

const tenant = 'loaded'
const startMs = Date.UTC(2021, 0, 1)
const stepMs = 1_500_000
const killedWithinMs = 1_500
const readDays = 40

export async function killUnderHistory({
  lines,
  kills,
  seed,
  log = () => {},
}: KillHistoryOptions): Promise<KillHistorySummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-history-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify({ intervalMs: 200 }) })
  const url = `${server.url}/~${tenant}`
  const random = seededRandom(seed)
  const stops: number[] = []
  const $ = Headlessly({ tenant, endpoint: server.url })
  try {
    const start = performance.now()
    for (let isDone = false; !isDone;) {
      const loading = new Loading($.history.load(linesOf(lines)))
      while (!loading.isOver && stops.length < kills) {
        await sleep(random() * killedWithinMs)
        await killServer(server)
        stops.push((await $.history.read()).lines)
        log(`kill ${stops.length}: ${stops.at(-1)} lines are in`)
      }
      // The client repeats what was cut off, and gives up after some attempts.
      isDone = await loading.end
    }
    const seconds = (performance.now() - start) / 1_000
    await check(url, lines)
    for (let day = 0; day < readDays; day++) await checkDay($, Math.floor(random() * lines))
    await postJson(`${url}/lake/flush`, {})
    const report = await postJson(`${url}/lake/verify`, {})
    if (report['isWhole'] !== true) throw new Error(JSON.stringify(report))
    return { stops, linesPerSecond: Math.round(lines / seconds) }
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

class Loading {
  isOver = false
  /** True if it has ended well. */
  readonly end: Promise<boolean>

  constructor(load: Promise<unknown>) {
    this.end = load.then(
      () => true,
      () => false,
    )
    void this.end.then(() => (this.isOver = true))
  }
}

/** A third of the lines creates contacts, and the others change them. */
function* linesOf(count: number): Generator<HistoryLine> {
  for (let at = 0; at < count; at++) {
    const timestamp = timestampOf(at)
    const target = `old-${at - (at % 3)}`
    if (at % 3 > 0) yield { timestamp, type: 'Contact.Updated', target, data: { leadScore: at }, actor: 'ada' }
    else yield { timestamp, type: 'Contact.Created', target, data: { name: `n${at}` }, actor: 'bo' }
  }
}

function timestampOf(at: number): string {
  return new Date(startMs + at * stepMs).toISOString()
}

async function check(url: string, lines: number): Promise<void> {
  let at = 0
  for await (const event of readLog(url)) {
    const { timestamp, type } = event as { readonly timestamp: string; readonly type: string }
    const expected = `${timestampOf(at)} Contact.${at % 3 === 0 ? 'Created' : 'Updated'}`
    if (`${timestamp} ${type}` !== expected)
      throw new Error(`event ${at + 1}: expected ${expected}, got ${timestamp} ${type}`)
    at++
  }
  if (at !== lines) throw new Error(`expected ${lines} events, got ${at}`)
}

async function checkDay($: ReturnType<typeof Headlessly>, at: number): Promise<void> {
  const asOf = timestampOf(at)
  const [count, newest] = [
    await $.Contact.count({}, { asOf }),
    await $.Contact.findOne({ name: `n${at - (at % 3)}` }, { asOf }),
  ]
  const score = at % 3 === 0 ? undefined : at
  if (count !== Math.floor(at / 3) + 1 || newest?.leadScore !== score)
    throw new Error(`as of ${asOf}: ${count} contacts, the newest with the score ${newest?.leadScore}`)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '100000' },
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  await buildIfStale()
  console.log(`seed ${values.seed}`)
  const summary = await killUnderHistory({
    lines: Number(values.lines),
    kills: Number(values.kills),
    seed: Number(values.seed),
    log: console.log,
  })
  console.log(JSON.stringify(summary))
}
