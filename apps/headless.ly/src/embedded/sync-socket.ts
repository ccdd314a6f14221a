// Chooses the path of the disk sync's socket: beside the data, or in a temporary folder if that path is too long.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SyncSocket {
  readonly file: string
  /** Removes the temporary folder, if one was created. */
  remove(): void
}

/** Systems limit a socket's path to 108 bytes, a Mac to 104, including a terminating zero. */
const pathBytesMax = 103

export function placeSyncSocket(runFolder: string): SyncSocket {
  const file = join(runFolder, 'sync.sock')
  if (Buffer.byteLength(file) <= pathBytesMax) return { file, remove: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-'))
  return { file: join(folder, 'sync.sock'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
