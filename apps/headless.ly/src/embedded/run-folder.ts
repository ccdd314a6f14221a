// The folder for files that are needed only while the server runs: the configurations and bundles of its workerds, and
// the sockets between them and the launcher. It is a temporary folder that only its owner can read, never part of the data.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunFolder {
  readonly path: string
  readonly socketFile: string
  /** The socket on which the launcher hashes passwords. */
  readonly hashesFile: string
  /** The socket on which the launcher makes thumbnails. */
  readonly thumbnailsFile: string
  /** The socket of workerd's heartbeat. */
  readonly heartbeatFile: string
  /** Creates the folder again if a cleaner of temporary files removed it. */
  ensure(): void
  remove(): void
}

/** Systems limit a socket's path to 108 bytes, a Mac to 104, including a terminating zero. */
const pathBytesMax = 103
const socketName = 'sync.sock'
const hashesName = 'hash.sock'
const thumbnailsName = 'thumb.sock'
const heartbeatName = 'beat.sock'

export function makeRunFolder(): RunFolder {
  const parent = [tmpdir(), '/tmp'].find((folder) => socketBytes(folder) <= pathBytesMax) ?? '/tmp'
  const path = mkdtempSync(join(parent, prefix))
  return {
    path,
    socketFile: join(path, socketName),
    hashesFile: join(path, hashesName),
    thumbnailsFile: join(path, thumbnailsName),
    heartbeatFile: join(path, heartbeatName),
    ensure: () => void mkdirSync(path, { recursive: true, mode: 0o700 }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

const prefix = 'headlessly-run-'

function socketBytes(parent: string): number {
  const madeUp = 'XXXXXX' // mkdtemp adds six characters
  return Buffer.byteLength(join(parent, prefix + madeUp, thumbnailsName))
}
