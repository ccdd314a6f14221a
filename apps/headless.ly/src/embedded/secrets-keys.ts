// The keys of the secret store, in a file of the data folder beside the databases, readable by its owner only. The first one is
// made at the first start; the operator adds others, and the server encrypts everything again by the one with the highest number.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readSecretFile, writeSecretFile } from './secret-file.ts'

const keyBytes = 32
const firstNumberMs = Date.UTC(2026, 0, 1)

/**
 * Returns the lines of the file, which the Worker parses. A lost file gets a key of another number, so that secrets of before are
 * known to be unreadable. The caller must hold the folder's lock. Throws if the file exists but cannot be read.
 */
export function readOrMakeSecretsKeys(dataFolder: string, nowMs: number): string {
  const file = join(dataFolder, 'secrets-keys')
  const kept = readSecretFile(file, 'the keys of secrets')
  if (kept !== undefined) return kept.trim()
  const number = Math.max(1, Math.floor((nowMs - firstNumberMs) / 1_000))
  const made = `${number}:${randomBytes(keyBytes).toString('base64url')}`
  writeSecretFile(file, `${made}\n`)
  return made
}
