// Loses the machine of a writing server at a random moment: its process is killed and its data folder deleted. What the bucket
// has must be a whole beginning of what was acknowledged, up to the seconds that docs/backup.md says.
//
// ROUNDS=20 SEED=1 npm run soak:lost-machine

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@dotdo/db'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { serveBucket } from '../packages/@dotdo/db/test/serve-bucket.ts'
import { sleep } from './kill-server.ts'

interface Acknowledged {
  readonly id: string
  readonly atMs: number
  readonly seq: number
}

const rounds = Number(process.env['ROUNDS'] ?? 10)
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const random = seededRandom(seed)
const intervalMs = 500
/** A flush on a busy machine, and its interval. */
const lostMsMax = Number(process.env['LOST_MS'] ?? intervalMs + 10_000)

console.log(`seed ${seed}`)
let [written, lost, lostMs] = [0, 0, 0]
for (let round = 0; round < rounds; round++) await loseMachine(round)
console.log(
  `${rounds} machines lost, ${written} writes acknowledged, ${lost} of them lost, the oldest ${lostMs} ms before`,
)

async function loseMachine(round: number): Promise<void> {
  const { lakeBucket, stop } = await serveBucket()
  const [first, second] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'headlessly-machine-')))
  const server = await startServer({
    dataFolder: first ?? '',
    port: 0,
    lakeBucket,
    flush: JSON.stringify({ intervalMs, sealedEvents: 50, keptEvents: 20 }),
  })
  const acknowledged: Acknowledged[] = []
  let isLost = false
  const write = async (): Promise<void> => {
    while (!isLost) {
      const made = await post(`${server.url}/~acme/Contact`, { name: `n${acknowledged.length}` })
      if (made === undefined) return
      acknowledged.push(made)
      if (acknowledged.length % 7 === 0) await post(`${server.url}/~acme/Contact/${made.id}/qualify`, {})
    }
  }
  const writers = [write(), write(), write()]
  await sleep(1_000 + random() * 8_000)
  isLost = true
  const lostAtMs = Date.now()
  process.kill(server.pid(), 'SIGKILL')
  await server.stop().catch(() => {})
  await Promise.all(writers)
  rmSync(first ?? '', { recursive: true, force: true })

  const next = await startServer({ dataFolder: second ?? '', port: 0, lakeBucket })
  const answer = await fetch(`${next.url}/tenants/acme/restore`, { method: 'POST' })
  const report = (await answer.json()) as { readonly seq: number; readonly code?: string }
  const seq = answer.ok ? report.seq : 0
  if (!answer.ok && report.code !== 'not_found') fail(round, `the restore answers ${JSON.stringify(report)}`)
  await compareWrites({ round, url: next.url, acknowledged, seq, lostAtMs })
  if (answer.ok) await verifyRestored(round, next.url)
  written += acknowledged.length
  console.log(`round ${round}: ${acknowledged.length} writes, restored up to event ${seq}`)
  await next.stop()
  stop()
  rmSync(second ?? '', { recursive: true, force: true })
}

/** Each write up to the restored event is there, and those after it were made shortly before the loss. */
async function compareWrites({
  round,
  url,
  acknowledged,
  seq,
  lostAtMs,
}: {
  readonly round: number
  readonly url: string
  readonly acknowledged: readonly Acknowledged[]
  readonly seq: number
  readonly lostAtMs: number
}): Promise<void> {
  for (const each of acknowledged) {
    if (each.seq > seq) {
      lost++
      lostMs = Math.max(lostMs, lostAtMs - each.atMs)
      if (lostAtMs - each.atMs > lostMsMax)
        fail(
          round,
          `event ${each.seq} was acknowledged ${lostAtMs - each.atMs} ms before the loss, and ${seq} is the last`,
        )
      continue
    }
    const found = await fetch(`${url}/~acme/Contact/${each.id}?strong=true`)
    if (!found.ok) fail(round, `event ${each.seq} is before ${seq}, and ${each.id} answers ${found.status}`)
    await found.body?.cancel()
  }
}

async function verifyRestored(round: number, url: string): Promise<void> {
  await post(`${url}/~acme/Contact`, { name: 'later' })
  await (await fetch(`${url}/~acme/lake/flush`, { method: 'POST' })).text()
  const verified = (await (await fetch(`${url}/~acme/lake/verify`, { method: 'POST' })).json()) as {
    readonly isWhole: boolean
  }
  if (!verified.isWhole) fail(round, `verify: ${JSON.stringify(verified)}`)
}

/** Returns undefined once the server is gone. */
async function post(url: string, body: object): Promise<Acknowledged | undefined> {
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    const entity = (await answer.json()) as { readonly $id?: string }
    if (!answer.ok || entity.$id === undefined) return undefined
    const bookmark = answer.headers.get('x-headlessly-bookmark') ?? ''
    return { id: entity.$id, atMs: Date.now(), seq: Number(bookmark.split('.')[1]) }
  } catch {
    return undefined
  }
}

function fail(round: number, message: string): never {
  throw new Error(`seed ${seed}, round ${round}: ${message}`)
}
