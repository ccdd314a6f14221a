// Third-party engines read the lake of the server that ships: from its folder and through its catalog, while it is
// being written.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { icebergRead } from 'icebird'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { clickHousePath } from '../../../packages/@dotdo/db/test/clickhouse.ts'
import { hasDuckDB, openDuckDB } from '../../../packages/@dotdo/db/test/duckdb.ts'
import { listPages, readMarkdownBlocks } from '../../../test/markdown-blocks.ts'
import { clickhouse } from './lake-server.ts'
import { useServer } from './server.ts'

const { call, dataFolder } = useServer({ flush: { intervalMs: 200, graceMs: 60_000, tablesMs: 1_000, wholeRows: 50 } })
const t = 'lakeside'
const lakeFolder = join(dataFolder, 'lake')
const tableFolder = join(lakeFolder, t, 'events')
const localTable = (tenant: string): string => `icebergLocal('${tenant}/events')`
/** By their first line. */
const sqlBlocks = new Map(
  listPages()
    .flatMap(readMarkdownBlocks)
    .filter(({ language }) => language === 'sql')
    .map(({ text }) => [text.split('\n', 1)[0] ?? '', text]),
)
/** 40 created, 5 qualified, 1 deleted, and the qualification of event 45 undone. */
const events = 47
const undone = { seq: 47, undoes: 45 } as const

beforeAll(async () => {
  const ids: string[] = []
  for (let at = 0; at < 40; at++) {
    const fields = { name: `Ada ${at}`, email: `ada${at}@example.com`, leadScore: at, metadata: { at } }
    ids.push(String((await call('POST', `/~${t}/Contact`, fields)).body['$id']))
    if (at % 10 === 9) await call('POST', `/~${t}/lake/flush`)
  }
  for (const id of ids.slice(0, 5)) await call('POST', `/~${t}/Contact/${id}/qualify`)
  await call('DELETE', `/~${t}/Contact/${ids[39]}`)
  await call('POST', `/~${t}/commits/${undone.undoes}/undo`)
  const { status, body } = await call('POST', `/~${t}/lake/flush`)
  expect([status, body['seq']]).toEqual([200, events])
})

interface Metadata {
  readonly snapshots: readonly { readonly 'snapshot-id': number; readonly summary: Readonly<Record<string, string>> }[]
}

function currentMetadata(): Metadata {
  const version = readFileSync(join(tableFolder, 'metadata/version-hint.text'), 'utf8')
  return JSON.parse(readFileSync(join(tableFolder, `metadata/v${version}.metadata.json`), 'utf8')) as Metadata
}

const facts = 'SELECT count(), uniqExact(seq), min(seq), max(seq), uniqExact(id)'
const allOnce = `${events}\t${events}\t1\t${events}\t${events}`

describe.skipIf(clickHousePath === undefined)('ClickHouse', () => {
  test.each(['-- ClickHouse, events', '-- ClickHouse, README'])('reads the table by %s', async (name) => {
    const line = statements(name).replace('.headlessly/lake/acme', t)
    expect(await clickhouse([line], lakeFolder)).toEqual([
      'Contact.Created\t40\nContact.Deleted\t1\nContact.Qualified\t5\nContact.Updated\t1',
    ])
  })

  test('reads the living entities in their present state by -- ClickHouse, entities', async () => {
    const line = statements('-- ClickHouse, entities').replace('.headlessly/lake/acme', t)
    expect(await clickhouse([line], lakeFolder)).toEqual(['Lead\t35\nQualified\t4'])
  })

  test('reads any column of a table whose rows are in several files and hidden by deletes', async () => {
    const large = 'large'
    const entities = Array.from({ length: 60 }, (_, at) => ({ name: `Ada ${at}`, leadScore: at }))
    const { body } = await call('POST', `/~${large}/Contact/createMany`, { entities })
    await call('POST', `/~${large}/lake/flush`)
    const ids = body['ids'] as readonly string[]
    await call('POST', `/~${large}/Contact/updateMany`, { ids: ids.slice(0, 20), set: { title: 'Dr' } })
    await call('POST', `/~${large}/Contact/deleteMany`, { ids: ids.slice(10, 15) })
    await call('POST', `/~${large}/lake/flush`)
    const columns = "count(), countIf(title = 'Dr'), sum(`$version`), sum(leadScore), countIf(`$deleted`)"
    const query = `SELECT ${columns} FROM icebergLocal('${large}/contact')`
    const sum = ids.reduce((total, _, at) => total + at, 0) - (10 + 11 + 12 + 13 + 14)
    // The commit to the table follows the flush.
    await expect
      .poll(() => clickhouse([query], lakeFolder), { timeout: 15_000, interval: 500 })
      .toEqual([`55\t15\t70\t${sum}\t0`])
    expect(existsSync(join(lakeFolder, large, 'current/contact.parquet'))).toBe(false)
  })

  test('reads every event once, and which commit an event undoes', async () => {
    const undoes = `SELECT seq, undoes FROM ${localTable(t)} WHERE undoes IS NOT NULL`
    const answers = await clickhouse([`${facts} FROM ${localTable(t)}`, undoes], lakeFolder)
    expect(answers).toEqual([allOnce, `${undone.seq}\t${undone.undoes}`])
  })

  test('reads it through the catalog of the running server, with the statements of the lake page', async () => {
    const { catalog } = (await call('GET', `/~${t}/lake`)).body['clickhouse'] as { readonly catalog: readonly string[] }
    const table = 'lake.`headlessly.events`'
    const answers = await clickhouse([
      ...catalog,
      `${facts} FROM ${table}`,
      `SELECT type, count() FROM ${table} GROUP BY type ORDER BY type`,
      `SELECT JSONExtractString(data, 'name') FROM ${table} WHERE seq = 7`,
    ])
    expect(answers.slice(-3)).toEqual([
      allOnce,
      'Contact.Created\t40\nContact.Deleted\t1\nContact.Qualified\t5\nContact.Updated\t1',
      'Ada 6',
    ])
  })

  test('counts, at every remaining snapshot, exactly the events up to it', async () => {
    const snapshots = currentMetadata().snapshots.filter(({ summary }) => summary['operation'] === 'append')
    expect(snapshots.length).toBeGreaterThan(3)
    const answers = await clickhouse(
      snapshots.map(
        (snapshot) =>
          `SELECT count(), max(seq) FROM ${localTable(t)} SETTINGS iceberg_snapshot_id = ${snapshot['snapshot-id']}`,
      ),
      lakeFolder,
    )
    expect(answers).toEqual(snapshots.map(({ summary }) => `${summary['total-records']}\t${summary['total-records']}`))
    expect(answers.at(-1)).toBe(`${events}\t${events}`)
  })

  test('counts every event exactly once while files are written and replaced', async () => {
    const busy = 'busy'
    await call('POST', `/~${busy}/Contact`, { name: 'First' })
    await call('POST', `/~${busy}/lake/flush`)
    let isOver = false
    const writing = (async () => {
      for (let at = 0; !isOver; at++) {
        await call('POST', `/~${busy}/Contact`, { name: `Busy ${at}` })
        if (at % 20 === 0) await call('POST', `/~${busy}/lake/flush`)
      }
    })()
    const query = `SELECT count(), uniqExact(seq), max(seq) FROM ${localTable(busy)}`
    const counts: number[] = []
    try {
      for (let look = 0; look < 4; look++) {
        for (const answer of await clickhouse([query, query, query], lakeFolder)) {
          const [count = '', distinct, last] = answer.split('\t')
          expect([distinct, last]).toEqual([count, count])
          counts.push(Number(count))
        }
      }
    } finally {
      isOver = true
      await writing
    }
    expect(counts.at(-1)).toBeGreaterThan(counts[0] ?? 0)
  })

  test('sees an event within ten seconds of the write, without a manual flush', async () => {
    const quick = 'quick'
    await call('POST', `/~${quick}/Contact`, { name: 'Ada' })
    const start = Date.now()
    for (;;) {
      const [count] = await clickhouse([`SELECT count() FROM ${localTable(quick)}`], lakeFolder)
      if (count === '1') break
      expect(Date.now() - start, count).toBeLessThan(10_000)
    }
  })
})

test("icebird reads the table, and every event equals the log's", async () => {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => answerFromFolder(url, new Headers(init?.headers)))
  let rows: readonly Readonly<Record<string, unknown>>[]
  try {
    rows = await icebergRead({ tableUrl: `s3://lake/${t}/events` })
  } finally {
    vi.unstubAllGlobals()
  }
  const log = (await call('GET', `/~${t}/events?limit=1000`)).body['results'] as Readonly<Record<string, unknown>>[]
  const bySeq = rows.toSorted((a, b) => Number(a['seq']) - Number(b['seq']))
  expect(
    bySeq.map(({ seq, id, type, target, version, timestamp, actor, via, noun, undoes }) => ({
      seq: Number(seq),
      undoes: undoes === null || undoes === undefined ? undefined : Number(undoes),
      id,
      type,
      target,
      version: Number(version),
      timestamp: (timestamp as Date).toISOString(),
      actor,
      via,
      noun,
    })),
  ).toEqual(
    log.map(({ seq, id, type, target, version, timestamp, actor, via, noun, undoes }) => ({
      seq,
      undoes,
      id,
      type,
      target,
      version,
      timestamp,
      actor,
      via,
      noun,
    })),
  )
  const withoutContext = (data: unknown): unknown => ({ ...(data as object), $context: undefined })
  expect(bySeq.map(({ data }) => withoutContext(JSON.parse(String(data))))).toEqual(
    log.map(({ data }) => withoutContext(data)),
  )
})

/** icebird reads files through `fetch` only. */
async function answerFromFolder(url: string, headers: Headers): Promise<Response> {
  let content: Uint8Array<ArrayBuffer>
  try {
    content = new Uint8Array(readFileSync(join(lakeFolder, url.replace('https://lake.s3.amazonaws.com/', ''))))
  } catch {
    return new Response('', { status: 404 })
  }
  const range = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '')
  if (range === null) return new Response(content, { headers: { 'content-length': String(content.length) } })
  const [start, end] = range[1] === '' ? [-Number(range[2])] : [Number(range[1]), Number(range[2]) + 1]
  return new Response(content.slice(start, end), { status: 206 })
}

describe.skipIf(!hasDuckDB)('DuckDB', () => {
  test.each(['-- DuckDB, events', '-- DuckDB, quickstart'])('reads every event exactly once by %s', async (name) => {
    const line = statements(name)
    const rows = await duckdb(line.replaceAll('.headlessly/lake/acme', join(lakeFolder, t)))
    expect(rows).toHaveLength(4)
    expect(rows).toEqual(
      expect.arrayContaining([
        ['Contact.Created', 40n],
        ['Contact.Qualified', 5n],
        ['Contact.Deleted', 1n],
        ['Contact.Updated', 1n],
      ]),
    )
  })

  test('reads which commit an event undoes', async () => {
    const rows = await duckdb(
      `${statements('-- DuckDB, events').split('SELECT type')[0]}
      SELECT seq, undoes FROM read_parquet(getvariable('events'), union_by_name = true) WHERE undoes IS NOT NULL`.replaceAll(
        '.headlessly/lake/acme',
        join(lakeFolder, t),
      ),
    )
    expect(rows).toEqual([[BigInt(undone.seq), BigInt(undone.undoes)]])
  })

  test('reads the live entities in their present state by -- DuckDB, entities', async () => {
    const line = statements('-- DuckDB, entities')
    expect(await duckdb(line.replaceAll('.headlessly/lake/acme', join(lakeFolder, t)))).toEqual([
      ['Lead', 35n],
      ['Qualified', 4n],
    ])
  })
})

test('these are the SQL blocks of all pages', () => {
  expect([...sqlBlocks.keys()].toSorted()).toEqual([
    '-- ClickHouse, README',
    '-- ClickHouse, entities',
    '-- ClickHouse, events',
    '-- DuckDB, entities',
    '-- DuckDB, events',
    '-- DuckDB, quickstart',
  ])
})

/** Returns the statements of the block that begins with this comment. */
function statements(comment: string): string {
  const text = sqlBlocks.get(comment)
  if (text === undefined) throw new Error(`no page has '${comment}'`)
  return text
}

async function duckdb(statements: string): Promise<readonly unknown[]> {
  const connection = await openDuckDB()
  try {
    let rows: readonly unknown[] = []
    for (const statement of statements.split(';').filter((text) => text.trim() !== ''))
      rows = (await connection.runAndReadAll(statement)).getRows()
    return rows
  } finally {
    connection.closeSync()
  }
}

test('the lake is a folder of plain files', () => {
  expect(readdirSync(join(lakeFolder, t)).toSorted()).toEqual([
    'contact',
    'current',
    'events',
    'manifest.json',
    'tables.json',
  ])
})
