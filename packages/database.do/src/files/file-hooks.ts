// Assets and their bytes: an asset names only a file that is stored, says of it what the server knows, and keeps it.

import type { AfterHandler, BeforeHook, ObjectParts } from '@dotdo/service'
import { type EntityFields, ObjectError } from 'digital-objects'
import type { FileRegistry } from './file-registry.ts'
import { isFileId } from './stored-file.ts'

export function checkAsset(registry: FileRegistry): BeforeHook {
  return {
    id: 'database.do/asset',
    applies: (noun, verb) => noun === 'Asset' && verb !== 'delete',
    run: (fields, { previous }) => {
      const { file, hash } = fields
      if (file === undefined) {
        if (hash === undefined || hash === previous?.['hash']) return undefined
        throw invalid('hash', 'is set by the server, for the bytes that it keeps')
      }
      if (file === previous?.['file']) return { ...fields, ...pick(previous ?? {}, ['hash', 'size', 'mimeType']) }
      const known = isFileId(file) ? registry.find(file) : undefined
      if (known?.state !== 'stored')
        throw invalid('file', `expects the file of an upload that is complete, got '${String(file).slice(0, 64)}'`)
      return { ...fields, hash: known.hash, size: known.size, mimeType: known.mediaType }
    },
  }
}

function pick(fields: EntityFields, names: readonly string[]): EntityFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
}

/** Follows the assets, whatever has changed them. It reads their present, so a repetition and another order change nothing. */
export function followAssets(parts: Pick<ObjectParts, 'read'>, registry: FileRegistry): AfterHandler {
  return {
    id: 'database.do/assets',
    handles: ({ type, target }) =>
      type.startsWith('Asset.') && (parts.read(target)?.['file'] !== undefined || registry.isKept(target)),
    run: ({ type, target }) => {
      const file = parts.read(target)?.['file']
      if (type === 'Asset.Erased') registry.erased(target)
      else registry.used(target, isFileId(file) ? file : undefined)
      return Promise.resolve()
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
