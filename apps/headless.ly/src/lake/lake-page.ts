// Everything a tenant needs to attach an analytics program to its lake: addresses, keys, and statements to paste.

import { lakeNamespace } from './iceberg-catalog.ts'
import { eventsTable } from './lake-tables.ts'
import type { LakeKeys } from './lake-keys.ts'
import { lakeRegion } from './s3-face.ts'

export interface LakePage {
  readonly tenant: string
  readonly s3: {
    readonly endpoint: string
    readonly bucket: string
    readonly prefix: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  readonly iceberg: { readonly uri: string; readonly namespace: string; readonly table: string }
  /** Statements in the order in which to run them. */
  readonly clickhouse: { readonly catalog: readonly string[]; readonly table: readonly string[] }
  readonly duckdb: readonly string[]
}

export function lakePage(options: {
  /** Such as `https://example.com`. */
  readonly origin: string
  readonly bucket: string
  readonly tenant: string
  readonly keys: LakeKeys
  /**
   * DuckDB's statements after the one that sets the keys. The files to read come from the manifest, never from a glob.
   */
  readonly duckdbLines: readonly string[]
}): LakePage {
  const { origin, bucket, tenant, keys, duckdbLines } = options
  const { accessKeyId, secretAccessKey } = keys
  const { host, protocol } = new URL(origin)
  const uri = `${origin}/iceberg/${tenant}`
  const credential = quote(`${accessKeyId}:${secretAccessKey}`)
  const table = quote(`${origin}/${bucket}/${tenant}/${eventsTable}/`)
  return {
    tenant,
    s3: { endpoint: origin, bucket, prefix: `${tenant}/`, region: lakeRegion, accessKeyId, secretAccessKey },
    iceberg: { uri, namespace: lakeNamespace, table: eventsTable },
    clickhouse: {
      catalog: [
        'SET allow_database_iceberg = 1;',
        `CREATE DATABASE lake ENGINE = DataLakeCatalog(${quote(`${uri}/v1`)}) ` +
          `SETTINGS catalog_type = 'rest', warehouse = ${quote(tenant)}, catalog_credential = ${credential};`,
        `DESCRIBE TABLE lake.\`${lakeNamespace}.${eventsTable}\`;`,
      ],
      table: [
        `CREATE TABLE ${eventsTable} ENGINE = IcebergS3(${table}, ${quote(accessKeyId)}, ${quote(secretAccessKey)});`,
      ],
    },
    duckdb: [
      `CREATE SECRET lake (TYPE s3, KEY_ID ${quote(accessKeyId)}, SECRET ${quote(secretAccessKey)}, ` +
        `ENDPOINT ${quote(host)}, URL_STYLE 'path', USE_SSL ${protocol === 'https:'}, REGION ${quote(lakeRegion)}, ` +
        `SCOPE ${quote(`s3://${bucket}/${tenant}`)});`,
      ...duckdbLines,
    ],
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
