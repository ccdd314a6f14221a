import { expect, test } from 'vitest'
import { lakePage } from './lake-page.ts'

test('a page holds statements to paste, with addresses and keys filled in', () => {
  const page = lakePage({
    origin: 'http://localhost:8787',
    bucket: 'lake',
    tenant: 'acme',
    keys: { accessKeyId: 'HLYacme', secretAccessKey: 'it-is' },
    duckdbLines: ['FROM files;'],
  })
  expect(page).toEqual(JSON.parse(JSON.stringify(page)))
  expect(page.clickhouse.catalog[1]).toBe(
    "CREATE DATABASE lake ENGINE = DataLakeCatalog('http://localhost:8787/iceberg/acme/v1') SETTINGS catalog_type = 'rest', warehouse = 'acme', catalog_credential = 'HLYacme:it-is';",
  )
  expect(page.clickhouse.table).toEqual([
    "CREATE TABLE events ENGINE = IcebergS3('http://localhost:8787/lake/acme/events/', 'HLYacme', 'it-is');",
  ])
  expect(page.duckdb).toEqual([
    "CREATE SECRET lake (TYPE s3, KEY_ID 'HLYacme', SECRET 'it-is', ENDPOINT 'localhost:8787', URL_STYLE 'path', USE_SSL false, REGION 'us-east-1', SCOPE 's3://lake/acme');",
    'FROM files;',
  ])
  expect(page.duckdbCatalog.slice(2)).toEqual([
    "CREATE SECRET lake_catalog (TYPE iceberg, CLIENT_ID 'HLYacme', CLIENT_SECRET 'it-is', OAUTH2_SERVER_URI 'http://localhost:8787/iceberg/acme/v1/oauth/tokens');",
    "ATTACH 'acme' AS lake (TYPE iceberg, ENDPOINT 'http://localhost:8787/iceberg/acme', SECRET lake_catalog);",
  ])
})

test('inserted values cannot end their quotes', () => {
  const page = lakePage({
    origin: "http://it's.localhost",
    bucket: 'lake',
    tenant: 'acme',
    keys: { accessKeyId: "a'b", secretAccessKey: 'c' },
    duckdbLines: [],
  })
  expect(page.clickhouse.table[0]).toContain("IcebergS3('http://it''s.localhost/lake/acme/events/', 'a''b', 'c')")
})
