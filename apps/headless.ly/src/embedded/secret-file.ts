// A file with a secret of the server, in the data folder beside the databases, readable by its owner only.

import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Returns undefined if there is no file. `what` names the secret in errors, such as `the secret of the lake`. */
export function readSecretFile(file: string, what: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${what} in ${file} cannot be read: ${reason}`, { cause: error })
  }
}

/** Makes the secret durable before anything depends on it. */
export function writeSecretFile(file: string, secret: string): void {
  const unfinished = `${file}.new`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    // The mode above applies to new files only; a file left by a dead launcher keeps its own.
    chmodSync(unfinished, 0o600)
    writeSync(handle, secret)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
