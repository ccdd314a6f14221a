// Ensures one server per data folder, since two would write to the same databases. The lock records the launcher and
// its workerd, so that after a crash the next launcher can end a workerd that is still running.

import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Holder {
  readonly launcher: number
  readonly workerd?: number
}

export interface DataLock {
  /** Records the workerd that now runs on this folder. */
  setWorkerd(pid: number): void
  release(): void
}

/** Throws if another running launcher has locked the folder. */
export function lockDataFolder(folder: string): DataLock {
  const file = join(folder, 'lock')
  const take = (holder: Holder, flag: 'w' | 'wx'): void => writeFileSync(file, JSON.stringify(holder), { flag })
  try {
    take({ launcher: process.pid }, 'wx')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const holder = readHolder(file)
    if (holder !== undefined && holder.launcher !== process.pid && isNode(holder.launcher)) {
      throw new Error(`the data folder ${folder} is in use by process ${holder.launcher}`, { cause: error })
    }
    if (holder?.workerd !== undefined && isWorkerd(holder.workerd)) process.kill(holder.workerd, 'SIGKILL')
    take({ launcher: process.pid }, 'w')
  }
  return {
    setWorkerd: (workerd) => take({ launcher: process.pid, workerd }, 'w'),
    release: () => rmSync(file, { force: true }),
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    // A launcher died while it wrote the lock, so nobody holds it.
    return undefined
  }
}

/** The pid may belong to another program by now. Where the system can tell, only a Node or workerd process counts. */
function isNode(pid: number): boolean {
  return isRunning(pid, 'node')
}

function isWorkerd(pid: number): boolean {
  return isRunning(pid, 'workerd')
}

function isRunning(pid: number, program: string): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (!existsSync('/proc/self')) return true
  try {
    return readlinkSync(`/proc/${pid}/exe`).includes(program)
  } catch {
    return false
  }
}
