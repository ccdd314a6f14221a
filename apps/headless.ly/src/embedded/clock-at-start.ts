// A system clock that is wrong when the server starts. Nothing else runs then to compare it with, but the server's own files
// were written later than the clock says. docs/decisions/0048-a-clock-jump-is-not-followed.md

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** More than a clock is corrected by, and than the clocks of two machines differ by if a folder moves between them. */
const behindMsMax = 5 * 60_000
/** Files to look at. The platform writes some of them at every start. */
const filesMax = 2_000
const dayMs = 86_400_000

/** Returns a sentence for the operator if files are dated after the present time. */
export function describeClockBehind(objectsFolder: string, nowMs: number): string | undefined {
  const behindMs = newestMs(objectsFolder) - nowMs
  if (behindMs <= behindMsMax) return undefined
  const days = (behindMs / dayMs).toFixed(1)
  return (
    `the system clock is ${days} days behind the newest file of the data: new events of a tenant get the time of its ` +
    'newest one until the clock has passed it; if the clock is wrong, set it right and restart the server'
  )
}

function newestMs(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).slice(0, filesMax)
  const times = entries.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Math.max(0, ...times)
}
