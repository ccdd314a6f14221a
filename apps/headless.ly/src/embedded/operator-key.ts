// The key of the operator on a server that requires a sign-in, in a file of the data folder, readable by its owner only. It is made at the
// first such start; whoever removes the file gets a new one at the next.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readSecretFile, writeSecretFile } from './secret-file.ts'

const pattern = /^hly_op_[0-9a-f]{43}$/

/** The caller must hold the folder's lock. Throws if the file exists but cannot be used. */
export function readOrMakeOperatorKey(dataFolder: string): string {
  const file = join(dataFolder, 'operator-key')
  const kept = readSecretFile(file, "the operator's key")?.trim()
  if (kept === undefined) {
    const made = `hly_op_${randomBytes(22).toString('hex').slice(0, 43)}`
    writeSecretFile(file, `${made}\n`)
    return made
  }
  if (pattern.test(kept)) return kept
  throw new Error(`the operator's key in ${file} is not valid: delete the file to create a new one`)
}
