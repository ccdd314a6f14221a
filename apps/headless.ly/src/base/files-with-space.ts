// Files of a tenant on a disk that may become full: their bytes are refused while commits still have room.

import type { TenantFiles } from '@dotdo/service'
import { storageFull, type StorageSpace } from 'objects.do'

/** Bytes for which as much room is counted as for a character of a write. */
const bytesPerCharacter = 8

/** `put` rejects with an ObjectError `storage_full`. */
export function filesWithSpace(files: TenantFiles, space: StorageSpace | undefined): TenantFiles {
  if (space === undefined) return files
  return {
    ...files,
    async put(key, bytes, options) {
      space.willWrite(Math.ceil(bytes.length / bytesPerCharacter))
      if (space.isStale) await space.refresh()
      if (space.isFull) throw storageFull()
      return files.put(key, bytes, options)
    },
  }
}
