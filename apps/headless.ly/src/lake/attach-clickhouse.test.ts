import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bucket,
  clickhouse,
  type LakeServer,
  putEventsTable,
  serverSecret,
  startLakeServer,
} from '../../test/lake-server.ts'
import { clickHousePath } from '../../../../packages/@dotdo/db/test/clickhouse.ts'
import { lakeKeysOf, type LakeKeys } from './lake-keys.ts'
import { lakePage, type LakePage } from './lake-page.ts'

const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
const foreignKeys = await lakeKeysOf({ serverSecret, tenant: 'other-2' })

let server: LakeServer
let page: LakePage
beforeAll(async () => {
  server = await startLakeServer()
  page = lakePage({ origin: server.url, bucket, tenant: 'acme', keys, duckdbLines: [] })
  const put = (key: string, text: string): Promise<boolean> =>
    server.store.put(key, new TextEncoder().encode(text), { ifAbsent: true })
  await put('acme/x.csv', '1,a\n2,b\n')
  await put('acme/dt=1/y.csv', '3,c\n')
  await put('acme/rows.tsv', Array.from({ length: 1_000_000 }, (_, row) => `${row}\trow ${row}\n`).join(''))
  await putEventsTable(server.store)
})
afterAll(() => server.stop())

function s3(path: string, { accessKeyId, secretAccessKey }: LakeKeys = keys, format = 'CSV'): string {
  return `SELECT count(), sum(c1) FROM s3('${server.url}/lake/${path}', '${accessKeyId}', '${secretAccessKey}', '${format}')`
}

describe.skipIf(clickHousePath === undefined)('ClickHouse as a client of the S3 face', () => {
  test('reads objects by name and by pattern, also ones larger than the response buffer', async () => {
    const statements = [s3('acme/x.csv'), s3('acme/*.csv'), s3('acme/**.csv'), s3('acme/rows.tsv', keys, 'TSV')]
    expect(await clickhouse(statements)).toEqual(['2\t3', '2\t3', '3\t6', '1000000\t499999500000'])
  })

  test("is refused with a wrong secret and with another tenant's keys, and cannot write", async () => {
    const answers = await clickhouse([
      s3('acme/x.csv', { ...keys, secretAccessKey: 'wrong' }),
      s3('acme/x.csv', foreignKeys),
      s3('acme/*.csv', foreignKeys),
      s3('*/x.csv'),
      s3('acme/none.csv'),
      `INSERT INTO FUNCTION s3('${server.url}/lake/acme/w.csv', '${keys.accessKeyId}', '${keys.secretAccessKey}', 'CSV', 'a Int64') VALUES (1)`,
    ])
    expect(answers).toEqual([
      expect.stringMatching(/^error: .*403/),
      expect.stringMatching(/^error: .*403/),
      expect.stringMatching(/^error: .*AccessDenied/),
      expect.stringMatching(/^error: .*AccessDenied/),
      expect.stringMatching(/^error: .*404/),
      expect.stringMatching(/^error: .*MethodNotAllowed/),
    ])
    expect(await server.store.head('acme/w.csv')).toBeUndefined()
  })
})

describe.skipIf(clickHousePath === undefined)('ClickHouse as a client of the catalog', () => {
  test('attaches with the statements of the page and reads the table', async () => {
    const [, , columns, ...answers] = await clickhouse([
      ...page.clickhouse.catalog,
      'SHOW TABLES FROM lake',
      'SELECT count(), sum(seq), countIf(added IS NULL) FROM lake.`headlessly.events`',
      "SELECT count() FROM lake.`headlessly.events` WHERE timestamp >= '2026-03-01'",
      ...page.clickhouse.table,
      'SELECT count(), sum(seq) FROM events',
    ])
    expect(columns).toContain("timestamp\tDateTime64(6, \\'UTC\\')")
    expect(answers).toEqual(['headlessly.events', '60\t1830\t30', '30', '', '60\t1830'])
    expect(server.requests).toContain('POST /iceberg/acme/v1/oauth/tokens')
  })

  test("is refused without a key and with another tenant's", async () => {
    const attach = (name: string, credential: string): string =>
      `CREATE DATABASE ${name} ENGINE = DataLakeCatalog('${page.iceberg.uri}/v1') SETTINGS catalog_type = 'rest', warehouse = 'acme'${credential}`
    const [, ...answers] = await clickhouse([
      page.clickhouse.catalog[0] ?? '',
      attach('open', ''),
      attach('foreign_keys', `, catalog_credential = '${foreignKeys.accessKeyId}:${foreignKeys.secretAccessKey}'`),
      attach('wrong', `, catalog_credential = '${keys.accessKeyId}:wrong'`),
      "SELECT count() FROM system.databases WHERE name IN ('open', 'foreign_keys', 'wrong')",
    ])
    expect(answers).toEqual([
      expect.stringMatching(/^error: .*401/),
      expect.stringMatching(/^error: /),
      expect.stringMatching(/^error: /),
      '0',
    ])
  })
})
