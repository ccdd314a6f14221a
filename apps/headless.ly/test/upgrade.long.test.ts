// Opens the data folders that earlier versions of the server left, and compares the answers with the recorded ones.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { seededRandom } from '@dotdo/db'
import { killServer, sleep } from '../../../soak/kill-server.ts'
import { readLog, verifyTenant } from '../../../soak/replay-log.ts'
import { checkLake } from '../../../soak/check-lake.ts'
import { type Server, startServer } from '../src/embedded/launcher.ts'

type Json = Readonly<Record<string, unknown>>

/** `expected.json.gz`: answers without `$context`, which holds the port of then. */
interface Expected {
  /** All entities of these Nouns, by id. */
  readonly entities: Readonly<Record<string, readonly Json[]>>
  readonly events: readonly Json[]
  readonly asOf: { readonly at: string; readonly contacts: { readonly count: number } }
  /** `entities` includes the definitions. */
  readonly verify: { readonly events: number; readonly entities: number }
  readonly definitions: number
}

const tenant = 'acme'
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
/** A Worker uses the manifest that it has read for 1 s. */
const manifestAgeMsMax = 1_100
/** So short that the events after the last flush are flushed while the test runs. */
const flush = JSON.stringify({ intervalMs: 100 })

const versions = [
  '2026-11',
  '2026-11-28',
  '2026-11-28-2',
  '2026-11-29',
  '2026-11-29-2',
  '2026-11-29-3',
  '2026-11-29-4',
  '2026-11-29-5',
  '2026-11-29-6',
  '2026-11-30',
]
/** By default one folder is upgraded under kills; with `RUNS`, all of them. */
const killed = process.env['RUNS'] === undefined ? [versions[seed % versions.length] ?? ''] : versions

test.concurrent.each(versions)(
  'the data folder of %s answers the same, can be rebuilt from its log, and takes writes',
  (version) =>
    withDataFolder(version, async ({ server, lakeFolder, expected }) => {
      const { url } = server
      await expectSameAnswers(url, expected)
      expect(await post(url, 'flush')).toMatchObject({ seq: expected.events.length })
      await expectWhole(url, expected)
      await expectSameAnswers(url, expected)
      await expectSameFiles(url, expected)
      expect((await checkLake(lakeFolder, tenant)).events).toBe(expected.events.length)
      await post(url, 'rebuild')
      await expectWhole(url, expected)
      await expectSameAnswers(url, expected)
      const created = await request(`${url}/~${tenant}/Contact`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Ada' }),
      })
      expect(created).toMatchObject({ $version: 1, name: 'Ada' })
      await post(url, 'flush')
      expect(await post(url, 'verify')).toMatchObject({ isWhole: true, events: expected.events.length + 1 })
      await verifyTenant({ baseUrl: url, tenant })
    }),
)

test.concurrent.each(killed)(
  `the data folder of %s survives kills at any moment of its upgrade (seed ${seed})`,
  (version) =>
    withDataFolder(version, async ({ server, lakeFolder, expected }) => {
      const random = seededRandom(seed)
      for (let kill = 0; kill < 6; kill++) {
        // The first request opens the tenant, which upgrades its tables and starts the flush.
        const opening = fetch(`${server.url}/~${tenant}/Contact/count?strong=true`).catch(() => {
          // The kill may cut it off.
        })
        await sleep(random() * 250)
        await killServer(server)
        await opening
      }
      await post(server.url, 'flush')
      await expectWhole(server.url, expected)
      await expectSameAnswers(server.url, expected)
      await expectSameFiles(server.url, expected)
      expect((await checkLake(lakeFolder, tenant)).events).toBe(expected.events.length)
    }),
)

interface Opened {
  readonly server: Server
  readonly lakeFolder: string
  readonly expected: Expected
}

async function withDataFolder(version: string, run: (opened: Opened) => Promise<void>): Promise<void> {
  const folder = join(import.meta.dirname, 'upgrade', version)
  const copy = mkdtempSync(join(tmpdir(), 'headlessly-upgrade-'))
  execFileSync('tar', ['-xzf', join(folder, 'data.tar.gz'), '-C', copy])
  const dataFolder = join(copy, 'data')
  const server = await startServer({ dataFolder, port: 0, flush })
  try {
    await run({
      server,
      lakeFolder: join(dataFolder, 'lake'),
      expected: readExpected(join(folder, 'expected.json.gz')),
    })
  } finally {
    await server.stop()
    rmSync(copy, { recursive: true, force: true })
  }
}

async function expectSameAnswers(url: string, expected: Expected): Promise<void> {
  for (const [noun, entities] of Object.entries(expected.entities)) {
    expect(await readEntities(`${url}/~${tenant}/${noun}`, 'strong=true')).toEqual(entities)
  }
  const events: Json[] = []
  for await (const event of readLog(`${url}/~${tenant}`)) events.push({ ...event, data: withoutContext(event.data) })
  expect(events).toEqual(expected.events)
  const { at, contacts } = expected.asOf
  expect(await request(`${url}/~${tenant}/Contact/count?asOf=${at}`)).toEqual(contacts)
}

/** Default reads, once the flushed manifest is in use. */
async function expectSameFiles(url: string, { entities }: Expected): Promise<void> {
  await sleep(manifestAgeMsMax)
  const answer = await fetch(`${url}/~${tenant}/Contact?limit=1`)
  expect(answer.headers.get('x-headlessly-source')).toBe('files')
  for (const [noun, ofNoun] of Object.entries(entities))
    expect(await readEntities(`${url}/~${tenant}/${noun}`, '')).toEqual(ofNoun)
}

async function expectWhole(url: string, expected: Expected): Promise<void> {
  const { events, entities } = expected.verify
  expect(await post(url, 'verify')).toMatchObject({ isWhole: true, faults: [], ...expected.verify })
  const replayed = { events, entities: entities - expected.definitions }
  expect(await verifyTenant({ baseUrl: url, tenant })).toEqual(replayed)
}

/** All of a list, by id. */
async function readEntities(url: string, parameters: string): Promise<readonly Json[]> {
  const entities: Json[] = []
  for (let cursor = '', hasMore = true; hasMore;) {
    const page = (await request(`${url}?sort=$id&limit=100&${parameters}${cursor}`)) as {
      readonly results: readonly Json[]
      readonly hasMore: boolean
      readonly cursor: string | null
    }
    entities.push(...page.results.map(withoutContext))
    hasMore = page.hasMore
    cursor = `&cursor=${encodeURIComponent(page.cursor ?? '')}`
  }
  return entities
}

function withoutContext(entity: Json): Json {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => name !== '$context'))
}

function post(url: string, command: string): Promise<unknown> {
  return request(`${url}/~${tenant}/lake/${command}`, { method: 'POST' })
}

async function request(url: string, init?: RequestInit): Promise<unknown> {
  const answer = await fetch(url, init)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

function readExpected(file: string): Expected {
  const { events, asOf, verify, ...entities } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Omit<
    Expected,
    'entities' | 'verify'
  > & { readonly verify: Expected['verify'] & { readonly definitions?: number } } & Expected['entities']
  const { definitions = 0 } = verify
  return { entities, events, asOf, verify: { events: verify.events, entities: verify.entities }, definitions }
}
