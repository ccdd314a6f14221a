// The lake's files without a server: their size, the cost of reads and the time to write them, compared with DuckDB and
// with the libraries themselves. Other benchmarks measure what needs a server.

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
    // Runs first, while little else is in memory.
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
  if (file === undefined || others.length > 0) throw new Error(`expected ${small} rows in one file`)
  const path = join(folder, 'base.parquet')
  writeFileSync(path, (await lake.store.get(file.key)) ?? '')
  const theirs = copyWithDuckdb(path, '')
  const [bare, theirsBare] = [file.bytes - bloomBytes(file), copyWithDuckdb(path, ', WRITE_BLOOM_FILTER false')]
  const index = file.relations?.bytes ?? 0
  const what = `bytes of ${small} contacts, against DuckDB's ZSTD file`
  return [
    atMost(
      what,
      1.1,
      file.bytes / theirs,
      `${megabytes(file.bytes)}, DuckDB ${megabytes(theirs)}, with default settings each`,
    ),
    beside('both without bloom filters', bare / theirsBare, `${megabytes(bare)}, DuckDB ${megabytes(theirsBare)}`),
    beside(
      'with the reference index, which is a separate file',
      (file.bytes + index) / theirs,
      megabytes(file.bytes + index),
    ),
  ]
}

/** Returns the size of a file with the same rows, columns and types that DuckDB writes. */
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
