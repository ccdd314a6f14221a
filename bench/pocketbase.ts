// PocketBase beside us in one run, on the same machine and disk: as it ships, where a crash may lose the last commits
// (`synchronous=NORMAL`), and with `synchronous=FULL`, which promises what we promise. It is built from its Go module.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import type { LoadRequest } from './http-client.ts'
import { load, type LoadResult, median } from './load.ts'
import { atLeast, type Finding } from './report.ts'
import { interleave } from './writes.ts'

const durationMs = 2_000
const rounds = 5
const createCpuMax = 320
const startMsMax = 20_000
const buildMsMax = 600_000
const source = join(import.meta.dirname, 'pocketbase')
const goPrograms = ['go', '/usr/local/go/bin/go']

interface Side {
  readonly port: number
  readonly pid: number
  /** The status of a creation. */
  readonly created: number
  readonly collection: string
  readonly get: (id: string) => string
  readonly list: string
}

type Sides = Readonly<Record<'ours' | 'ships' | 'full', Side>>

/** Returns a line that says so if there is no Go. */
export async function benchPocketBase(server: Server, note: (line: string) => void): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-pocketbase-'))
  const started: ChildProcess[] = []
  try {
    const program = await buildProgram(folder)
    if (typeof program !== 'string') return [skipped(program.why)]
    note('PocketBase is built')
    const start = async (name: string, env: Readonly<Record<string, string>>): Promise<Side> => {
      const port = await freePort()
      const options = ['serve', `--http=127.0.0.1:${port}`, `--dir=${join(folder, name)}`]
      const child = spawn(program, options, { stdio: 'ignore', env: { ...process.env, ...env } })
      started.push(child)
      await untilAnswers(port)
      return pocketBaseSide(port, child.pid ?? 0)
    }
    const ships = await start('ships', {})
    const full = await start('full', { BENCH_SYNCHRONOUS: 'FULL' })
    return await compare({ ours: ourSide(server), ships, full })
  } finally {
    await Promise.all(started.map(stop))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function skipped(why: string): Finding {
  return { what: 'PocketBase', target: '', measured: `not measured: ${why}` }
}

async function buildProgram(folder: string): Promise<string | { readonly why: string }> {
  const program = join(folder, 'pocketbase')
  const run = promisify(execFile)
  for (const go of goPrograms) {
    try {
      await run(go, ['build', '-o', program, '.'], { cwd: source, timeout: buildMsMax })
      return program
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if ('code' in error && error.code === 'ENOENT') continue
      return { why: `its build failed: ${error.message.trim().split('\n').at(-1) ?? ''}` }
    }
  }
  return { why: 'this machine has no Go, from whose module it is built' }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => void server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilAnswers(port: number): Promise<void> {
  for (const start = performance.now(); performance.now() - start < startMsMax;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await new Promise((resolve) => void setTimeout(resolve, 100))
  }
  throw new Error('PocketBase did not start in time')
}

function ourSide(server: Server): Side {
  return {
    port: server.port,
    pid: server.pid(),
    created: 201,
    collection: '/~pocketbase/Contact',
    get: (id) => `/~pocketbase/Contact/${id}?strong=true`,
    list: '/~pocketbase/Contact?limit=20&strong=true',
  }
}

function pocketBaseSide(port: number, pid: number): Side {
  const collection = '/api/collections/contacts/records'
  return {
    port,
    pid,
    created: 200,
    collection,
    get: (id) => `${collection}/${id}`,
    // Without a total, which ours counts only if asked.
    list: `${collection}?perPage=20&skipTotal=1&sort=-created`,
  }
}

async function compare(sides: Sides): Promise<Finding[]> {
  const findings: Finding[] = []
  const ids: Record<string, string[]> = {}
  for (const [name, side] of Object.entries(sides)) ids[name] = await makeContacts(side)
  for (const concurrency of [1, 64]) {
    const results = await eachSide(sides, (side) => measure(side, { concurrency, request: () => creation(side) }))
    findings.push(...against(`create, concurrency ${concurrency}`, results, concurrency === 64 ? 1 : undefined))
    if (concurrency === 64) findings.push(cpuOf(results))
  }
  const gets = await eachSide(sides, (side, name) =>
    measure(side, { request: (at) => read(side.get(ids[name]?.[at % (ids[name]?.length ?? 1)] ?? '')) }),
  )
  const lists = await eachSide(sides, (side) => measure(side, { request: () => read(side.list) }))
  return [
    ...findings,
    ...against('strong get, concurrency 16', gets, undefined),
    ...against('strong list of 20, newest first, concurrency 16', lists, undefined),
  ]
}

type Results = Readonly<Record<keyof Sides, readonly LoadResult[]>>

function eachSide(sides: Sides, work: (side: Side, name: string) => Promise<LoadResult>): Promise<Results> {
  return interleave(
    {
      ours: () => work(sides.ours, 'ours'),
      ships: () => work(sides.ships, 'ships'),
      full: () => work(sides.full, 'full'),
    },
    rounds,
  )
}

function against(what: string, results: Results, target: number | undefined): Finding[] {
  const rate = (name: keyof Sides): number => median(results[name].map(({ perSecond }) => perSecond))
  const cpu = (name: keyof Sides): number => median(results[name].map(({ cpuMicros }) => cpuMicros))
  const side = (name: keyof Sides): string => `${rate(name).toFixed(0)} a second, ${cpu(name).toFixed(0)} µs`
  const line = (name: 'ships' | 'full', than: string): Finding => {
    const ratio = rate('ours') / rate(name)
    const detail = `${side('ours')}; PocketBase ${side(name)}`
    if (name === 'ships' && target !== undefined) return atLeast(`${what}, against ${than}`, target, ratio, detail)
    return { what: `${what}, against ${than}`, target: '', measured: `${ratio.toFixed(2)}x (${detail})` }
  }
  return [line('ships', 'PocketBase as it ships'), line('full', 'PocketBase with synchronous=FULL')]
}

/** Other load only adds CPU time. */
function cpuOf({ ours, ships }: Results): Finding {
  const least = (results: readonly LoadResult[]): number => Math.min(...results.map(({ cpuMicros }) => cpuMicros))
  return {
    what: 'CPU of a create, concurrency 64',
    target: `at most ${createCpuMax} µs`,
    measured: `${least(ours).toFixed(0)} µs, PocketBase ${least(ships).toFixed(0)} µs`,
    isMet: least(ours) <= createCpuMax,
  }
}

function measure(
  { port, pid, created }: Side,
  options: {
    readonly request: (at: number) => LoadRequest
    readonly concurrency?: number
    readonly ms?: number
    readonly seen?: (body: string) => void
  },
): Promise<LoadResult> {
  const { request, concurrency = 16, ms = durationMs, seen } = options
  const expect = request(0).method === 'POST' ? created : 200
  return load({
    port,
    pid,
    concurrency,
    durationMs: ms,
    expect,
    request,
    ...(seen === undefined ? {} : { seen: ({ body }) => seen(body) }),
  })
}

/** Warms the server up, and returns ids. */
async function makeContacts(side: Side): Promise<string[]> {
  const ids: string[] = []
  const seen = (body: string): void => {
    const made = JSON.parse(body) as { readonly $id?: string; readonly id?: string }
    ids.push(made.$id ?? made.id ?? '')
  }
  await measure(side, { concurrency: 16, ms: 1_000, request: () => creation(side), seen })
  return ids
}

let made = 0

function creation({ collection }: Side): LoadRequest {
  const number = made++
  const fields = {
    name: `Ada Lovelace ${number}`,
    email: `ada${number}@example.com`,
    title: 'Countess',
    phone: '+44 20 7946 0000',
    leadScore: number % 100,
  }
  return { method: 'POST', path: collection, body: JSON.stringify(fields) }
}

function read(path: string): LoadRequest {
  return { method: 'GET', path }
}
