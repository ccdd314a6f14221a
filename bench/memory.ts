// Resident memory of the server after 100,000 creates, half of them in full messages, and 100,000 reads: single entities and
// pages, by default and strong. Flushes and compactions run meanwhile, as they do in use.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import type { LoadRequest } from './http-client.ts'
import { sendAll } from './send-all.ts'
import type { Finding } from './report.ts'

const megabytesMax = 200
const creates = 100_000
const reads = 100_000
const callsPerMessage = 100
const connections = 16
/** Ids that are read again and again. */
const idsMax = 2_000
const contacts = '/~memory/Contact'

export async function benchMemory(note: (line: string) => void): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-memory-'))
  try {
    const server = await startServer({ dataFolder: folder, port: 0, warn: note })
    try {
      return [await measure(server, note)]
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(server: Server, note: (line: string) => void): Promise<Finding> {
  const start = megabytes(server, 'VmRSS')
  await send(server, creates / 2 / callsPerMessage, message)
  const ids: string[] = []
  await send(server, creates / 2, create, (body) => {
    if (ids.length < idsMax) ids.push((JSON.parse(body) as { readonly $id: string }).$id)
  })
  const created = megabytes(server, 'VmRSS')
  note(`${created.toFixed(0)} MB after ${creates} creates`)
  await send(server, reads, (at) => ({ method: 'GET', path: readPath(at, ids) }))
  const end = megabytes(server, 'VmRSS')
  return {
    what: `resident memory after ${creates} creates and ${reads} reads`,
    target: `at most ${megabytesMax} MB`,
    measured: `${end.toFixed(0)} MB (at start ${start.toFixed(0)} MB, after the creates ${created.toFixed(0)} MB, peak ${megabytes(server, 'VmHWM').toFixed(0)} MB)`,
    isMet: end <= megabytesMax,
  }
}

function fieldsOf(at: number): object {
  const person = { name: `Ada Lovelace ${at}`, email: `ada${at}@example.com`, phone: '+44 20 7946 0000' }
  return { ...person, title: 'Countess', leadScore: at % 100, stage: at % 10 === 0 ? 'Qualified' : 'Lead' }
}

function message(at: number): LoadRequest {
  const calls = Array.from({ length: callsPerMessage }, (_, nth) => {
    const body = JSON.stringify(fieldsOf(creates + at * callsPerMessage + nth))
    return { kind: 'write', noun: 'Contact', verb: 'create', body }
  })
  return { method: 'POST', path: '/~memory/rpc', body: JSON.stringify({ calls }) }
}

function create(at: number): LoadRequest {
  return { method: 'POST', path: contacts, body: JSON.stringify(fieldsOf(at)) }
}

/** Of ten reads eight are of one entity, and every second is strong. Filtered pages come from files and the cache. */
function readPath(at: number, ids: readonly string[]): string {
  if (at % 10 < 8) return `${contacts}/${ids[at % ids.length] ?? ''}${at % 2 === 0 ? '?strong=true' : ''}`
  return `${contacts}?limit=20&${at % 2 === 0 ? 'strong=true' : `leadScore=${at % 100}&stage=Lead`}`
}

function send(
  server: Server,
  count: number,
  request: (at: number) => LoadRequest,
  seen?: (body: string) => void,
): Promise<void> {
  return sendAll(server, { count, connections, request, seen })
}

function megabytes(server: Server, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${server.pid()}/status`, 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024
}
