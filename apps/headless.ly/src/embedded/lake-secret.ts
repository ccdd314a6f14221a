// The secret that the keys to the lake are made from: made once, kept in the data folder for its owner alone. Another
// one would lock out every program that was given keys before.

import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const secretBytes = 32
const secretPattern = /^[A-Za-z0-9_-]{43}$/ // 32 bytes in base64url

/** The folder is locked by the caller. Throws for a secret that is there and cannot be used. */
export function readOrMakeLakeSecret(dataFolder: string): string {
  const file = join(dataFolder, 'lake-secret')
  const kept = readIfThere(file)
  if (kept === undefined) return makeSecret(dataFolder, file)
  const secret = kept.trim()
  if (secretPattern.test(secret)) return secret
  throw new Error(
    `the secret of the lake in ${file} is not the one that was made: restore it from a backup, or remove the file, so that a new one is made and every program that reads the lake is given new keys`,
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

/** On the disk under its name, before anybody is given a key of it. */
function makeSecret(dataFolder: string, file: string): string {
  const secret = randomBytes(secretBytes).toString('base64url')
  const unfinished = `${file}.new`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    // The mode above is for a new file only: one that a launcher left when it died keeps its own.
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
