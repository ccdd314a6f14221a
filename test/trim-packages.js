// Removes what nothing here reads from installed packages: the C headers of the Node that tests and programs run on (67 MB),
// and the source maps of packages that the server needs (3 MB).

import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const nodes = join(modules, 'node/node_modules')

for (const name of namesIn(nodes)) rmSync(join(nodes, name, 'include'), { recursive: true, force: true })
for (const name of ['capnweb/dist', 'marked/lib'])
  for (const file of namesIn(join(modules, name)))
    if (file.endsWith('.map')) rmSync(join(modules, name, file), { force: true })

/** A package may be missing, such as those for development. */
function namesIn(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
