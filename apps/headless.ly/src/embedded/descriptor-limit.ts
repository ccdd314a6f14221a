// The file descriptors of this process and of workerd, and how they are shared out. Node raises its own limit to the highest
// that it may have, so this is the hard limit of the process that started the server.

import { execFileSync } from 'node:child_process'

/** Files of the lake, sockets to the launcher, and workerd itself. */
const descriptorsForOthers = 64
/** A database has a file, its log and its index; alarms open a sixth more objects for a moment. */
const descriptorsPerObject = 3.5
/** Fewer descriptors serve nobody reliably. */
const limitMin = 256
/** With fewer descriptors, a crowd of connections could take all of them. */
const limitWanted = 4_096
/** Assumed if the limit cannot be read. */
const usualLimit = 1_024

export interface DescriptorPlan {
  /** Tenants' objects that workerd may have open. */
  readonly objectsMax: number
  /** A sentence for the operator, if connections may run out of descriptors. */
  readonly warning?: string
}

/** Objects get half of the descriptors, and connections the other half. Throws if there are too few for both. */
export function planDescriptors(limit: number): DescriptorPlan {
  if (limit < limitMin)
    throw new Error(
      `the limit of open files is ${limit}, and the server needs at least ${limitMin}: raise it, such as by 'ulimit -n 65536'`,
    )
  const objectsMax = Math.floor((limit / 2 - descriptorsForOthers) / descriptorsPerObject)
  if (limit >= limitWanted) return { objectsMax }
  const warning =
    `the limit of open files is ${limit}, so ${Math.floor(limit / 2)} connections at a time are safe, and more may ` +
    `interrupt the server: raise the hard limit to ${limitWanted} or more`
  return { objectsMax, warning }
}

/** The number of objects by the limit of this process, after a warning if it is low. Throws if it is too low. */
export function openObjectsMax(warn: (line: string) => void): number {
  const { objectsMax, warning } = planDescriptors(readDescriptorLimit())
  if (warning !== undefined) warn(warning)
  return objectsMax
}

function readDescriptorLimit(): number {
  try {
    const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
    const limit = text === 'unlimited' ? 1_000_000 : Number(text)
    return Number.isSafeInteger(limit) && limit > 0 ? limit : usualLimit
  } catch {
    // There is no shell on Windows, nor such a limit.
    return limitWanted
  }
}
