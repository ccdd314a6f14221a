// Other people's programs that check our output. They are large, so they are packages of this folder, not of the root, and
// tests that need one are skipped until `npm ci --prefix checks` has installed it.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

const require = createRequire(join(import.meta.dirname, 'package.json'))

/** The path of a package's main file; undefined if it is not installed. */
export function findEngine(name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** The path of a package's program; undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  const path = join(import.meta.dirname, 'node_modules/.bin', name)
  return existsSync(path) ? path : undefined
}

/** The path of a program of another language, which PATH must lead to; undefined if it is not installed. */
export function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
