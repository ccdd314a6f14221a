// `npm run soak:mcp`: requests to the interface for agents, in both generations of the protocol. Memory must stay flat, and a
// `fetch` may cost little more than the same read by REST. `--requests` (100,000 of each generation by default) scales it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { type AttackedServer, startAttackedServer } from './attack/attacked-server.ts'

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' } } })
const requests = Number(values.requests)
const concurrent = 8
/** Memory at the end, relative to that after the first fifth. */
const growthMax = 1.2
/** CPU of an MCP `fetch` above that of the same read by REST. */
const extraMillisecondsMax = 0.6
const ticksPerSecond = 100

type Send = () => Promise<Response>

const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-soak-mcp-'))
await buildIfStale()
const server = await startAttackedServer(dataFolder, [])
try {
  const id = await createContact(server)
  const rest = (): Promise<Response> => fetch(`${server.url}/~acme/Contact/${id}`)
  for (const generation of ['2026-07-28', '2025-11-25'] as const) {
    const call = (name: string, given: object): Send => toolCall(generation, { name, arguments: given })
    const mixed = [
      call('fetch', { id }),
      call('search', { type: 'Contact' }),
      call('fetch', { type: 'Schema', id: 'Deal' }),
    ]
    await perform(requests / 5, (at) => (mixed[at % mixed.length] ?? rest)())
    const early = server.residentBytes()
    await perform((requests * 4) / 5, (at) => (mixed[at % mixed.length] ?? rest)())
    const late = server.residentBytes()
    const measured = Math.min(requests, 5_000)
    const byRest = await cpuOf(() => perform(measured, rest))
    const byMcp = await cpuOf(() => perform(measured, call('fetch', { id })))
    const extra = (byMcp - byRest) / measured
    console.log(
      `${generation}: ${megabytes(early)} after a fifth, ${megabytes(late)} after ${requests} requests (${(late / early).toFixed(2)}x, at most ${growthMax}x); ` +
        `CPU of a fetch ${(byMcp / measured).toFixed(2)} ms, of the same REST get ${(byRest / measured).toFixed(2)} ms: ${extra.toFixed(2)} ms more (target ${extraMillisecondsMax})`,
    )
    if (late > early * growthMax) process.exitCode = 1
  }
} finally {
  await server.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}

async function createContact({ url }: AttackedServer): Promise<string> {
  const response = await fetch(`${url}/~acme/Contact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada Lovelace' }),
  })
  const { $id } = (await response.json()) as { readonly $id: string }
  return $id
}

function toolCall(
  generation: '2026-07-28' | '2025-11-25',
  params: { readonly name: string; readonly arguments: object },
): Send {
  const isModern = generation === '2026-07-28'
  const prefix = 'io.modelcontextprotocol/'
  const meta = {
    [`${prefix}protocolVersion`]: generation,
    [`${prefix}clientInfo`]: { name: 'soak', version: '1.0.0' },
    [`${prefix}clientCapabilities`]: {},
  }
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: isModern ? { ...params, _meta: meta } : params }
  const modern = { 'mcp-method': 'tools/call', 'mcp-name': params.name }
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': generation,
      ...(isModern ? modern : {}),
    },
    body: JSON.stringify(body),
  }
  return () => fetch(`${server.url}/~acme/mcp`, init)
}

async function perform(count: number, send: (at: number) => Promise<Response>): Promise<void> {
  let at = 0
  const worker = async (): Promise<void> => {
    while (at < count) {
      const response = await send(at++)
      const text = await response.text()
      if (response.status !== 200 || text.includes('"isError":true') || text.includes('"error":'))
        throw new Error(`request ${at} was refused with ${response.status}: ${text.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: concurrent }, worker))
}

/** Milliseconds of CPU that the server's processes use for the work. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = cpuTicks()
  await work()
  return ((cpuTicks() - before) * 1_000) / ticksPerSecond
}

function cpuTicks(): number {
  return server.processes().reduce((sum, pid) => sum + ticksOf(pid), 0)
}

/** The 14th and 15th fields of the process's figures: time in the program and in the kernel. */
function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
