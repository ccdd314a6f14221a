// Where the socket of the disk sync lies: beside the data, or where paths are short when that is too long for a socket.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SyncSocket {
  readonly file: string
  /** Removes the folder that was made for it. */
  remove(): void
}

/** The system keeps a socket's path in 108 bytes, 104 on a Mac, of which the last is zero. */
const pathBytesMax = 103

export function placeSyncSocket(runFolder: string): SyncSocket {
  const file = join(runFolder, 'sync.sock')
  if (Buffer.byteLength(file) <= pathBytesMax) return { file, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-'))
  return { file: join(folder, 'sync.sock'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
