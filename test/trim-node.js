// Removes the C headers of the Node that tests and programs run on. They are 67 MB, and nothing here compiles against them.

import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const packages = fileURLToPath(new URL('../node_modules/node/node_modules', import.meta.url))

for (const name of foldersIn(packages)) rmSync(join(packages, name, 'include'), { recursive: true, force: true })

/** Without development packages there are none. */
function foldersIn(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
