// Figures of a process that only Linux gives, from `/proc`. Elsewhere there are none, and what they are for does without.

import { readFileSync } from 'node:fs'

const pageBytes = 4_096
const nanosecondsPerMs = 1_000_000

/** Memory that the process holds. */
export function residentBytesOf(pid: number): number {
  return Number(fieldsOf(`/proc/${pid}/statm`)[1] ?? 0) * pageBytes
}

/** Time that the process's main thread has had a processor, since its start; undefined where the system does not say. */
export function busyMsOf(pid: number): number | undefined {
  const [nanoseconds] = fieldsOf(`/proc/${pid}/schedstat`)
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / nanosecondsPerMs
}

/** Time that the process's main thread could have run but waited for a processor, since its start. */
export function waitedMsOf(pid: number): number | undefined {
  const [, nanoseconds] = fieldsOf(`/proc/${pid}/schedstat`)
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / nanosecondsPerMs
}

/** Whether the process's main thread waits for a disk. */
export function isOnDisk(pid: number): boolean {
  // The name in parentheses may have spaces; the state is the field after it.
  const text = fieldsOf(`/proc/${pid}/stat`).join(' ')
  return text.slice(text.lastIndexOf(')') + 2).startsWith('D')
}

function fieldsOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trim().split(' ')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}
