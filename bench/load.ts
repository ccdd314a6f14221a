// Generates load on a server and measures requests, latencies and the server's own CPU time.

import { readFileSync } from 'node:fs'
import { HttpConnection, type LoadAnswer, type LoadRequest } from './http-client.ts'

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly perSecond: number
  /** CPU time of the server's process per request, in microseconds. */
  readonly cpuMicros: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export async function load(options: {
  readonly port: number
  readonly pid: number
  readonly concurrency: number
  readonly durationMs: number
  readonly request: (index: number) => LoadRequest
  readonly expect: number
  readonly seen?: (answer: LoadAnswer) => void
}): Promise<LoadResult> {
  const { port, pid, concurrency, durationMs, request, expect, seen } = options
  const connections = await Promise.all(Array.from({ length: concurrency }, () => HttpConnection.open(port)))
  const latencies: number[] = []
  const cpuBefore = cpuMicrosOf(pid)
  const start = performance.now()
  const end = start + durationMs
  let sent = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        const at = performance.now()
        const answer = await connection.send(request(sent++))
        latencies.push(performance.now() - at)
        if (answer.status !== expect)
          throw new Error(`expected ${expect}, got ${answer.status}: ${answer.body.slice(0, 300)}`)
        seen?.(answer)
      }
    }),
  )
  const seconds = (performance.now() - start) / 1_000
  const cpu = cpuMicrosOf(pid) - cpuBefore
  for (const connection of connections) connection.close()
  latencies.sort((a, b) => a - b)
  return {
    requests: latencies.length,
    seconds,
    perSecond: latencies.length / seconds,
    cpuMicros: cpu / latencies.length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

/** Returns user and system time of a process in microseconds. The kernel counts in hundredths of a second. */
export function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** The rounds whose mean is reported: other load on the machine only adds to CPU time, so they are nearest to the truth. */
const lowestRounds = 3

export function meanOfLowest(values: readonly number[]): number {
  const some = values.toSorted((one, other) => one - other).slice(0, lowestRounds)
  return some.reduce((sum, value) => sum + value, 0) / some.length
}
