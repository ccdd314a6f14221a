// The number of tenants' objects that workerd may have open, by its inherited limit of file descriptors. Node raises its own
// limit to the highest that it may have, so this is the hard limit of the process that started the server.

import { execFileSync } from 'node:child_process'

/** For connections, files of the lake, and workerd itself. */
const descriptorsForOthers = 224
/**
 * A database has a file, its log and its index. The others leave room for files of the lake, and for objects that the
 * platform opens for their alarms, many at a time after a restart.
 */
const descriptorsPerObject = 5
const objectsMin = 16
/** Assumed if the limit cannot be read. */
const usualLimit = 1_024

export function openObjectsMax(limit: number = readDescriptorLimit()): number {
  return Math.max(objectsMin, Math.floor((limit - descriptorsForOthers) / descriptorsPerObject))
}

function readDescriptorLimit(): number {
  try {
    const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
    const limit = text === 'unlimited' ? 1_000_000 : Number(text)
    return Number.isSafeInteger(limit) && limit > 0 ? limit : usualLimit
  } catch {
    // There is no shell on Windows, nor such a limit.
    return usualLimit
  }
}
