// A folder in memory for the files of tests. Each commit of a tenant waits for its disk, which is most of the time of many tests;
// what a process that is killed leaves behind is the same in memory. Tests of lost power and of full disks are not among them.

import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const shared = '/dev/shm'
/** The default tests hold less than a tenth of it at a time. */
const freeBytesMin = 4 * 2 ** 30

/** Returns a folder that is removed when this process ends; undefined where the system offers no memory that suffices. */
export function makeMemoryFolder(): string | undefined {
  if (!isUsable()) return undefined
  const folder = mkdtempSync(join(shared, 'headlessly-tests-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Programs that tests write are run from it, so it has to allow that. */
function isUsable(): boolean {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, path]) => path === shared)
    if (mount?.[2] !== 'tmpfs' || mount[3]?.split(',').includes('noexec') !== false) return false
    const { bavail, bsize } = statfsSync(shared)
    return bavail * bsize >= freeBytesMin
  } catch {
    return false
  }
}
