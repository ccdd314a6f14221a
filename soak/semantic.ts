// `npm run soak:semantic`: an index of vectors of many texts. The server is killed while it is made; afterwards every text has a
// vector, and hardly one was asked for twice. Then searches are timed, with the answers of another tenant beside them, and the
// memory that they take. `--entities` (100,000 by default), `--dimensions` (1,536), `--kills` (5) and `--searches` (30) scale it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson, postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'

const { values } = parseArgs({
  options: {
    entities: { type: 'string', default: '100000' },
    dimensions: { type: 'string', default: '1536' },
    kills: { type: 'string', default: '5' },
    searches: { type: 'string', default: '30' },
  },
})
const [entities, dimensions, kills, searches] = [
  Number(values.entities),
  Number(values.dimensions),
  Number(values.kills),
  Number(values.searches),
]
const perCommit = 500
/** Texts on their way at a kill are asked for again. */
const againPerKill = 32
const neighbourMsMax = 250

const numbers = Array.from({ length: 512 }, (_, at) => (Math.sin(at + 1) / 2).toFixed(6))
let asked = 0
const model = createServer((request, response) => {
  void answer(request, response)
})
await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-soak-semantic-'))
await buildIfStale()
const server = await startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'], log: () => {} })
const url = `${server.url}/~searched`
try {
  await createAll()
  await postJson(`${server.url}/~neighbour/Contact`, { name: 'Ann' })
  const startMs = Date.now()
  await connect()
  for (let kill = 0; kill < kills; kill++) {
    const until = Math.floor((entities * (kill + 1)) / (kills + 2))
    while (asked < until) await sleep(50)
    await killServer(server)
  }
  const indexing = await besideNeighbour(untilIndexed)
  const seconds = (Date.now() - startMs) / 1_000
  console.log(
    `${entities} texts got vectors of ${dimensions} numbers in ${seconds.toFixed(0)} s over ${kills} kills, ${asked} were asked for; ` +
      `the other tenant's p99 meanwhile was ${indexing.toFixed(0)} ms`,
  )
  if (asked > entities + againPerKill * kills) fail(`more texts were asked for than ${againPerKill} a kill`)
  await search('warm up')
  const before = residentBytes(server)
  const times: number[] = []
  const searching = await besideNeighbour(async () => {
    for (let at = 0; at < searches; at++) times.push(await search(`query ${at}`))
  })
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)
  console.log(
    `a search took ${at(0.5)} ms in the median, ${at(1)} ms at most; the other tenant's p99 meanwhile was ${searching.toFixed(0)} ms (at most ${neighbourMsMax}); ` +
      `memory ${megabytes(before)} before and ${megabytes(residentBytes(server))} after ${searches} searches`,
  )
  if (Math.max(indexing, searching) > neighbourMsMax) fail(`the other tenant waited longer than ${neighbourMsMax} ms`)
} finally {
  await server.stop()
  model.closeAllConnections()
  model.close()
  rmSync(dataFolder, { recursive: true, force: true })
}

async function createAll(): Promise<void> {
  for (let start = 0; start < entities; start += perCommit)
    await postJson(`${url}/Ticket/createMany`, {
      entities: Array.from({ length: Math.min(perCommit, entities - start) }, (_, at) => ({
        subject: `text ${start + at}`,
      })),
    })
}

async function connect(): Promise<void> {
  const { port } = model.address() as AddressInfo
  const embeddings = { model: 'numbers', types: ['Ticket'] }
  const answer = await fetch(`${url}/settings`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: { server: `http://127.0.0.1:${port}/v1`, model: 'none', embeddings } }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

async function untilIndexed(): Promise<void> {
  for (;;) {
    const status = await getJson(`${url}/semantic/status`)
    if (status['entities'] === entities && status['pending'] === 0 && status['isBehind'] === false) return
    await sleep(500)
  }
}

/** Returns the milliseconds that it took. Its own text is the nearest to itself. */
async function search(query: string): Promise<number> {
  const number = Math.floor(Math.random() * entities)
  const own = query === 'warm up' ? query : `text ${number}`
  const startMs = performance.now()
  const { results } = await postJson(`${url}/semantic`, { query: own, type: 'Ticket', limit: 10, fields: ['subject'] })
  const [first] = results as readonly { readonly subject: string }[]
  if (query !== 'warm up' && first?.subject !== own) fail(`'${own}' was not the nearest to itself`)
  return performance.now() - startMs
}

/** Returns the p99 of another tenant's reads and writes, in milliseconds. */
async function besideNeighbour(work: () => Promise<void>): Promise<number> {
  const times: number[] = []
  let isDone = false
  const asking = (async () => {
    for (let at = 0; !isDone; at++) {
      const startMs = performance.now()
      if (at % 2 === 0) await getJson(`${server.url}/~neighbour/Contact?strong=true`)
      else await postJson(`${server.url}/~neighbour/Ticket`, { subject: `note ${at}` })
      times.push(performance.now() - startMs)
      await sleep(20)
    }
  })()
  await work()
  isDone = true
  await asking
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * 0.99)] ?? 0
}

/** Makes a vector of a text cheaply, since the clock of the other tenant runs in the same process. */
function vectorOf(text: string): readonly string[] {
  const random = seededRandom([...text].reduce((hash, one) => (Math.imul(hash, 31) + one.charCodeAt(0)) >>> 0, 7))
  return Array.from({ length: dimensions }, () => numbers[Math.floor(random() * numbers.length)] ?? '0')
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = JSON.parse(await readAll(request)) as { readonly input: readonly string[] }
  asked += input.length
  const data = input.map((one, index) => `{"index":${index},"embedding":[${vectorOf(one).join()}]}`)
  response.writeHead(200, { 'content-type': 'application/json' }).end(`{"data":[${data.join()}]}`)
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

function residentBytes({ pid }: Server): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid()}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) * 1_024
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
