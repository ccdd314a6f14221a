// database.do: data in and out. It reads files of other programs, writes files for them, and keeps the files of people.

import { type CommandCaller, mayDoEverything, type ObjectParts, type Service } from '@dotdo/service'
import { type JsonValue, ObjectError } from 'digital-objects'
import { exportRoutes } from './export/export-routes.ts'
import { FileSweep } from './files/adopt-files.ts'
import { checkAsset, followAssets } from './files/file-hooks.ts'
import { fileCommands } from './files/file-commands.ts'
import { graceMs as usualGraceMs } from './files/file-limits.ts'
import { FileJob } from './files/file-job.ts'
import { FileRegistry } from './files/file-registry.ts'
import { fileRoutes } from './files/file-routes.ts'
import { thumbnailBindings, type ThumbnailBindings } from './files/thumbnail.ts'
import { verifyFiles } from './files/verify-files.ts'
import { importer } from './import/importer.ts'
import { importBindings, type ImportBindings } from './import/import-source.ts'
import { importRoutes } from './import/import-routes.ts'

export interface DatabaseOptions {
  readonly random: (count: number) => Uint8Array
  /** The server's clock. */
  readonly now: () => number
  /** The time for which bytes stay that no asset names, in milliseconds; only tests set it. */
  readonly graceMs?: () => number
}

export function databaseService({
  random,
  now,
  graceMs = () => usualGraceMs,
}: DatabaseOptions): Service<ImportBindings & ThumbnailBindings> {
  const registryOf = (parts: ObjectParts): FileRegistry => new FileRegistry(parts, { now, graceMs })
  const sweepOf = (parts: ObjectParts): FileSweep => new FileSweep(parts, registryOf(parts), now)
  return {
    name: 'database.do',
    about: 'Imports files of other programs, exports entities to files, and keeps the files of people.',
    routes: [...importRoutes, ...exportRoutes, ...fileRoutes],
    importer,
    bindings: [...importBindings, ...thumbnailBindings],
    commands: (parts) => ({
      ...fileCommands({ parts, registry: registryOf(parts), sweep: sweepOf(parts), random, now }),
      'imports.fromFolder': requireEverything,
    }),
    verify: (parts) => verifyFiles(parts, { registry: registryOf(parts), sweep: sweepOf(parts) }),
    keptObjects: 'files.kept',
    hooks: (parts) => {
      const registry = registryOf(parts)
      return { before: [checkAsset(parts, registry)], after: [followAssets(parts, registry, sweepOf(parts))] }
    },
    jobs: (_, parts) => [new FileJob(parts, registryOf(parts), sweepOf(parts))],
  }
}

/** The folder of imports is the operator's, so only callers who may do everything here read it. */
async function requireEverything(_: JsonValue, by: CommandCaller): Promise<JsonValue> {
  if (await mayDoEverything(by)) return null
  const message = 'only a caller who may do everything imports files of the server'
  throw new ObjectError({ code: 'forbidden', field: 'path', message })
}
