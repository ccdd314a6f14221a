// The lake's files with no server around them: how large they are, what a read takes of them, and how long they take to
// be written, against DuckDB and against the libraries themselves. What needs a server is measured elsewhere.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LayerFile } from '@dotdo/db'
import { askDuckdb } from './duckdb-process.ts'
import { type Lake, writeLake } from './lake-files.ts'
import { benchLookups, benchRange } from './lake-reads.ts'
import { ContactRows } from './lake-rows.ts'
import { benchFileWriter } from './lake-writes.ts'
import { atMost, type Finding } from './report.ts'

const small = 100_000
const large = 1_000_000

export async function benchLake(note: (line: string) => void): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
  try {
    // First, while there is little else in memory.
    const writing = benchFileWriter(new ContactRows(small), small)
    const rows = new ContactRows(large)
    note(`${small} contacts as files`)
    const few = await writeLake(rows, small)
    const size = await benchSize(few, folder)
    const lookups = await benchLookups(few)
    note(`${large} contacts as files`)
    const many = await writeLake(rows, large)
    return [...size, ...lookups, ...(await benchLookups(many)), ...(await benchRange(many, folder)), ...writing]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function benchSize(lake: Lake, folder: string): Promise<Finding[]> {
  const [file, ...others] = lake.base
  if (file === undefined || others.length > 0) throw new Error(`${small} rows are one file`)
  const path = join(folder, 'base.parquet')
  writeFileSync(path, (await lake.store.get(file.key)) ?? '')
  const theirs = copyWithDuckdb(path, '')
  const [bare, theirsBare] = [file.bytes - bloomBytes(file), copyWithDuckdb(path, ', WRITE_BLOOM_FILTER false')]
  const index = file.relations?.bytes ?? 0
  const what = `bytes of ${small} contacts, against DuckDB's ZSTD file`
  return [
    atMost(what, 1.1, file.bytes / theirs, `${megabytes(file.bytes)}, DuckDB ${megabytes(theirs)}, as each comes`),
    beside('both without bloom filters', bare / theirsBare, `${megabytes(bare)}, DuckDB ${megabytes(theirsBare)}`),
    beside(
      'with the index of references, a file of its own',
      (file.bytes + index) / theirs,
      megabytes(file.bytes + index),
    ),
  ]
}

/** The size of the same rows, columns and types in a file that DuckDB writes. */
function copyWithDuckdb(path: string, options: string): number {
  const copy = `${path}.duckdb`
  const query = `COPY (SELECT * FROM '${path}') TO '${copy}' (FORMAT parquet, COMPRESSION zstd${options})`
  askDuckdb({ warmUp: 'SELECT 1', query, runs: 1 })
  return statSync(copy).size
}

function bloomBytes({ tailStart, footerStart }: LayerFile): number {
  return footerStart - tailStart
}

function beside(what: string, ratio: number, detail: string): Finding {
  return { what: `beside it: ${what}`, target: '', measured: `${ratio.toFixed(2)}x (${detail})` }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
