// Assets and their bytes: an asset names only a file that is stored, says of it what the server knows, and keeps it.

import type { AfterHandler, BeforeHook, ObjectParts } from '@dotdo/service'
import { type EntityFields, isSameJson, ObjectError } from 'digital-objects'
import type { FileSweep } from './adopt-files.ts'
import type { FileRegistry } from './file-registry.ts'
import { isFileId } from './stored-file.ts'

type Parts = Pick<ObjectParts, 'read' | 'idsWith'>

/** Assets of the same bytes that are looked at. */
const assetsMax = 20

export function checkAsset(parts: Parts, registry: FileRegistry): BeforeHook {
  return {
    id: 'database.do/asset',
    applies: (noun, verb) => noun === 'Asset' && verb !== 'delete',
    run: (fields, { previous, actor, sees }) => {
      const { file, hash } = fields
      if (file === undefined) {
        if (hash === undefined || hash === previous?.['hash']) return undefined
        throw invalid('hash', 'is set by the server, for the bytes that it keeps')
      }
      if (file === previous?.['file']) {
        checkAttachment(fields, previous, sees)
        return { ...fields, ...pick(previous ?? {}, ['hash', 'size', 'mimeType']) }
      }
      const known = isFileId(file) ? registry.find(file) : undefined
      const isReadable =
        sees === undefined ||
        (isFileId(file) && (registry.hasBrought(file, actor) || hasReadableAsset(parts, file, sees)))
      if (known?.state !== 'stored' || !isReadable)
        throw invalid('file', `expects the file of an upload that is complete, got '${String(file).slice(0, 64)}'`)
      return { ...fields, hash: known.hash, size: known.size, mimeType: known.mediaType }
    },
  }
}

type Sees = (id: string) => boolean

/** The entities to which an asset is attached decide who reads its bytes, so only a caller who may read them changes it. */
function checkAttachment(fields: EntityFields, previous: EntityFields, sees: Sees | undefined): void {
  const isSame = isSameJson(fields['attachedTo'] ?? null, previous['attachedTo'] ?? null)
  if (sees === undefined || isSame || isReachable(previous, sees)) return
  const message = 'the asset is attached to entities that this caller may not see, so it may not attach it elsewhere'
  throw new ObjectError({ code: 'forbidden', field: 'attachedTo', message })
}

function hasReadableAsset(parts: Parts, file: string, sees: Sees): boolean {
  return parts.idsWith('Asset', { field: 'file', value: file, limit: assetsMax }).some((id) => {
    const asset = sees(id) ? parts.read(id) : undefined
    return asset !== undefined && isReachable(asset, sees)
  })
}

function isReachable({ attachedTo }: EntityFields, sees: Sees): boolean {
  const ids = Array.isArray(attachedTo) ? attachedTo : []
  return ids.length === 0 || ids.some((id) => typeof id === 'string' && sees(id))
}

function pick(fields: EntityFields, names: readonly string[]): EntityFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
}

/** Follows the assets, whatever has changed them. It reads their present, so a repetition and another order change nothing. */
export function followAssets(parts: Pick<ObjectParts, 'read'>, registry: FileRegistry, sweep: FileSweep): AfterHandler {
  return {
    id: 'database.do/assets',
    handles: ({ type, target }) =>
      type.startsWith('Asset.') &&
      (type === 'Asset.Erased' || parts.read(target)?.['file'] !== undefined || registry.isKept(target)),
    run: async ({ type, target }) => {
      if (type === 'Asset.Erased') {
        await sweep.catchUp()
        return registry.erased(target)
      }
      const file = parts.read(target)?.['file']
      registry.used(target, isFileId(file) ? file : undefined)
    },
  }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `Asset.${field}: ${message}`,
    faults: [{ field, message }],
  })
}
