// DuckDB, if it is installed.

import { pathToFileURL } from 'node:url'
import { findEngine } from '../../../../checks/engines.ts'

/** The part of DuckDB's client that tests use. */
export interface DuckDBConnection {
  run(sql: string): Promise<unknown>
  runAndReadAll(sql: string): Promise<DuckDBRows>
  closeSync(): void
}

export interface DuckDBRows {
  getRows(): readonly (readonly unknown[])[]
  getRowObjectsJson(): readonly Readonly<Record<string, unknown>>[]
}

interface DuckDBClient {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckDBConnection> }> }
}

const path = findEngine('@duckdb/node-api')

export const hasDuckDB = path !== undefined

/** Opens an empty database in memory. */
export async function openDuckDB(): Promise<DuckDBConnection> {
  if (path === undefined) throw new Error('DuckDB is not installed: npm ci --prefix checks')
  const client: unknown = await import(pathToFileURL(path).href)
  if (!isClient(client)) throw new Error('expected the client of DuckDB')
  return (await client.DuckDBInstance.create(':memory:')).connect()
}

function isClient(client: unknown): client is DuckDBClient {
  return typeof client === 'object' && client !== null && 'DuckDBInstance' in client
}
