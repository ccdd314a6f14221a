// Reads the file that a command line names. `-` is the standard input.

import { readFileSync } from 'node:fs'
import { UsageError } from './usage-error.ts'

/** Throws a UsageError if there is no such file. `command` is the one whose help the error points to. */
export function readText(file: string, command: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new UsageError(`file not found: '${file}'`, command)
  }
}
