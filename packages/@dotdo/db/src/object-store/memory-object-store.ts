// An object store in memory, for tests and benchmarks.

import { checkKey, type ByteRange, type ObjectStore } from './object-store.ts'

export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Uint8Array<ArrayBuffer>>()
  readonly #modifiedMs = new Map<string, number>()

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    checkKey(key)
    return this.#objects.get(key)?.slice(range?.start, range?.end)
  }

  async head(key: string): Promise<number | undefined> {
    checkKey(key)
    return this.#objects.get(key)?.length
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    checkKey(key)
    const bytes = this.#objects.get(key)?.length
    return bytes === undefined ? undefined : { bytes, modifiedMs: this.#modifiedMs.get(key) ?? 0 }
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    checkKey(key)
    if (options.ifAbsent && this.#objects.has(key)) return false
    this.#objects.set(key, new Uint8Array(bytes))
    this.#modifiedMs.set(key, Date.now())
    return true
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(key)
  }

  async list(options: {
    readonly prefix: string
    readonly after?: string
    readonly limit: number
  }): ReturnType<ObjectStore['list']> {
    const { prefix, after = '', limit } = options
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    const objects = keys.slice(0, limit).map((key) => ({
      key,
      bytes: this.#objects.get(key)?.length ?? 0,
      modifiedMs: this.#modifiedMs.get(key) ?? 0,
    }))
    return { objects, hasMore: keys.length > limit }
  }

  async sync(): Promise<void> {}
}
