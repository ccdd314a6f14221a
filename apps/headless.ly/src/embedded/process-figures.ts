// Figures of a process that only Linux gives, from `/proc`. Elsewhere they are 0, and what they are for does without.

import { readFileSync } from 'node:fs'

const pageBytes = 4_096
const nanosecondsPerMs = 1_000_000

/** Memory that the process holds. */
export function residentBytesOf(pid: number): number {
  return Number(fieldsOf(`/proc/${pid}/statm`)[1] ?? 0) * pageBytes
}

/** Time that the process's main thread could have run but waited for a processor, since its start. */
export function starvedMsOf(pid: number): number {
  return Number(fieldsOf(`/proc/${pid}/schedstat`)[1] ?? 0) / nanosecondsPerMs
}

function fieldsOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trim().split(' ')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}
