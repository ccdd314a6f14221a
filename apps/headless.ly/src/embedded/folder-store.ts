// A folder as an object store, for programs that run beside no server.

import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ByteRange, checkKey, type ObjectStore } from '@dotdo/db'

export class FolderStore implements ObjectStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await unlessMissing(() => readFile(this.#pathOf(key)))
    return bytes === undefined ? undefined : new Uint8Array(bytes).slice(range?.start, range?.end)
  }

  async head(key: string): Promise<number | undefined> {
    return (await this.stat(key))?.bytes
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    const found = await unlessMissing(() => stat(this.#pathOf(key)))
    return found?.isFile() === true ? { bytes: found.size, modifiedMs: found.mtimeMs } : undefined
  }

  async put(key: string, bytes: Uint8Array, { ifAbsent }: { readonly ifAbsent: boolean }): Promise<boolean> {
    const path = this.#pathOf(key)
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.${process.pid}.tmp`
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // Both give the name to bytes that are on disk already.
      await (ifAbsent ? link(temporary, path) : rename(temporary, path))
      await syncFolder(dirname(path))
      return true
    } catch (error) {
      if (ifAbsent && hasCode(error, 'EEXIST')) return false
      throw error
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(this.#pathOf(key), { force: true })
  }

  async list({ prefix, after = '', limit }: Parameters<ObjectStore['list']>[0]): ReturnType<ObjectStore['list']> {
    const within = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    const names = (await unlessMissing(() => readdir(join(this.#folder, within), { recursive: true }))) ?? []
    const keys = names
      .map((name) => within + name)
      .filter((key) => key.startsWith(prefix) && key > after)
      .toSorted()
    const objects = []
    for (const key of keys) {
      if (objects.length > limit) break
      const found = await this.stat(key)
      if (found !== undefined) objects.push({ key, ...found })
    }
    return { objects: objects.slice(0, limit), hasMore: objects.length > limit }
  }

  /** Does nothing: each file and its name were synced when it was put. */
  async sync(): Promise<void> {}

  #pathOf(key: string): string {
    checkKey(key)
    return join(this.#folder, key)
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === 'win32') return
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

async function unlessMissing<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await run()
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
