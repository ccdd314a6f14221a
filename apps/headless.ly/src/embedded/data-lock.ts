// Ensures one server per data folder, since two would write to the same databases. The lock is the operating system's
// own on the folder's inode: it leaves nothing in the folder, and ends with the processes that hold it.
// docs/decisions/0046-the-lock-belongs-to-the-process.md

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface DataLock {
  /** Keeps the lock while any process has it open, so workerd inherits it. Absent if the lock cannot be inherited. */
  readonly descriptor: number | undefined
  release(): void
}

/** A workerd whose launcher was killed holds the lock until its guard has ended it. */
const waitMsMax = 2_000
const retryMs = 50

/** Throws if another server has locked the folder, under whatever path. */
export async function lockDataFolder(folder: string): Promise<DataLock> {
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    const lock = await tryLock(folder)
    if (lock !== undefined) return lock
    if (waitedMs >= waitMsMax) {
      throw new Error(
        `the data folder ${folder} is in use by another server: stop that one, or choose another folder with --data`,
      )
    }
    await pause(retryMs)
  }
}

/** Resolves to undefined if another process holds the lock. */
function tryLock(folder: string): Promise<DataLock | undefined> {
  return process.platform === 'linux' ? lockOnLinux(folder) : Promise.resolve(lockAtOpen(folder))
}

/** On macOS and the BSDs, `open` takes the lock. Node has no constant for the flag. */
function lockAtOpen(folder: string): DataLock | undefined {
  const exclusiveLock = 0x20
  try {
    return folderLock(openSync(folder, constants.O_RDONLY | constants.O_NONBLOCK | exclusiveLock))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined
    throw error
  }
}

/**
 * Linux takes such locks by a call that Node lacks. The program flock takes it on a descriptor that it shares with this
 * process, which keeps the lock after flock has ended.
 */
async function lockOnLinux(folder: string): Promise<DataLock | undefined> {
  const descriptor = openSync(folder, constants.O_RDONLY)
  const { error, status, stderr } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8',
  })
  if (error === undefined && status === 0) return folderLock(descriptor)
  closeSync(descriptor)
  // A held lock is status 1 without a message. Otherwise flock is not installed, or the file system has no locks.
  return error === undefined && status === 1 && stderr === '' ? undefined : lockByName(folder)
}

function folderLock(descriptor: number): DataLock {
  return { descriptor, release: () => closeSync(descriptor) }
}

/** Characters of a name that fills the kernel's address. Node versions pad shorter names differently. */
const socketNameLength = 107

/** Takes a name for the folder's inode in the kernel's table of sockets. Containers do not share that table. */
export async function lockByName(folder: string): Promise<DataLock | undefined> {
  const { dev, ino } = statSync(folder, { bigint: true })
  const server = createServer((socket) => socket.destroy())
  server.listen(`\0${`headless.ly-data-${dev}-${ino}`.padEnd(socketNameLength, '-')}`)
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined
    throw error
  }
  server.unref()
  return { descriptor: undefined, release: () => void server.close() }
}
