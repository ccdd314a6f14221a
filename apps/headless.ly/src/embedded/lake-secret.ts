// The secret from which the lake's keys are derived. It is created once and kept in the data folder, readable by its
// owner only. A new secret would lock out every program that has keys.

import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const secretBytes = 32
const secretPattern = /^[A-Za-z0-9_-]{43}$/ // 32 bytes in base64url

/** The caller must hold the folder's lock. Throws if the file exists but cannot be used. */
export function readOrMakeLakeSecret(dataFolder: string): string {
  const file = join(dataFolder, 'lake-secret')
  const kept = readIfThere(file)
  if (kept === undefined) return makeSecret(dataFolder, file)
  const secret = kept.trim()
  if (secretPattern.test(secret)) return secret
  throw new Error(
    `the secret of the lake in ${file} is not valid: restore it from a backup, or delete the file to create a new secret, which invalidates all keys to the lake`,
  )
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the secret of the lake in ${file} cannot be read: ${reason}`, { cause: error })
  }
}

/** Makes the secret durable before any key is derived from it. */
function makeSecret(dataFolder: string, file: string): string {
  const secret = randomBytes(secretBytes).toString('base64url')
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
  const folder = openSync(dataFolder, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
  return secret
}
