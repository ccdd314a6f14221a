// Kills the server with SIGKILL at any moment of several programs. Afterwards each program is there as a whole or not at all,
// and the same requests under their keys lead to exactly one commit each.
//
//   npm run soak:kill-programs -- --rounds 50

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { getJson, postJson } from './ask-json.ts'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'

export interface KillProgramsOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillProgramsSummary {
  /** Programs of which the kill left nothing. */
  none: number
  /** Programs that were committed before the kill. */
  whole: number
}

const programs = 4
const created = 20
const attemptsMax = 50

/** Creates contacts in several messages and counts the programs in a contact that all of them change. */
const code = `async ($, { title, counter, created }) => {
  const { leadScore } = await $.Contact.get(counter)
  for (let at = 0; at < created; at += 5)
    await Promise.all([0, 1, 2, 3, 4].map((more) => $.Contact.create({ name: title + ' ' + (at + more), title })))
  await $.Contact.update(counter, { leadScore: leadScore + 1 })
  return $.Contact.count({ title })
}`

export async function killUnderPrograms({
  rounds,
  seed,
  log = () => {},
}: KillProgramsOptions): Promise<KillProgramsSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-programs-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify({ intervalMs: 100 }) })
  const url = `${server.url}/~programs`
  const summary: KillProgramsSummary = { none: 0, whole: 0 }
  try {
    const random = seededRandom(seed)
    const counter = String((await postJson(`${url}/Contact`, { name: 'counter', leadScore: 0 }))['$id'])
    const run = (title: string): Promise<Readonly<Record<string, unknown>>> =>
      postJson(`${url}/do`, { code, given: { title, counter, created } }, title)
    const start = performance.now()
    await run('timed')
    const runMs = performance.now() - start
    for (let round = 1; round <= rounds; round++) {
      const titles = Array.from({ length: programs }, (_, at) => `round ${round} ${at}`)
      const running = titles.map((title) => run(title).catch(() => undefined))
      await sleep(random() * 3 * runMs)
      await killServer(server)
      await Promise.all(running)
      for (const title of titles) {
        const made = await count(url, title)
        if (made !== 0 && made !== created)
          throw new Error(`round ${round}: '${title}' has made ${String(made)} of ${created}`)
        summary[made === 0 ? 'none' : 'whole']++
      }
      await Promise.all(titles.map((title) => repeat(() => run(title))))
      for (const title of titles) {
        const made = await count(url, title)
        if (made !== created) throw new Error(`round ${round}: '${title}' has ${String(made)} contacts in the end`)
      }
      const counted = (await getJson(`${url}/Contact/${counter}?strong=true`))['leadScore']
      if (counted !== 1 + round * programs) throw new Error(`round ${round}: ${String(counted)} programs were counted`)
      log(`round ${round}: ${JSON.stringify(summary)}`)
    }
    const report = await postJson(`${url}/lake/verify`, {})
    if (report['isWhole'] !== true) throw new Error(JSON.stringify(report))
    return summary
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function count(url: string, title: string): Promise<unknown> {
  return (await getJson(`${url}/Contact/count?strong=true&title=${encodeURIComponent(title)}`))['count']
}

async function repeat(run: () => Promise<unknown>): Promise<void> {
  let last: unknown
  for (let attempt = 1; attempt < attemptsMax; attempt++) {
    try {
      await run()
      return
    } catch (error) {
      last = error
      await sleep(50)
    }
  }
  throw new Error('a program did not come to its end', { cause: last })
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await killUnderPrograms({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`no program was half made: ${JSON.stringify(summary)}`)
}
