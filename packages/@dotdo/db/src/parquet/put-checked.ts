// Puts a file and reads it back, so that no manifest or table ever names a file that the store did not keep.

import type { ObjectStore } from '../object-store/object-store.ts'
import { DamagedFile } from './block-checksums.ts'
import type { WrittenFile } from './file-writer.ts'

/** Bytes read back by one request. */
const comparedBytes = 2 ** 20

/** Puts the bytes and reads them back in pieces. Throws a DamagedFile unless the store holds exactly these bytes. */
export async function putChecked(store: ObjectStore, key: string, content: WrittenFile['content']): Promise<void> {
  await store.put(key, content, { ifAbsent: false })
  // The last request reaches past the end: the store may hold more bytes than were put.
  for (let start = 0; start <= content.length; start += comparedBytes) {
    const stored = await store.get(key, { start, end: start + comparedBytes })
    if (stored === undefined) throw new DamagedFile(key, 'it is missing after it was put')
    if (!isSameBytes(stored, content.subarray(start, start + comparedBytes)))
      throw new DamagedFile(key, 'it reads back differently from what was put')
  }
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
