// Requests for tenants that do not exist: reads, refused writes and listeners, as a scanner or a foreign page sends them.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Scenario, scaled, type Target } from './scenario.ts'

const tenantsAtMost = 20_000
const senders = 16

export const unknownTenants: Scenario = {
  name: 'unknown-tenants',
  about: '20,000 requests for tenants that do not exist leave no file, and no memory',
  attack: async (target) => {
    const before = filesIn(target.dataFolder)
    const count = scaled(target, tenantsAtMost)
    let next = 0
    const send = async (): Promise<void> => {
      for (let nth = next++; nth < count; nth = next++) await request(target, nth)
    }
    await Promise.all(Array.from({ length: senders }, send))
    const made = filesIn(target.dataFolder) - before
    // The neighbour's own files and the two objects that answer for all of them.
    if (made > filesOfNeighbourMax) throw new Error(`${count} requests for unknown tenants made ${made} files`)
    return { requests: count, files: made }
  },
}

const filesOfNeighbourMax = 200

const kinds: readonly {
  readonly path: string
  readonly status: number
  readonly body?: string
}[] = [
  { path: '/Contact', status: 200 },
  { path: '/Contact/contact_000001000001', status: 404 },
  { path: '/schema/Contact', status: 200 },
  { path: '/events', status: 200 },
  { path: '/Contact', status: 422, body: '{}' },
  { path: '/Contact/contact_000001000001/qualify', status: 404, body: '{}' },
]

async function request({ url }: Target, nth: number): Promise<void> {
  const kind = kinds[nth % kinds.length]
  if (kind === undefined) return
  const { path, status, body } = kind
  const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  const answer = await fetch(`${url}/~unknown-${nth}${path}`, init)
  const text = await answer.text()
  // A server that limits its work may say so.
  if (answer.status !== status && answer.status !== 503)
    throw new Error(`${path} of an unknown tenant answered ${answer.status}: ${text.slice(0, 200)}`)
}

function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const status = statSync(join(folder, name), { throwIfNoEntry: false })
    return status?.isFile() === true
  }).length
}
