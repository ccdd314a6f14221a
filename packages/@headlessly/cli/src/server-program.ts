// Programs of the package headless.ly, which is installed beside this one or in the current folder.

import { createRequire } from 'node:module'
import { join } from 'node:path'

/** `name` is a file of its folder `bin`. */
export function findServerProgram(name: string): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(`headless.ly/bin/${name}`)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error
    }
  }
  return undefined
}
