// Tells a busy workerd from a frozen one, from outside of it. docs/decisions/0035-tenants-take-turns.md

import { readFileSync } from 'node:fs'
import { request } from 'node:http'

/**
 * Whether the heartbeat is answered in time. It is a service of its own in workerd's process, on a socket of its own, so
 * that no queue and no fault of the Worker delays it.
 */
export function answersHeartbeat(socketFile: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: socketFile, path: '/', agent: false, timeout: timeoutMs }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200))
      response.once('error', () => resolve(false))
    })
    asked.once('timeout', () => asked.destroy())
    // Refused, reset or timed out: in each case workerd does not answer.
    asked.once('error', () => resolve(false)).end()
  })
}

/**
 * How often the thread that serves requests has read or written anything, a file or a connection. Code that never ends
 * does neither. Undefined where the system does not say, which is everywhere but on Linux.
 */
export function ioCountOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/io`, 'utf8')
    const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
    return count('syscr') + count('syscw')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
