// Kills the server with SIGKILL while schedules call verbs. Afterwards each call that was due has been made exactly once,
// and the server has woken the tenant for it by itself.
//
//   npm run soak:jobs -- --rounds 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { getJson, postJson } from './ask-json.ts'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'
import { readLog } from './replay-log.ts'

export interface KillJobsOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillJobsSummary {
  readonly calls: number
  readonly kills: number
}

const tenant = 'scheduled'
const perRound = 80
const killsPerRound = 3
/** The calls of a round are due within this time. */
const windowMs = 600
const aheadMs = 1_500
const doneMsMax = 60_000
/** The server's last lines, which are shown after a failure. */
const printedMax = 40

export async function killUnderJobs({ rounds, seed, log = () => {} }: KillJobsOptions): Promise<KillJobsSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-jobs-'))
  const printed: string[] = []
  const note = (line: string): void => {
    printed.push(`${new Date().toISOString()} ${line}`)
    if (printed.length > printedMax) printed.shift()
  }
  const flush = JSON.stringify({ intervalMs: 200 })
  const server = await startServer({ dataFolder, port: 0, log: note, warn: note, flush })
  const url = `${server.url}/~${tenant}`
  try {
    const random = seededRandom(seed)
    for (let round = 1; round <= rounds; round++) {
      const startMs = Date.now() + aheadMs
      const ids = await remindAll(url, () => new Date(startMs + random() * windowMs).toISOString())
      await sleep(Math.max(0, startMs - Date.now()))
      for (let kill = 0; kill < killsPerRound; kill++) {
        await sleep(random() * windowMs * 0.6)
        await killServer(server)
      }
      await expectEachOnce(server.url, ids)
      log(`round ${round}: ${ids.size} calls, each made once`)
    }
    await postJson(`${url}/lake/flush`, {})
    const report = await postJson(`${url}/lake/verify`, {})
    if (report['isWhole'] !== true) throw new Error(JSON.stringify(report))
    return { calls: rounds * perRound, kills: rounds * killsPerRound }
  } catch (error) {
    for (const line of printed) log(line)
    const jobs = await getJson(`${server.url}/~${tenant}/status`).then(
      (status) => JSON.stringify(status['jobs']),
      (fault: unknown) => String(fault),
    )
    log(`at ${new Date().toISOString()}, workerd has the process id ${server.pid()}, and the jobs are ${jobs}`)
    throw error
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Creates activities with reminders, in one commit, and returns their ids. */
async function remindAll(url: string, time: () => string): Promise<ReadonlySet<string>> {
  const entities = Array.from({ length: perRound }, (_, at) => ({ subject: `call ${at}`, reminderAt: time() }))
  await postJson(`${url}/Activity/createMany`, { entities })
  const page = await getJson(`${url}/Activity?strong=true&limit=${perRound}`)
  const results = page['results'] as readonly { readonly $id: string }[]
  return new Set(results.map(({ $id }) => $id))
}

async function expectEachOnce(serverUrl: string, ids: ReadonlySet<string>): Promise<void> {
  const deadline = Date.now() + doneMsMax
  for (;;) {
    // The log of a tenant that is not asked for anything else: its alarm alone makes the calls.
    await sleep(300)
    const calls = await countCalls(`${serverUrl}/~${tenant}`, ids)
    const twice = [...calls].find(([, count]) => count > 1)
    if (twice !== undefined) throw new Error(`${twice[0]} was called ${twice[1]} times`)
    if (calls.size === ids.size) return
    if (Date.now() > deadline) throw new Error(`only ${calls.size} of ${ids.size} calls were made`)
  }
}

async function countCalls(url: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for await (const { type, target, via } of readLog(url)) {
    if (type !== 'Activity.Reminded' || !ids.has(target)) continue
    if (via !== 'job') throw new Error(`a call was made via ${via}`)
    counts.set(target, (counts.get(target) ?? 0) + 1)
  }
  return counts
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const { calls, kills } = await killUnderJobs({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`each of ${calls} calls was made once, under ${kills} kills`)
}
