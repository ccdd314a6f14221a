// Kills the server at any moment of the deletion of a tenant. Afterwards the tenant is either whole, because the deletion had
// not begun, or refuses everything until the deletion is done, which leaves nothing. At no time does it answer with a part of
// its data.
//
//   npm run soak:kill-deletion -- --rounds 100

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { killServer, sleep } from './kill-server.ts'

export interface KillDeletionOptions {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}

export interface KillDeletionSummary {
  /** Rounds in which the deletion had not begun, so that the tenant was whole. */
  whole: number
  /** Rounds in which the next run of the server continued the deletion. */
  resumed: number
  /** Rounds in which the deletion was done before the kill. */
  done: number
}

const contacts = 40
const settleMs = 60_000

export async function killUnderDeletions(options: KillDeletionOptions): Promise<KillDeletionSummary> {
  const { rounds, seed, log = () => {} } = options
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-deletion-'))
  const server = await startServer({ dataFolder, port: 0, flush: JSON.stringify({ intervalMs: 3_600_000 }) })
  const summary: KillDeletionSummary = { whole: 0, resumed: 0, done: 0 }
  try {
    const random = seededRandom(seed)
    const deletionMs = await timeDeletion(server.url)
    for (let round = 1; round <= rounds; round++) {
      const tenant = `deleted-${round}`
      await fill(server.url, tenant)
      const deletion = fetch(`${server.url}/tenants/${tenant}?confirm=${tenant}`, { method: 'DELETE' }).then(
        ({ status }) => status,
        () => 0,
      )
      // Most lines of the program run early in a deletion; the rest of it waits for the disk.
      await sleep(random() ** 2 * 1.5 * deletionMs)
      await killServer(server)
      const status = await deletion
      const outcome = await settle(server.url, tenant)
      if (status === 200 && outcome !== 'done') throw new Error(`round ${round}: an answered deletion was ${outcome}`)
      if (outcome !== 'whole') await checkNothingIsLeft({ url: server.url, tenant, lake: join(dataFolder, 'lake') })
      summary[outcome]++
      log(`round ${round}: ${outcome}`)
    }
    return summary
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function timeDeletion(url: string): Promise<number> {
  await fill(url, 'timed')
  const start = performance.now()
  await fetch(`${url}/tenants/timed?confirm=timed`, { method: 'DELETE' })
  return performance.now() - start
}

/** Creates a tenant that has files. */
async function fill(url: string, tenant: string): Promise<void> {
  const calls = Array.from({ length: contacts }, (_, at) => ({
    kind: 'write',
    noun: 'Contact',
    verb: 'create',
    body: JSON.stringify({ name: `Contact ${at}` }),
  }))
  for (const [path, body] of [
    ['rpc', JSON.stringify({ calls })],
    ['lake/flush', ''],
  ] as const) {
    const answer = await fetch(`${url}/~${tenant}/${path}`, { method: 'POST', body })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
  }
}

/** Asks until nothing changes any more, and checks each answer. */
async function settle(url: string, tenant: string): Promise<keyof KillDeletionSummary> {
  const seen: ('whole' | 'refused' | 'gone')[] = []
  for (const endMs = Date.now() + settleMs; Date.now() < endMs; await sleep(20)) {
    for (const query of ['?limit=1&count=exact', '?limit=1&count=exact&strong=true'])
      seen.push(await stateOf(`${url}/~${tenant}/Contact${query}`))
    // Once it is refused or gone, the tenant is never seen again.
    const first = seen.findIndex((one) => one !== 'whole')
    if (first >= 0 && seen.slice(first).includes('whole')) throw new Error(`${tenant} was seen as ${seen.join(', ')}`)
    const goneAt = seen.indexOf('gone')
    if (goneAt >= 0 && seen.slice(goneAt).some((one) => one !== 'gone'))
      throw new Error(`${tenant} was seen as ${seen.join(', ')}`)
    const { status, state } = await registered(url, tenant)
    if (status === 404) return seen[0] === 'gone' ? 'done' : 'resumed'
    if (state === 'present') {
      if (seen.some((one) => one !== 'whole')) throw new Error(`${tenant} is present, and was ${seen.join(', ')}`)
      return 'whole'
    }
  }
  throw new Error(`${tenant} is still being deleted after ${settleMs} ms`)
}

async function stateOf(url: string): Promise<'whole' | 'refused' | 'gone'> {
  const answer = await fetch(url)
  const body = (await answer.json()) as { readonly total?: number }
  if (answer.status === 409) return 'refused'
  if (answer.status === 200 && body.total === contacts) return 'whole'
  if (answer.status === 200 && body.total === 0) return 'gone'
  throw new Error(`a tenant that is being deleted answered ${answer.status}: ${JSON.stringify(body).slice(0, 300)}`)
}

async function registered(url: string, tenant: string): Promise<{ readonly status: number; readonly state?: string }> {
  const answer = await fetch(`${url}/tenants/${tenant}`)
  const { state } = (await answer.json()) as { readonly state?: string }
  return { status: answer.status, ...(state === undefined ? {} : { state }) }
}

/** Checks that there are no files, and that the name begins anew. */
async function checkNothingIsLeft(of: {
  readonly url: string
  readonly tenant: string
  readonly lake: string
}): Promise<void> {
  const { url, tenant, lake } = of
  const files = filesIn(join(lake, tenant))
  if (files.length > 0) throw new Error(`${tenant} left ${files.join(', ')}`)
  const body = JSON.stringify({ name: 'again' })
  const headers = { 'content-type': 'application/json' }
  const created = await fetch(`${url}/~${tenant}/Contact`, { method: 'POST', headers, body })
  const { results } = (await (await fetch(`${url}/~${tenant}/events`)).json()) as {
    readonly results: readonly object[]
  }
  if (created.status !== 201 || results.length !== 1)
    throw new Error(`${tenant} began anew with ${created.status} and ${results.length} events`)
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => statSync(join(folder, name)).isFile())
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const summary = await killUnderDeletions({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`no tenant was half deleted: ${JSON.stringify(summary)}`)
}
