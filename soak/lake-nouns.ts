// Reads the table of every Noun with engines of others, and compares each value of each row with a strong read. The entities are
// generated: every Noun that is built in, and one with every type of field; created, changed and deleted. Small Nouns are one file,
// and others have several, with deletes by position.
//
//   npm run soak:lake-nouns -- [--python /path/to/python] [--engines spark,duckdb] [--seed 1]
//
// `soak/lake.ts` says which engines there are.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { Noun, nouns, type NounSchema } from 'digital-objects'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { getJson } from './ask-json.ts'
import { sleep } from './kill-server.ts'
import { Copies } from './lake/copies.ts'
import { type Engine, type Source, sourcesOf, startEngines } from './lake/engines.ts'
import { EntitiesOfNouns } from './lake/entities-of-nouns.ts'
import { expectedValues, foundValues, storedFieldsOf } from './lake/stored-fields.ts'

const tenant = 'nouns'
/** Effects and handlers write some time after the requests. */
const quietMs = 5_000
const attemptsMax = 3
/** Pandas makes numbers of missing values. */
const engineNames = Object.keys(sourcesOf).filter((name) => name !== 'pandas')

/** Every type of field that the grammar has, single and as a list. */
const everything = {
  string: 'string',
  text: 'text',
  number: 'number',
  integer: 'integer#',
  money: 'money',
  currency: 'currency',
  boolean: 'boolean',
  datetime: 'datetime#',
  date: 'date',
  json: 'json',
  url: 'url',
  email: 'email#',
  id: 'id',
  unique: 'string##',
  choice: 'Small | Big #',
  about: '-> Contact.everythings',
  strings: 'string[]#',
  numbers: 'number[]',
  integers: 'integer[]',
  urls: 'url[]',
  emails: 'email[]',
  choices: '(Small | Big)[]',
  others: '-> Deal.everythings[]',
}

type Entities = ReadonlyMap<string, Readonly<Record<string, unknown>>>

interface Options {
  readonly python: string | undefined
  readonly engines: readonly string[] | undefined
  readonly seed: number
  readonly log: (line: string) => void
}

interface Outcome {
  readonly nouns: number
  readonly entities: number
  /** Columns with a value, and columns. */
  readonly columns: string
  /** Tables of one file, and tables with deletes by position. */
  readonly tables: string
  /** Values that each engine returned as the strong read did. */
  readonly equal: Readonly<Record<string, number>>
}

export async function compareNouns({ python, engines: names, seed, log }: Options): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
  const dataFolder = join(root, 'data')
  const flush = '{"intervalMs":300,"tablesMs":500,"wholeRows":12,"graceMs":60000}'
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush })
  const url = `${server.url}/~${tenant}`
  let engines: readonly Engine[] = []
  try {
    const schemas = [...Object.values(nouns).map(({ $schema }) => $schema), await defineEverything(url)]
    await new EntitiesOfNouns({ url, schemas, random: seededRandom(seed) }).make()
    const lake = join(dataFolder, 'lake')
    const copies = new Copies({ lake, folder: join(root, 'copies') })
    const take = async (): Promise<Stock> => takeStock({ url, schemas, lake, copies })
    let stock = await take()
    const pageFile = join(root, 'lake.json')
    writeFileSync(pageFile, JSON.stringify(await getJson(`${url}/lake`)))
    engines = await startEngines({ python, pageFile, root, log, names: names ?? engineNames })
    const equal: Record<string, number> = {}
    for (const engine of engines) {
      for (let attempt = 0; equal[engine.name] === undefined; attempt++) {
        try {
          equal[engine.name] = await compareBy(engine, schemas, stock)
        } catch (error) {
          // A write of the server itself, such as a retry that is due, is no fault.
          if (stock.events === (await statusOf(url)).events || attempt === attemptsMax) throw error
          stock = await take()
        }
      }
      log(`${engine.name}: ${equal[engine.name]} values are equal`)
    }
    return { ...summary(schemas, stock.expected), tables: tableKinds(stock.folders.folder), equal }
  } finally {
    for (const engine of engines) engine.stop()
    await server.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

async function defineEverything(url: string): Promise<NounSchema> {
  const answer = await fetch(`${url}/schema/Everything`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fields: everything }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  await answer.body?.cancel()
  return Noun('Everything', everything).$schema
}

async function readStrongly(url: string, schema: NounSchema): Promise<Entities> {
  const { results } = await getJson(`${url}/${schema.name}?limit=100&strong=true`)
  const entities = results as readonly Readonly<Record<string, unknown>>[]
  return new Map(entities.map((entity) => [String(entity['$id']), expectedValues(entity, schema)]))
}

/** The content that the tables should have, and their folders. */
interface Stock {
  /** The number of events then. */
  readonly events: number
  readonly expected: ReadonlyMap<string, Entities>
  readonly folders: Readonly<Record<Source, string>>
}

async function takeStock({ url, schemas, lake, copies }: StockOptions): Promise<Stock> {
  const { events } = await tablesMade(url)
  const expected = new Map<string, Entities>()
  for (const schema of schemas) expected.set(schema.name, await readStrongly(url, schema))
  const { folder: copy } = await copies.make(tenant)
  return { events, expected, folders: { catalog: '', folder: join(lake, tenant), copy } }
}

interface StockOptions {
  readonly url: string
  readonly schemas: readonly NounSchema[]
  readonly lake: string
  readonly copies: Copies
}

interface Status {
  readonly events: number
  readonly jobs: readonly { readonly name: string; readonly next: string | null }[]
  readonly files: { readonly lagEvents: number }
}

async function statusOf(url: string): Promise<Status> {
  return (await getJson(`${url}/status`)) as unknown as Status
}

/** Waits until nothing was written for some seconds, and no table is behind: then the next step is an expiry, later on. */
async function tablesMade(url: string): Promise<Status> {
  let [events, sinceMs] = [-1, 0]
  for (let at = 0; at < 600; at++) {
    const status = await statusOf(url)
    if (status.events !== events) [events, sinceMs] = [status.events, Date.now()]
    const next = status.jobs
      .filter(({ name }) => ['flush', 'compaction', 'tables'].includes(name))
      .map((job) => job.next)
    const isIdle = next.every((time) => time === null || Date.parse(time) > Date.now() + 20_000)
    if (status.files.lagEvents === 0 && isIdle && Date.now() > sinceMs + quietMs) return status
    await sleep(200)
  }
  throw new Error('the tables are not made after two minutes')
}

/** Names of the tables by Noun. */
function tableNames(folder: string): ReadonlyMap<string, string> {
  return new Map(readTables(folder).map(({ noun, name }) => [noun, name]))
}

function tableKinds(folder: string): string {
  const tables = readTables(folder)
  const whole = tables.filter(({ current }) => current !== undefined).length
  return `${whole} of one file, ${tables.length - whole} of several`
}

interface Table {
  readonly noun: string
  readonly name: string
  readonly current?: string
}

function readTables(folder: string): readonly Table[] {
  return (JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')) as { readonly tables: readonly Table[] }).tables
}

/** Returns how many values were compared. Throws an Error about the first difference. */
async function compareBy(
  engine: Engine,
  schemas: readonly NounSchema[],
  { expected, folders }: Stock,
): Promise<number> {
  const tables = tableNames(folders.folder)
  let values = 0
  for (const source of engine.sources)
    for (const schema of schemas) {
      const table = tables.get(schema.name)
      const where = `${engine.name} by ${source}, ${schema.name}`
      if (table === undefined) throw new Error(`${schema.name} has no table`)
      const path = join(folders[source], table)
      const { all, error } = await engine.ask({ do: 'rows', source, table, path })
      if (!Array.isArray(all)) throw new Error(`${where}: ${String(error)}`)
      const found = (all as readonly Readonly<Record<string, unknown>>[]).map((row) => foundValues(row, schema))
      values += compareRows(where, found, expected.get(schema.name) ?? new Map())
    }
  return values
}

function compareRows(where: string, found: readonly Readonly<Record<string, unknown>>[], expected: Entities): number {
  let values = 0
  const ids = new Set(found.map((row) => row['$id']))
  if (found.length !== expected.size || ids.size !== expected.size)
    throw new Error(`${where}: ${found.length} rows with ${ids.size} ids, and ${expected.size} entities`)
  for (const row of found) {
    const entity = expected.get(String(row['$id'])) ?? {}
    for (const name of new Set([...Object.keys(row), ...Object.keys(entity)])) {
      values++
      if (isDeepStrictEqual(row[name], entity[name])) continue
      throw new Error(
        `${where}, ${String(row['$id'])}.${name}: found ${JSON.stringify(row[name])}, expected ${JSON.stringify(entity[name])}`,
      )
    }
  }
  return values
}

function summary(
  schemas: readonly NounSchema[],
  expected: ReadonlyMap<string, Entities>,
): Pick<Outcome, 'nouns' | 'entities' | 'columns'> {
  const empty: string[] = []
  let [columns, entities] = [0, 0]
  for (const schema of schemas) {
    const ofNoun = [...(expected.get(schema.name)?.values() ?? [])]
    entities += ofNoun.length
    for (const { name } of storedFieldsOf(schema)) {
      columns++
      if (!ofNoun.some((entity) => entity[name] !== undefined)) empty.push(`${schema.name}.${name}`)
    }
  }
  const without = empty.length === 0 ? '' : `; without one: ${empty.join(', ')}`
  return { nouns: schemas.length, entities, columns: `${columns - empty.length} of ${columns} have a value${without}` }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      engines: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  await buildIfStale()
  console.log(`seed ${values.seed}`)
  const { python, engines } = values
  const chosen = { python, engines: engines?.split(','), seed: Number(values.seed) }
  console.log(await compareNouns({ ...chosen, log: console.log }))
}
