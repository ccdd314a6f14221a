// The lake's folder as another program sees it: a read-only object store.

import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteRange, ObjectStore } from '@dotdo/db'

export class FolderStore implements ObjectStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await unlessMissing(() => open(join(this.#folder, key)))
    if (file === undefined) return undefined
    try {
      const { size } = await file.stat()
      const start = Math.min(range?.start ?? 0, size)
      const bytes = new Uint8Array(Math.max(Math.min(range?.end ?? size, size) - start, 0))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  async head(key: string): Promise<number | undefined> {
    return (await unlessMissing(() => stat(join(this.#folder, key))))?.size
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    const found = await unlessMissing(() => stat(join(this.#folder, key)))
    return found === undefined ? undefined : { bytes: found.size, modifiedMs: found.mtimeMs }
  }

  async list({ prefix }: { readonly prefix: string }): ReturnType<ObjectStore['list']> {
    const names = (await unlessMissing(() => readdir(join(this.#folder, prefix)))) ?? []
    return { objects: names.map((name) => ({ key: prefix + name, bytes: 0, modifiedMs: 0 })), hasMore: false }
  }

  put(): Promise<boolean> {
    throw new Error('this store is read-only')
  }

  delete(): Promise<void> {
    throw new Error('this store is read-only')
  }

  async sync(): Promise<void> {}
}

async function unlessMissing<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
