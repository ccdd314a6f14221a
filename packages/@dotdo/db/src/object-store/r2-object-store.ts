// An object store in an R2 bucket: the lake on Cloudflare.

import { checkKey, type ByteRange, type ObjectStore, type StoredObject } from './object-store.ts'

/**
 * The part of `R2Bucket` that is used here. That type belongs to the platform, which this package does not depend on.
 */
export interface Bucket {
  get(
    key: string,
    options?: { readonly range: { readonly offset: number; readonly length: number } },
  ): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>
  head(key: string): Promise<{ readonly size: number; readonly uploaded: Date } | null>
  /** Resolves to null if `onlyIf` does not hold. */
  put(key: string, value: Uint8Array, options?: { readonly onlyIf: Headers }): Promise<object | null>
  delete(keys: string[]): Promise<void>
  list(options: { readonly prefix: string; readonly limit: number; readonly startAfter?: string }): Promise<{
    readonly objects: readonly { readonly key: string; readonly size: number; readonly uploaded: Date }[]
    readonly truncated: boolean
  }>
}

/** R2's limit of keys in one call. */
const keysPerDeleteMax = 1_000

export class R2ObjectStore implements ObjectStore {
  readonly #bucket: Bucket

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    checkKey(key)
    if (range === undefined) return bodyBytes(await this.#bucket.get(key))
    const { start, end } = range
    if (end <= start) return (await this.head(key)) === undefined ? undefined : new Uint8Array(0)
    try {
      return await bodyBytes(await this.#bucket.get(key, { range: { offset: start, length: end - start } }))
    } catch (error) {
      // R2 refuses a range that begins at or after the end (10039); miniflare reports one at the end as `Unspecified
      // error`.
      const size = await this.head(key)
      if (size !== undefined && size <= start) return new Uint8Array(0)
      throw error
    }
  }

  async head(key: string): Promise<number | undefined> {
    checkKey(key)
    return (await this.#bucket.head(key))?.size
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    checkKey(key)
    const found = await this.#bucket.head(key)
    return found === null ? undefined : { bytes: found.size, modifiedMs: found.uploaded.getTime() }
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    checkKey(key)
    if (!options.ifAbsent) {
      await this.#bucket.put(key, bytes)
      return true
    }
    return (await this.#bucket.put(key, bytes, { onlyIf: new Headers({ 'If-None-Match': '*' }) })) !== null
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    for (let start = 0; start < keys.length; start += keysPerDeleteMax) {
      await this.#bucket.delete(keys.slice(start, start + keysPerDeleteMax))
    }
  }

  async list(options: {
    readonly prefix: string
    readonly after?: string
    readonly limit: number
  }): ReturnType<ObjectStore['list']> {
    const { prefix, limit } = options
    const objects: StoredObject[] = []
    // R2 may return fewer objects than requested although there are more.
    for (let after = options.after; ;) {
      const startAfter = after === undefined || after === '' ? {} : { startAfter: after }
      const page = await this.#bucket.list({ prefix, limit: limit - objects.length, ...startAfter })
      for (const { key, size, uploaded } of page.objects)
        objects.push({ key, bytes: size, modifiedMs: uploaded.getTime() })
      after = objects.at(-1)?.key
      if (!page.truncated || page.objects.length === 0 || objects.length >= limit) {
        return { objects, hasMore: page.truncated }
      }
    }
  }

  /** Does nothing: R2 acknowledges a put once it is durable. */
  async sync(): Promise<void> {}
}

async function bodyBytes(
  object: { arrayBuffer(): Promise<ArrayBuffer> } | null,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return object === null ? undefined : new Uint8Array(await object.arrayBuffer())
}
