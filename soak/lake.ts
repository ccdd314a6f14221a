// Counts a table of the lake while it is written and its files are replaced, with engines of others: through the folder, through the
// catalog, and in copies of the folder that were made meanwhile and relocated. Each count has the sums of what one commit left, so no
// row may be missing, stale, or there twice; and that commit was the newest at some time of the last minute. Tokens of the catalog end
// after 30 seconds, and each engine has one session that goes on.
//
//   npm run soak:lake -- --counts 500 [--python /path/to/python] [--engines spark,duckdb] [--seed 1]
//
// ClickHouse comes with `npm ci --prefix checks`; the Python engines are those that the named Python has: pyiceberg, pandas, polars,
// pyspark (with Java), and duckdb with duckdb-extension-iceberg. Those that do not start are left out, and the line says which count.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson, postJson } from './ask-json.ts'
import { sleep } from './kill-server.ts'
import { Copies } from './lake/copies.ts'
import { type Engine, type Source, startEngines } from './lake/engines.ts'
import { type Counted, strongRows, Writer } from './lake/writer.ts'

const tenant = 'counted'
const tokenSeconds = 30
const lifetimesMin = 3
const copyMs = 5_000
const writePauseMs = 200

interface Options {
  readonly counts: number
  readonly python: string | undefined
  readonly engines: readonly string[] | undefined
  readonly seed: number
  readonly log: (line: string) => void
}

interface Outcome {
  readonly counts: Readonly<Record<string, number>>
  /** The seconds for which each engine's one session was asked. */
  readonly seconds: Readonly<Record<string, number>>
  readonly commits: number
  readonly rows: number
  readonly lagMsMax: number
  readonly copies: number
  readonly copiesIncomplete: number
  /** The snapshots of the table that were seen, and those of them that replaced files by others. */
  readonly snapshots: number
  readonly replacing: number
}

class Run {
  readonly #folder = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
  readonly #options: Options
  readonly #lake = join(this.#folder, 'data/lake')
  readonly #copies = new Copies({ lake: this.#lake, folder: join(this.#folder, 'copies') })
  readonly #counts = new Map<string, Counted[]>()
  readonly #snapshots = new Map<number, boolean>()
  readonly #seconds: Record<string, number> = {}
  readonly #table = join(this.#lake, tenant, 'contact')
  readonly #failing = new Set<string>()
  #isOver = false

  constructor(options: Options) {
    this.#options = options
  }

  async run(): Promise<Outcome> {
    const { seed, log } = this.#options
    // Small enough that deltas are merged, and bases written again, all the time.
    const flush = '{"intervalMs":300,"graceMs":60000,"wholeRows":1000,"deltaRowsMin":4000}'
    const dataFolder = join(this.#folder, 'data')
    const server = await startServer({ dataFolder, port: 0, log: () => {}, flush, lakeTokenSeconds: tokenSeconds })
    const url = `${server.url}/~${tenant}`
    const writer = new Writer(url, seededRandom(seed))
    let engines: readonly Engine[] = []
    try {
      await writer.write()
      await postJson(`${url}/lake/flush`, {})
      await this.#tableMade()
      await this.#copies.make(tenant)
      const pageFile = join(this.#folder, 'lake.json')
      writeFileSync(pageFile, JSON.stringify(await getJson(`${url}/lake`)))
      const { python, engines: names } = this.#options
      engines = await startEngines({
        python,
        pageFile,
        root: this.#folder,
        log,
        ...(names === undefined ? {} : { names }),
      })
      log(
        `seed ${seed}: counting by ${engines.map(({ name, sources }) => `${name} (${sources.join(', ')})`).join(', ')}`,
      )
      const background = [this.#keepWriting(writer), this.#keepCopying(), expectExpiry(server.url)]
      const counting = Promise.all(engines.map((engine) => this.#countBy(engine, engines)))
      await Promise.race([counting, Promise.all([...background, counting])])
      this.#isOver = true
      await Promise.all(background)
      const rows = await strongRows(url)
      if (rows !== writer.states.at(-1)?.rows) throw new Error(`a strong read counts ${rows} rows`)
      return this.#outcome(writer)
    } finally {
      this.#isOver = true
      for (const engine of engines) engine.stop()
      await server.stop()
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  /** Counts in turns until the engine has its share, and its session has outlived some tokens. */
  async #countBy(engine: Engine, engines: readonly Engine[]): Promise<void> {
    const each = Math.ceil(this.#options.counts / engines.reduce((sum, { sources }) => sum + sources.length, 0))
    const startMs = Date.now()
    const enoughMs = startMs + lifetimesMin * tokenSeconds * 1_000
    for (let at = 0; at < each || Date.now() < enoughMs; at++) {
      for (const source of engine.sources) await this.#count(engine, source)
      if (at % 10 === 9) this.#options.log(`${engine.name} has counted ${(at + 1) * engine.sources.length} times`)
      await sleep(100)
    }
    this.#seconds[engine.name] = Math.round((Date.now() - startMs) / 1_000)
  }

  async #count(engine: Engine, source: Source): Promise<void> {
    const ask = async (path: string, beganMs: number): Promise<void> => {
      const answer = await engine.ask({ do: 'count', source, table: 'contact', path })
      const name = `${engine.name} ${source}`
      if (answer['error'] !== undefined) this.#logFailure(name, String(answer['error']))
      const counted = { answer, beganMs, endedMs: Date.now() }
      this.#counts.set(name, [...(this.#counts.get(name) ?? []), counted])
    }
    if (source !== 'copy') return ask(this.#table, Date.now())
    await this.#copies.reading(({ folder, beganMs }) => ask(join(folder, 'contact'), beganMs))
  }

  /** The first one only: the same follows each time. */
  #logFailure(name: string, error: string): void {
    if (!this.#failing.has(name)) this.#options.log(`${name}: ${error}`)
    this.#failing.add(name)
  }

  async #keepWriting(writer: Writer): Promise<void> {
    while (!this.#isOver) {
      await writer.write()
      await sleep(writePauseMs)
    }
  }

  async #keepCopying(): Promise<void> {
    while (!this.#isOver) {
      this.#noteSnapshots()
      await this.#copies.make(tenant)
      for (let waited = 0; waited < copyMs && !this.#isOver; waited += 100) await sleep(100)
    }
  }

  #noteSnapshots(): void {
    const version = readFileSync(join(this.#table, 'metadata/version-hint.text'), 'utf8')
    const text = readFileSync(join(this.#table, `metadata/v${version}.metadata.json`), 'utf8')
    const { snapshots } = JSON.parse(text) as {
      readonly snapshots: readonly {
        readonly 'snapshot-id': number
        readonly summary: Readonly<Record<string, string>>
      }[]
    }
    for (const { 'snapshot-id': id, summary } of snapshots)
      this.#snapshots.set(id, Number(summary['deleted-data-files']) > 0)
  }

  #outcome(writer: Writer): Outcome {
    const faults = [...this.#counts].flatMap(([name, counts]) =>
      counts.flatMap((counted, at) => {
        const fault = writer.faultOf(counted)
        return fault === undefined ? [] : [`${name}, count ${at}: ${fault}`]
      }),
    )
    if (faults.length > 0) throw new Error(`${faults.length} counts were wrong:\n${faults.slice(0, 10).join('\n')}`)
    const replacing = [...this.#snapshots.values()].filter(Boolean).length
    if (replacing === 0) throw new Error('no files were merged')
    return {
      counts: Object.fromEntries([...this.#counts].map(([name, { length }]) => [name, length])),
      seconds: this.#seconds,
      commits: writer.states.length,
      rows: writer.states.at(-1)?.rows ?? 0,
      lagMsMax: writer.lagMsMax,
      copies: this.#copies.made,
      copiesIncomplete: this.#copies.incomplete,
      snapshots: this.#snapshots.size,
      replacing,
    }
  }

  /** The first commit to the table follows the flush after some seconds. */
  async #tableMade(): Promise<void> {
    for (let at = 0; at < 600; at++) {
      if (existsSync(join(this.#table, 'metadata/version-hint.text'))) return
      await sleep(100)
    }
    throw new Error(`there is no table in '${this.#table}' after a minute`)
  }
}

/** A token of the beginning is refused once its seconds are over, so that sessions go on by newer ones. */
async function expectExpiry(server: string): Promise<void> {
  const catalog = `${server}/iceberg/${tenant}/v1`
  const { s3 } = (await getJson(`${server}/~${tenant}/lake`)) as {
    readonly s3: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  const form = { grant_type: 'client_credentials', client_id: s3.accessKeyId, client_secret: s3.secretAccessKey }
  const issued = await fetch(`${catalog}/oauth/tokens`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token } = (await issued.json()) as { readonly access_token: string }
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${catalog}/config`, { headers: { authorization: `Bearer ${token}` } })
    await answer.body?.cancel()
    return answer.status
  }
  const first = await ask()
  await sleep((tokenSeconds + 1) * 1_000)
  const second = await ask()
  if (first !== 200 || second !== 401) throw new Error(`a token was answered by ${first}, and at its end by ${second}`)
}

export function countLake(options: Options): Promise<Outcome> {
  return new Run(options).run()
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      counts: { type: 'string', default: '500' },
      python: { type: 'string' },
      engines: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  await buildIfStale()
  const { python, engines } = values
  const chosen = { python, engines: engines?.split(',') }
  const outcome = await countLake({
    counts: Number(values.counts),
    ...chosen,
    seed: Number(values.seed),
    log: console.log,
  })
  console.log(outcome)
}
