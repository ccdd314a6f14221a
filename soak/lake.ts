// Counts a table of the lake while it is written and its files are replaced, with engines of others, through the folder and through the
// catalog. No count may fail, have a row twice, or be older than a minute.
//
//   npm run soak:lake -- --counts 500 [--python /path/to/python]
//
// ClickHouse comes with `npm ci --prefix checks`; the Python engines are those that the named Python has: pyiceberg, pandas, polars,
// pyspark (with Java), and duckdb with duckdb-extension-iceberg. Those that do not start are left out, and the line says which count.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { findEngine } from '../checks/engines.ts'
import { getJson, postJson } from './ask-json.ts'
import { sleep } from './kill-server.ts'

const tenant = 'counted'
const behindMsMax = 60_000
const createdTogether = 100
const pythonEngines = [
  'pyiceberg-catalog',
  'pandas-catalog',
  'polars-catalog',
  'spark-catalog',
  'duckdb-folder',
] as const
const clickHouseEngines = ['clickhouse-folder', 'clickhouse-catalog'] as const

interface Count {
  readonly rows?: number
  readonly distinct?: number
  readonly error?: string
}

/** Counts once for each line that it is sent. */
class Engine {
  readonly name: string
  readonly #program: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  constructor(name: string, command: string, parameters: readonly string[]) {
    this.name = name
    this.#program = spawn(command, parameters)
    this.#program.stderr.resume()
    this.#lines = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]()
  }

  /** Returns whether the engine is installed. */
  async isReady(): Promise<boolean> {
    // Spark prints other lines before.
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next())
      if (next.value.startsWith('{"ready"')) return true
    return false
  }

  async count(): Promise<Count> {
    this.#program.stdin.write('\n')
    const { value, done } = await this.#lines.next()
    return done === true ? { error: 'the engine has ended' } : (JSON.parse(value) as Count) // the programs here write it
  }

  stop(): void {
    this.#program.kill('SIGKILL')
  }
}

/** A count of the table, and the time since which it holds. */
interface State {
  readonly sinceMs: number
  readonly rows: number
}

class Writer {
  readonly states: State[] = []
  readonly #url: string
  #rows = 0
  #round = 0

  constructor(url: string) {
    this.#url = url
  }

  /** Creates some entities, and changes and deletes some of before: each makes deletes by position, and merges. */
  async write(): Promise<void> {
    const round = this.#round++
    const entities = Array.from({ length: createdTogether }, (_, at) => ({ name: `c${round}-${at}`, leadScore: at }))
    await postJson(`${this.#url}/Contact/createMany`, { entities })
    this.#note(createdTogether)
    const filter = { leadScore: round % createdTogether }
    await postJson(`${this.#url}/Contact/updateMany`, { filter, set: { title: `t${round}` } })
    if (round % 5 !== 4) return
    const { results } = await getJson(`${this.#url}/Contact?limit=10&fields=name&strong=true`)
    const ids = (results as readonly { readonly $id: string }[]).map(({ $id }) => $id)
    for (const id of ids) {
      await fetch(`${this.#url}/Contact/${id}`, { method: 'DELETE' })
      this.#note(-1)
    }
  }

  #note(more: number): void {
    this.#rows += more
    this.states.push({ sinceMs: Date.now(), rows: this.#rows })
  }

  /** The fault of a count that has begun and ended at these times. */
  faultOf({ rows, distinct, error }: Count, beganMs: number): string | undefined {
    if (error !== undefined) return error
    if (rows !== distinct) return `${rows} rows have ${distinct} ids`
    const oldest = this.states.findLastIndex(({ sinceMs }) => sinceMs < beganMs - behindMsMax)
    const isThere = this.states.slice(Math.max(0, oldest)).some((state) => state.rows === rows)
    return isThere ? undefined : `${rows} rows were at no time since a minute`
  }
}

/** Counts in turns until the engine has its share. Returns the faults. */
async function countAll(engine: Engine, writer: Writer, counts: number): Promise<readonly string[]> {
  const faults: string[] = []
  for (let at = 0; at < counts; at++) {
    const beganMs = Date.now()
    const fault = writer.faultOf(await engine.count(), beganMs)
    if (fault !== undefined) faults.push(`${engine.name}, count ${at}: ${fault}`)
    await sleep(100)
  }
  return faults
}

interface EngineOptions {
  readonly python: string | undefined
  readonly pageFile: string
  readonly folder: string
}

/** Starts the engines that are installed. */
async function startEngines({ python, pageFile, folder }: EngineOptions): Promise<readonly Engine[]> {
  const here = join(import.meta.dirname, 'lake')
  const all = [
    ...(python === undefined
      ? []
      : pythonEngines.map((name) => new Engine(name, python, [join(here, 'count.py'), name, pageFile, folder]))),
    ...clickHouseEngines.map(
      (name) =>
        new Engine(name, process.execPath, [join(here, 'count.cjs'), name, pageFile, folder, findEngine('chdb') ?? '']),
    ),
  ]
  const ready = await Promise.all(all.map((engine) => engine.isReady()))
  return all.filter((_, at) => ready[at])
}

export async function countLake(options: {
  readonly counts: number
  readonly python: string | undefined
  readonly log: (line: string) => void
}): Promise<{ readonly counts: number; readonly engines: readonly string[]; readonly rows: number }> {
  const { counts, python, log } = options
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
  const flush = '{"intervalMs":300,"graceMs":60000}'
  const server = await startServer({ dataFolder: join(folder, 'data'), port: 0, log: () => {}, flush })
  const url = `${server.url}/~${tenant}`
  const writer = new Writer(url)
  let [isOver, failure]: [boolean, unknown] = [false, undefined]
  let engines: readonly Engine[] = []
  try {
    await writer.write()
    await postJson(`${url}/lake/flush`, {})
    const pageFile = join(folder, 'lake.json')
    writeFileSync(pageFile, JSON.stringify(await getJson(`${url}/lake`)))
    const table = join(folder, 'data/lake', tenant, 'contact')
    await tableAt(table)
    engines = await startEngines({ python, pageFile, folder: table })
    log(`counting by ${engines.map(({ name }) => name).join(', ')}`)
    const writing = (async () => {
      while (!isOver) await writer.write()
    })().catch((error: unknown) => (failure = error))
    const each = Math.ceil(counts / engines.length)
    const faults = (await Promise.all(engines.map((engine) => countAll(engine, writer, each)))).flat()
    isOver = true
    await writing
    if (failure !== undefined) throw failure
    if (faults.length > 0) throw new Error(`${faults.length} counts were wrong:\n${faults.slice(0, 10).join('\n')}`)
    return {
      counts: each * engines.length,
      engines: engines.map(({ name }) => name),
      rows: writer.states.at(-1)?.rows ?? 0,
    }
  } finally {
    isOver = true
    for (const engine of engines) engine.stop()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The first commit to the table follows the flush after some seconds. */
async function tableAt(folder: string): Promise<void> {
  for (let at = 0; at < 600; at++) {
    try {
      readFileSync(join(folder, 'metadata/version-hint.text'))
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error(`there is no table in '${folder}' after a minute`)
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { counts: { type: 'string', default: '500' }, python: { type: 'string' } } })
  await buildIfStale()
  console.log(await countLake({ counts: Number(values.counts), python: values.python, log: console.log }))
}
