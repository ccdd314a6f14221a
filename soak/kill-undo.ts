// Kills the server with SIGKILL at any moment of the undo of a large commit. Afterwards the tenant has the whole undo or
// nothing of it, and the same request under its key leads to exactly one undo.
//
//   npm run soak:kill-undo -- --rounds 100

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { postJson } from './ask-json.ts'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'
import { readLog } from './replay-log.ts'

export interface KillUndoOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillUndoSummary {
  /** Rounds in which the kill left nothing of the undo. */
  none: number
  /** Rounds in which the undo was committed before the kill. */
  whole: number
}

const tenant = 'undone'
const created = 60
const changed = 30
const attemptsMax = 50

export async function killUnderUndo({ rounds, seed, log = () => {} }: KillUndoOptions): Promise<KillUndoSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-undo-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify({ intervalMs: 100 }) })
  const url = `${server.url}/~${tenant}`
  const summary: KillUndoSummary = { none: 0, whole: 0 }
  try {
    const random = seededRandom(seed)
    const kept = await keep(url)
    const before = await stateOf(url)
    const undoMs = await timeUndo(url, kept)
    for (let round = 1; round <= rounds; round++) {
      const commit = await commitMany(url, { kept, name: `round ${round}` })
      const undo = postJson(`${url}/commits/${commit}/undo`, {}, `undo-${round}`).catch(() => undefined)
      await sleep(random() * 1.5 * undoMs)
      await killServer(server)
      await undo
      const made = await countUndoes(url, commit)
      if (made !== 0 && made !== created + changed)
        throw new Error(`round ${round}: ${made} events of the undo are there`)
      summary[made === 0 ? 'none' : 'whole']++
      await repeat(`${url}/commits/${commit}/undo`, `undo-${round}`)
      const all = await countUndoes(url, commit)
      if (all !== created + changed) throw new Error(`round ${round}: the undo has ${all} events in the end`)
      const after = await stateOf(url)
      if (after !== before) throw new Error(`round ${round}: the tenant differs: ${after.slice(0, 500)}`)
      log(`round ${round}: ${made === 0 ? 'none' : 'whole'}`)
    }
    await postJson(`${url}/lake/flush`, {})
    const report = await postJson(`${url}/lake/verify`, {})
    if (report['isWhole'] !== true) throw new Error(JSON.stringify(report))
    return summary
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

/** Creates the contacts that the commits change, and that stay. */
async function keep(url: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (let at = 0; at < changed; at++)
    ids.push(String((await postJson(`${url}/Contact`, { name: `kept ${at}`, title: 'before' }))['$id']))
  return ids
}

/** Makes one commit of creations and changes, and returns its number. */
async function commitMany(
  url: string,
  { kept, name }: { readonly kept: readonly string[]; readonly name: string },
): Promise<number> {
  const creations = Array.from({ length: created }, (_, at) => ({
    method: 'POST',
    path: '/Contact',
    body: { name: `${name} ${at}` },
  }))
  const changes = kept.map((id) => ({ method: 'PATCH', path: `/Contact/${id}`, body: { title: name } }))
  return Number((await postJson(`${url}/batch`, { operations: [...creations, ...changes] }))['commit'])
}

async function timeUndo(url: string, kept: readonly string[]): Promise<number> {
  const commit = await commitMany(url, { kept, name: 'timed' })
  const start = performance.now()
  await postJson(`${url}/commits/${commit}/undo`, {})
  return performance.now() - start
}

async function countUndoes(url: string, commit: number): Promise<number> {
  let count = 0
  for await (const event of readLog(url)) if ('undoes' in event && event.undoes === commit) count++
  return count
}

/** The names and titles of all contacts, in order of their ids. */
async function stateOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/Contact?strong=true&sort=$id&limit=100`)
  const { results } = (await answer.json()) as { readonly results: readonly Readonly<Record<string, unknown>>[] }
  return JSON.stringify(results.map(({ $id, name, title }) => [$id, name, title]))
}

async function repeat(url: string, key: string): Promise<void> {
  for (let attempt = 1; attempt < attemptsMax; attempt++) {
    try {
      await postJson(url, {}, key)
      return
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      await sleep(50)
    }
  }
  throw new Error(`${url} did not answer`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await killUnderUndo({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`no commit was half undone: ${JSON.stringify(summary)}`)
}
