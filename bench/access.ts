// The cost of keys and rules: a read with a key against one without, a list under a rule of rows against one without, and the time
// until a revoked key is refused by every way of reading.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { HttpConnection, type LoadRequest } from './http-client.ts'
import { median } from './load.ts'
import { atLeast, atMost, type Finding } from './report.ts'

const deals = 20_000
const owners = 50
const rounds = 12
const requestsPerRound = 400
const refusedMsMax = 1_000
/** Cached answers expire, so the revoked key is tried by each way again and again. */
const lookMs = 10

export async function benchAccess(): Promise<Finding[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-bench-access-'))
  const server = await startServer({ dataFolder, port: 0, rateLimit: 0, log: () => {} })
  try {
    const setUp = await prepare(server)
    const connection = await HttpConnection.open(server.port)
    const findings = [await keyed(connection, setUp), await ruled(connection, setUp), await revoked(connection, setUp)]
    connection.close()
    return findings
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

interface SetUp {
  readonly $: ReturnType<typeof Headlessly>
  readonly deal: string
  /** The member whose rule shows its own deals. */
  readonly member: string
  readonly full: Key
  readonly restricted: Key
}

interface Key {
  readonly id: string
  readonly secret: string
}

async function prepare({ url }: Server): Promise<SetUp> {
  const $ = Headlessly({ tenant: 'keys', endpoint: url })
  const users = await $.User.createMany(
    Array.from({ length: owners }, (_, nth) => ({
      name: `u${nth}`,
      email: `u${nth}@example.com`,
      role: 'Viewer' as const,
    })),
  )
  const ids = (await $.User.find({}, { limit: 100, strong: true })).map(({ $id }) => $id)
  if (ids.length !== owners) throw new Error(`expected ${owners} users, got ${ids.length} of ${JSON.stringify(users)}`)
  const rows = Array.from({ length: deals }, (_, nth) => ({
    name: `deal ${nth}`,
    value: nth,
    owner: ids[nth % owners] ?? '',
  }))
  for (let at = 0; at < rows.length; at += 1_000) await $.Deal.createMany(rows.slice(at, at + 1_000))
  const own = { read: { owner: '$me' } } as const
  await $.access.setRoles({ Viewer: { nouns: { Deal: own }, others: { read: 'all' } } })
  const [member = ''] = ids
  const [deal] = await $.Deal.find({ owner: member }, { limit: 1, strong: true })
  const flushed = await fetch(`${url}/~keys/lake/flush`, { method: 'POST' })
  if (!flushed.ok || deal === undefined) throw new Error('the data is not ready')
  return { $, deal: deal.$id, member, full: await keyOf($), restricted: await keyOf($, member) }
}

async function keyOf($: SetUp['$'], owner?: string): Promise<Key> {
  const { $id, key = '' } = await $.ApiKey.create({ name: 'bench', ...(owner === undefined ? {} : { owner }) })
  return { id: $id, secret: key }
}

function keyed(connection: HttpConnection, { deal, full }: SetUp): Promise<Finding> {
  const path = `/~keys/Deal/${deal}`
  return compare(connection, {
    base: { method: 'GET', path },
    other: { method: 'GET', path, key: full.secret },
    finding: (base, other) =>
      atLeast('a warm default get with a key, against one without', 0.85, base / other, perRequest(base, other)),
  })
}

function ruled(connection: HttpConnection, { member, restricted }: SetUp): Promise<Finding> {
  const filter = encodeURIComponent(JSON.stringify({ owner: member }))
  return compare(connection, {
    base: { method: 'GET', path: `/~keys/Deal?strong=true&filter=${filter}` },
    other: { method: 'GET', path: '/~keys/Deal?strong=true', key: restricted.secret },
    finding: (base, other) =>
      atMost(
        'a list under an indexed row rule, against one by the same filter without rules',
        1.3,
        other / base,
        perRequest(base, other),
      ),
  })
}

function perRequest(base: number, other: number): string {
  return `${other.toFixed(3)} ms, ${base.toFixed(3)} ms without`
}

/** Interleaves rounds, so that other load on the machine meets both. */
async function compare(
  connection: HttpConnection,
  of: {
    readonly base: LoadRequest
    readonly other: LoadRequest
    readonly finding: (base: number, other: number) => Finding
  },
): Promise<Finding> {
  const millis = { base: [] as number[], other: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const name of ['base', 'other'] as const) {
      const start = performance.now()
      for (let nth = 0; nth < requestsPerRound; nth++) {
        const { status } = await connection.send(of[name])
        if (status !== 200) throw new Error(`${of[name].path} answers ${status}`)
      }
      // The first round warms caches.
      if (round > 0) millis[name].push((performance.now() - start) / requestsPerRound)
    }
  return of.finding(median(millis.base), median(millis.other))
}

/** Measures each way of reading with a key of its own, from the answer to the revocation on. */
async function revoked(connection: HttpConnection, { $, deal }: SetUp): Promise<Finding> {
  const paths = {
    'cached answer': `/~keys/Deal/${deal}`,
    files: '/~keys/Deal?sort=value&limit=50',
    object: `/~keys/Deal/${deal}?strong=true`,
    events: '/~keys/events?limit=10',
    lake: '/~keys/lake',
  }
  const slowest: [string, number][] = []
  for (const [name, path] of Object.entries(paths)) {
    const { id, secret } = await keyOf($)
    const ask = async (): Promise<number> => (await connection.send({ method: 'GET', path, key: secret })).status
    for (let nth = 0; nth < 3; nth++) if ((await ask()) !== 200) throw new Error(`${path} is not readable`)
    await $.ApiKey.revoke(id)
    const startMs = performance.now()
    while ((await ask()) !== 401) await new Promise((resolve) => setTimeout(resolve, lookMs))
    slowest.push([name, performance.now() - startMs])
  }
  const longest = Math.max(...slowest.map(([, ms]) => ms))
  const detail = slowest.map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ')
  return atMost(`a revoked key is refused on every path, against ${refusedMsMax} ms`, 1, longest / refusedMsMax, detail)
}
