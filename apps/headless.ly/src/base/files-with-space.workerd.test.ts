import { MemoryObjectStore } from '@dotdo/db'
import { type StorageSpace, tenantFilesOf } from 'objects.do'
import { expect, test } from 'vitest'
import { filesWithSpace } from './files-with-space.ts'

test('bytes are stored while the disk has room, which is asked for again once they may have used it up', async () => {
  let [freeBytes, written, isFull] = [100, 0, false]
  const space: StorageSpace = {
    get isFull() {
      return isFull
    },
    get isStale() {
      return written > freeBytes
    },
    isExhausted: false,
    clockOffsetMs: 0,
    refresh: () => {
      ;[written, isFull] = [0, freeBytes < 50]
      return Promise.resolve()
    },
    willWrite: (characters) => void (written += characters * 8),
  }
  const files = filesWithSpace(tenantFilesOf(new MemoryObjectStore(), 'acme'), space)
  const put = (key: string): Promise<boolean> => files.put(key, new Uint8Array(64), { ifAbsent: true })
  expect(await put('a')).toBe(true)
  freeBytes = 36
  await expect(put('b')).rejects.toMatchObject({ code: 'storage_full' })
  expect([await files.head('a'), await files.head('b')]).toEqual([64, undefined])
})
