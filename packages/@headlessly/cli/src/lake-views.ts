// SQL views of a tenant's lake in a folder, for DuckDB without extensions: one of the living entities of each type, and one of all
// events. They follow the manifest (docs/storage-schema.md), so they are right while files are replaced, and whatever the size.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'

/** The newest format of manifests that is known here. */
const formatMax = 2

/** Throws an Error that says what is missing. */
export function lakeViews(folder: string, tenant: string): string {
  const manifest = readManifest(folder, tenant)
  const nouns = isPlainObject(manifest['nouns']) ? Object.entries(manifest['nouns']) : []
  const views = nouns.flatMap(([noun, layers]) => {
    const files = isPlainObject(layers) ? [...keysOf(layers['base']), ...keysOf(layers['deltas'])] : []
    return files.length === 0 ? [] : [entityView(viewName(noun, files), pathsOf(folder, files))]
  })
  const events = readFiles(folder, tenant)
  if (events.length > 0) views.push(`CREATE VIEW events AS FROM ${parquet(pathsOf(folder, events))};`)
  return views.join('\n')
}

/** A newer row of an entity hides older ones, and a deletion all of them. */
function entityView(name: string, paths: readonly string[]): string {
  return `CREATE VIEW ${quoteName(name)} AS SELECT * EXCLUDE ("$deleted") FROM (
  SELECT * FROM ${parquet(paths)} QUALIFY row_number() OVER (PARTITION BY "$id" ORDER BY "$seq" DESC) = 1
) WHERE NOT coalesce("$deleted", false);`
}

/** Tables have the names of the Iceberg tables: the folder of the newest file. */
function viewName(noun: string, files: readonly string[]): string {
  const folder = files.at(-1)?.split('/')[1]
  return folder === undefined || folder === 'entities'
    ? noun.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase()
    : folder
}

function readManifest(folder: string, tenant: string): Readonly<Record<string, JsonValue>> {
  const file = join(folder, tenant, 'manifest.json')
  const stored = tryParseJson(
    readText(
      file,
      `no lake of '${tenant}' in '${folder}': name the folder "lake" of the data folder by --lake, or the data folder by HEADLESSLY_DATA; files follow a write after some seconds`,
    ),
  )
  if (!isPlainObject(stored) || !isPlainObject(stored['manifest'])) throw new Error(`'${file}' is no manifest`)
  const { format, manifest } = stored
  if (typeof format !== 'number' || format > formatMax)
    throw new Error(`'${file}' has format ${String(format)}, and this program knows 1 to ${formatMax}: update it`)
  return manifest as Readonly<Record<string, JsonValue>> // checked above
}

/** Data files of the events; none before the first flush. */
function readFiles(folder: string, tenant: string): readonly string[] {
  try {
    const listed = tryParseJson(readFileSync(join(folder, tenant, 'events/files.json'), 'utf8'))
    const files = isPlainObject(listed) ? listed['files'] : undefined
    return Array.isArray(files) ? files.filter((file) => typeof file === 'string') : []
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function keysOf(files: JsonValue | undefined): readonly string[] {
  return Array.isArray(files)
    ? files.flatMap((file) => (isPlainObject(file) && typeof file['key'] === 'string' ? [file['key']] : []))
    : []
}

function pathsOf(folder: string, keys: readonly string[]): readonly string[] {
  return keys.map((key) => resolve(folder, key))
}

function parquet(paths: readonly string[]): string {
  const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')
  return `read_parquet([${list}], union_by_name = true)`
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function readText(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) throw new Error(otherwise, { cause: error })
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
