// The file of an asset, for a caller who may see the asset and, if it is attached to other entities, one of those.

import { type CallOf, isPlainObject, type JsonValue, type NounSchema, ObjectError, parseId } from 'digital-objects'

export interface VisibleFile {
  readonly asset: string
  readonly file: string
  readonly filename: string
}

/** Entities that are looked at for one that the caller may see. */
const attachedMax = 20
/** Assets of the same bytes that are looked at. */
const assetsMax = 20

interface Seeing {
  readonly read: (call: CallOf<'read'>) => Promise<JsonValue>
  readonly nouns: () => readonly NounSchema[]
  /** Returns what an asset is attached to, also if that field is hidden from the caller. */
  readonly attachedTo: (asset: string) => unknown
}

/** `id` is that of an asset, or of a file. Throws an ObjectError `not_found` for everything that the caller may not see. */
export async function visibleFile(id: string, seeing: Seeing): Promise<VisibleFile> {
  for (const asset of await assetsOf(id, seeing)) {
    const { $id, file, filename } = asset
    if (typeof $id !== 'string' || typeof file !== 'string') continue
    if (!(await seesOne(seeing.attachedTo($id), seeing))) continue
    return { asset: $id, file, filename: typeof filename === 'string' ? filename : 'file' }
  }
  throw new ObjectError({ code: 'not_found', field: 'id', message: `there is no file '${id.slice(0, 64)}'` })
}

async function assetsOf(id: string, { read }: Seeing): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (id.startsWith('asset_')) {
    const asset = await read({ kind: 'read', read: 'get', noun: 'Asset', id, parameters: { strong: 'true' } })
    return isPlainObject(asset) ? [asset] : []
  }
  const filter = JSON.stringify({ file: id })
  const parameters = { filter, limit: String(assetsMax), strong: 'true' }
  const page = await read({ kind: 'read', read: 'find', noun: 'Asset', parameters })
  const results = isPlainObject(page) ? page['results'] : undefined
  return Array.isArray(results) ? results.filter(isPlainObject) : []
}

async function seesOne(attached: unknown, seeing: Seeing): Promise<boolean> {
  const all: readonly unknown[] = Array.isArray(attached) ? attached : []
  if (all.length === 0) return true
  for (const id of all.slice(0, attachedMax)) if (typeof id === 'string' && (await sees(id, seeing))) return true
  return false
}

async function sees(id: string, { read, nouns }: Seeing): Promise<boolean> {
  const noun = nouns().find(({ idPrefix }) => idPrefix === parseId(id)?.prefix)?.name
  if (noun === undefined) return false
  try {
    await read({ kind: 'read', read: 'get', noun, id, parameters: { strong: 'true' } })
    return true
  } catch (error) {
    if (error instanceof ObjectError) return false
    throw error
  }
}
