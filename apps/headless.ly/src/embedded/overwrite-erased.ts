// Overwrites the space that erased values have left in the databases of tenants. workerd lets no program do that, so it is
// done before workerd starts, to the databases in which an erasure has ended since the last time.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface OverwriteErased {
  readonly dataFolder: string
  readonly objectsFolder: string
  readonly lakeFolder: string
  readonly now: () => number
  readonly warn: (line: string) => void
}

/** Records the time up to which erasures are overwritten. */
const stampName = 'erased-until'
const tenantsFolder = 'headless.ly-tenants'

/** Call while no workerd has the databases open. A failure is reported and tried again at the next start. */
export async function overwriteErased({
  dataFolder,
  objectsFolder,
  lakeFolder,
  now,
  warn,
}: OverwriteErased): Promise<void> {
  const stampFile = join(dataFolder, stampName)
  const untilMs = existsSync(stampFile) ? Number(readFileSync(stampFile, 'utf8')) || 0 : 0
  if (!hasErasuresSince(lakeFolder, untilMs)) return
  const startedMs = now()
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const folder = join(objectsFolder, tenantsFolder)
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sqlite')) : []
    for (const name of files) {
      const database = new DatabaseSync(join(folder, name))
      try {
        if (!hasEndedSince(database, untilMs)) continue
        database.exec('PRAGMA secure_delete = ON')
        database.exec('VACUUM')
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } finally {
        database.close()
      }
    }
    writeFileSync(stampFile, String(startedMs))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    warn(`the space of erased values could not be overwritten, which is tried again at the next start: ${reason}`)
  }
}

/** The list of erasures is written when one begins, so it is older than the end of the last one by a while. */
const listedBeforeMs = 7 * 24 * 3_600_000

function hasErasuresSince(lakeFolder: string, sinceMs: number): boolean {
  return readdirSync(lakeFolder).some((tenant) => {
    const file = join(lakeFolder, tenant, 'erasures.json')
    return existsSync(file) && statSync(file).mtimeMs > sinceMs - listedBeforeMs
  })
}

interface Queried {
  prepare(sql: string): { get(...values: number[]): unknown }
}

function hasEndedSince(database: Queried, sinceMs: number): boolean {
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'erasure_requests'").get() === undefined) return false
  return database.prepare('SELECT 1 FROM erasure_requests WHERE finished > ? LIMIT 1').get(sinceMs) !== undefined
}
