// Compares assets with the files that they name: each is known, is what its asset says, and has all its bytes in the store.

import type { ObjectParts, VerifyMore } from '@dotdo/service'
import { isPlainObject, ObjectError, tryParseJson } from 'digital-objects'
import type { FileSweep } from './adopt-files.ts'
import type { FileRegistry } from './file-registry.ts'
import { isFileId, readParts, readRecord, type StoredFile } from './stored-file.ts'

type Parts = Pick<ObjectParts, 'answer' | 'files'>
type Asset = Readonly<Record<string, unknown>>

const pageMax = 100

export function verifyFiles(
  parts: Parts,
  { registry, sweep }: { readonly registry: FileRegistry; readonly sweep: FileSweep },
): VerifyMore {
  return async (note) => {
    await sweep.catchUp()
    for await (const asset of assetsWithFiles(parts)) {
      const fault = await faultOf(asset, { parts, registry })
      if (fault !== undefined) note(`the file of '${String(asset['$id'])}' ${fault}`)
    }
  }
}

async function* assetsWithFiles({ answer }: Parts): AsyncGenerator<Asset> {
  let cursor: string | undefined
  do {
    const parameters = { filter: '{"file":{"$exists":true}}', limit: String(pageMax), strong: 'true', sort: '$id' }
    const found = await answer(
      {
        kind: 'read',
        read: 'find',
        noun: 'Asset',
        parameters: cursor === undefined ? parameters : { ...parameters, cursor },
      },
      { who: 'system', via: 'system' },
    )
    if (!found.ok) throw new ObjectError(found.error)
    const page = tryParseJson(found.body)
    if (!isPlainObject(page) || !Array.isArray(page['results'])) return
    yield* page['results'].filter(isPlainObject)
    cursor = page['hasMore'] === true ? String(page['cursor']) : undefined
  } while (cursor !== undefined)
}

/** Does not read the bytes: their sizes have to be right. */
async function faultOf(
  { file: id, hash, size }: Asset,
  { parts, registry }: { readonly parts: Parts; readonly registry: FileRegistry },
): Promise<string | undefined> {
  const files = parts.files()
  if (!isFileId(id) || files === undefined) return 'is none that this server keeps'
  const known = registry.find(id)
  const record = await readRecord(files, id)
  if (record === undefined) return 'is missing in the object store'
  if (known?.state !== 'stored') return 'is not in the registry of files'
  if (record.hash !== hash || record.size !== size || known.hash !== hash) return 'has other bytes than the asset says'
  return (await hasAllParts(record, () => readParts(files, id)))
    ? undefined
    : 'has not all its bytes in the object store'
}

async function hasAllParts({ parts }: StoredFile, stored: () => Promise<readonly number[]>): Promise<boolean> {
  try {
    return JSON.stringify(await stored()) === JSON.stringify(parts)
  } catch {
    // A part in the middle is missing.
    return false
  }
}
