// The objects of the files that a tenant's assets name, for an archive: all parts of each, and its record.

import type { KeptObjects, ObjectParts } from '@dotdo/service'
import type { FileSweep } from './adopt-files.ts'
import type { FileRegistry } from './file-registry.ts'
import { partKeys, readRecord, recordKey } from './stored-file.ts'

/** A file has up to 4,000 parts. */
const filesMax = 20

/** Files whose record is missing are left out: `verify` names them. */
export async function keptObjects(
  of: { readonly parts: Pick<ObjectParts, 'files'>; readonly registry: FileRegistry; readonly sweep: FileSweep },
  after: string,
): Promise<KeptObjects> {
  const files = of.parts.files()
  if (files === undefined) return { keys: [], next: null }
  await of.sweep.catchUp()
  const ids = of.registry.namedAfter(after, filesMax)
  const keys: string[] = []
  for (const id of ids) {
    const record = await readRecord(files, id)
    if (record !== undefined) keys.push(...partKeys(id, record.parts), recordKey(id))
  }
  return { keys, next: ids.length < filesMax ? null : (ids.at(-1) ?? null) }
}
