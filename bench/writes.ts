// Creates and reads of single entities, compared with a bare Worker and object with the same hop and the same bytes.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { load, type LoadResult, median } from './load.ts'
import { atLeast, atMost, type Finding } from './report.ts'

const rounds = 5
const durationMs = 2_000

interface Side {
  readonly server: Server
  readonly create: string
  readonly get: (id: string) => string
}

export async function benchWrites(servers: { readonly ours: Server; readonly bare: Server }): Promise<Finding[]> {
  const ours: Side = {
    server: servers.ours,
    create: '/~bench/Contact',
    get: (id) => `/~bench/Contact/${id}?strong=true`,
  }
  const bare: Side = { server: servers.bare, create: '/create', get: (id) => `/${id}` }
  const alone: Side = { ...bare, create: '/alone' }
  // Warm-up: creates tables, compiles code.
  for (const side of [ours, bare, alone]) await create(side, 16, 1_000)

  const findings: Finding[] = []
  for (const concurrency of [1, 64]) {
    const results = await interleave({
      ours: () => create(ours, concurrency),
      bare: () => create(bare, concurrency),
      alone: () => create(alone, concurrency),
    })
    const rate = rates(results)
    const detail = `${rate.ours.toFixed(0)} a second, bare ${rate.bare.toFixed(0)}`
    findings.push(atLeast(`create, concurrency ${concurrency}`, 0.8, rate.ours / rate.bare, detail))
    if (concurrency === 1) continue
    findings.push({
      what: 'for comparison: gain over bare with one commit per request',
      target: '',
      measured: `${(rate.ours / rate.alone).toFixed(2)}x (${rate.alone.toFixed(0)} a second)`,
    })
    const cpu = { ours: medianOf(results.ours, 'cpuMicros'), bare: medianOf(results.bare, 'cpuMicros') }
    findings.push(
      atMost('CPU a create', 3, cpu.ours / cpu.bare, `${cpu.ours.toFixed(0)} µs, bare ${cpu.bare.toFixed(0)} µs`),
    )
  }
  findings.push(await benchGet(ours, bare))
  return findings
}

async function benchGet(ours: Side, bare: Side): Promise<Finding> {
  const ids = { ours: await makeEntities(ours), bare: await makeEntities(bare) }
  const read = (side: Side, of: readonly string[]): Promise<LoadResult> =>
    load({
      port: side.server.port,
      pid: side.server.pid(),
      concurrency: 16,
      durationMs,
      expect: 200,
      request: (at) => ({ method: 'GET', path: side.get(of[at % of.length] ?? '') }),
    })
  const rate = rates(await interleave({ ours: () => read(ours, ids.ours), bare: () => read(bare, ids.bare) }))
  return atLeast(
    'strong get, concurrency 16',
    0.8,
    rate.ours / rate.bare,
    `${rate.ours.toFixed(0)} a second, bare ${rate.bare.toFixed(0)}`,
  )
}

async function makeEntities(side: Side): Promise<string[]> {
  const ids: string[] = []
  await create(side, 16, 500, (body) => ids.push((JSON.parse(body) as { $id: string }).$id))
  return ids
}

let made = 0

function create(side: Side, concurrency: number, ms = durationMs, seen?: (body: string) => void): Promise<LoadResult> {
  const request = (): { method: string; path: string; body: string } => {
    const number = made++
    const fields = {
      name: `Ada Lovelace ${number}`,
      email: `ada${number}@example.com`,
      title: 'Countess',
      phone: '+44 20 7946 0000',
      leadScore: number % 100,
    }
    return { method: 'POST', path: side.create, body: JSON.stringify(fields) }
  }
  const { port } = side.server
  return load({
    port,
    pid: side.server.pid(),
    concurrency,
    durationMs: ms,
    expect: 201,
    request,
    ...(seen === undefined ? {} : { seen: (answer) => seen(answer.body) }),
  })
}

/** Runs the sides alternately and repeatedly, so that other load on the machine affects all of them. */
export async function interleave<Name extends string, Result>(
  work: Readonly<Record<Name, () => Promise<Result>>>,
  times = rounds,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(work) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Result[]>
  for (let round = 0; round < times; round++) for (const name of names) results[name].push(await work[name]())
  return results
}

function rates<Name extends string>(results: Readonly<Record<Name, readonly LoadResult[]>>): Record<Name, number> {
  const entries = Object.entries(results) as [Name, readonly LoadResult[]][]
  return Object.fromEntries(entries.map(([name, runs]) => [name, medianOf(runs, 'perSecond')])) as Record<Name, number>
}

function medianOf(runs: readonly LoadResult[], key: 'perSecond' | 'cpuMicros'): number {
  return median(runs.map((run) => run[key]))
}
