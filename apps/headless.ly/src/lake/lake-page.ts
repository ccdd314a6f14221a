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
  /** For DuckDB with its extension `iceberg`, which then reads all tables as `lake.headlessly.contact`. */
  readonly duckdbCatalog: readonly string[]
  /** Lines of Python: `catalog` first, and then what each library does with it. */
  readonly python: {
    readonly catalog: readonly string[]
    readonly pyiceberg: readonly string[]
    readonly pandas: readonly string[]
    readonly polars: readonly string[]
  }
  /** Settings of a session of Spark with Iceberg's runtime, and the table of events. */
  readonly spark: { readonly settings: Readonly<Record<string, string>>; readonly table: string }
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
    duckdbCatalog: [
      'INSTALL iceberg;',
      'LOAD iceberg;',
      `CREATE SECRET lake_catalog (TYPE iceberg, CLIENT_ID ${quote(accessKeyId)}, CLIENT_SECRET ${quote(secretAccessKey)}, ` +
        `OAUTH2_SERVER_URI ${quote(`${uri}/v1/oauth/tokens`)});`,
      `ATTACH ${quote(tenant)} AS lake (TYPE iceberg, ENDPOINT ${quote(uri)}, SECRET lake_catalog);`,
    ],
    python: pythonLines({ origin, uri, tenant, keys }),
    spark: sparkLines({ origin, uri, tenant, keys }),
  }
}

interface Catalog {
  readonly origin: string
  readonly uri: string
  readonly tenant: string
  readonly keys: LakeKeys
}

function pythonLines({ origin, uri, tenant, keys: { accessKeyId, secretAccessKey } }: Catalog): LakePage['python'] {
  const options = { type: 'rest', uri, warehouse: tenant, credential: `${accessKeyId}:${secretAccessKey}` }
  // A string of JSON is one of Python too.
  const given = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const storage = {
    aws_endpoint_url: origin,
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_region: lakeRegion,
    aws_allow_http: 'true',
  }
  const table = `catalog.load_table(${JSON.stringify(`${lakeNamespace}.${eventsTable}`)})`
  return {
    catalog: ['from pyiceberg.catalog import load_catalog', `catalog = load_catalog("lake", ${given.join(', ')})`],
    pyiceberg: [`rows = ${table}.scan().to_arrow()`],
    pandas: [`rows = ${table}.scan().to_pandas()`],
    // Polars reads the files itself, and takes neither address nor keys from the catalog.
    polars: [
      'import polars',
      `storage = ${JSON.stringify(storage)}`,
      `rows = polars.scan_iceberg(${table}, storage_options=storage).collect()`,
    ],
  }
}

function sparkLines({ uri, tenant, keys: { accessKeyId, secretAccessKey } }: Catalog): LakePage['spark'] {
  const of = (name: string): string => `spark.sql.catalog.lake${name}`
  return {
    settings: {
      'spark.sql.extensions': 'org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions',
      [of('')]: 'org.apache.iceberg.spark.SparkCatalog',
      [of('.type')]: 'rest',
      [of('.uri')]: uri,
      [of('.warehouse')]: tenant,
      [of('.credential')]: `${accessKeyId}:${secretAccessKey}`,
      // A session that asks often would keep the table as it first was.
      [of('.cache-enabled')]: 'false',
      [of('.io-impl')]: 'org.apache.iceberg.aws.s3.S3FileIO',
    },
    table: `lake.${lakeNamespace}.${eventsTable}`,
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
