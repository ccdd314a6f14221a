// The secret from which the lake's keys are derived. It is created once and kept in the data folder, readable by its
// owner only. A new secret would lock out every program that has keys.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readSecretFile, writeSecretFile } from './secret-file.ts'

const secretBytes = 32
const secretPattern = /^[A-Za-z0-9_-]{43}$/ // 32 bytes in base64url

/** The caller must hold the folder's lock. Throws if the file exists but cannot be used. */
export function readOrMakeLakeSecret(dataFolder: string): string {
  const file = join(dataFolder, 'lake-secret')
  const kept = readSecretFile(file, 'the secret of the lake')
  if (kept === undefined) {
    const made = randomBytes(secretBytes).toString('base64url')
    writeSecretFile(file, made)
    return made
  }
  const secret = kept.trim()
  if (secretPattern.test(secret)) return secret
  throw new Error(
    `the secret of the lake in ${file} is not valid: restore it from a backup, or delete the file to create a new secret, which invalidates all keys to the lake`,
  )
}
