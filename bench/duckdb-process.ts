// Runs a query in DuckDB, in its own process, and reports its time and the bytes that the process read: the kernel's
// count of all bytes through read calls (`rchar`), from disk or cache.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openDuckDB } from '../packages/@dotdo/db/test/duckdb.ts'

export interface DuckdbAnswer {
  /** Rows of the last run. */
  readonly rows: readonly Record<string, unknown>[]
  /** Median of the runs. */
  readonly ms: number
  /** Bytes of one run, in which the process reads the files for the first time or with its cache disabled. */
  readonly bytesRead: number
}

export interface DuckdbRequest {
  /** Runs first, unmeasured, to load what every query needs. */
  readonly warmUp: string
  readonly query: string
  readonly runs: number
}

export function askDuckdb(request: DuckdbRequest): DuckdbAnswer {
  const answer = execFileSync(process.execPath, [import.meta.filename, JSON.stringify(request)], { encoding: 'utf8' })
  return JSON.parse(answer) as DuckdbAnswer // as the process below printed it
}

async function main(request: DuckdbRequest): Promise<DuckdbAnswer> {
  const connection = await openDuckDB()
  await connection.run('SET enable_external_file_cache = false')
  await connection.runAndReadAll(request.warmUp)
  const runs: { readonly ms: number; readonly bytes: number }[] = []
  let rows: DuckdbAnswer['rows'] = []
  for (let run = 0; run < request.runs; run++) {
    const [before, start] = [bytesReadByProcess(), performance.now()]
    rows = (await connection.runAndReadAll(request.query)).getRowObjectsJson()
    runs.push({ ms: performance.now() - start, bytes: bytesReadByProcess() - before })
  }
  const middle = runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)]
  if (middle === undefined) throw new Error('expected at least one run')
  return { rows, ms: middle.ms, bytesRead: Math.min(...runs.map(({ bytes }) => bytes)) }
}

function bytesReadByProcess(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}

if (import.meta.main) {
  const request = JSON.parse(process.argv[2] ?? '') as DuckdbRequest // as `askDuckdb` wrote it
  process.stdout.write(JSON.stringify(await main(request)))
}
