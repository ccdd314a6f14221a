// A flat map from keys to immutable bytes: the operations that R2, a disk and memory have in common. Every
// implementation passes one suite (`object-store.suite.ts`).

/** A range of bytes; `end` is exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  /** When its bytes were put, as far as the store knows: most count in seconds. */
  readonly modifiedMs: number
}

/** Keys are segments of `[A-Za-z0-9._=-]`, joined by `/`; none is empty, `.` or `..`. At most 512 characters. */
export interface ObjectStore {
  /**
   * Returns the bytes, which the caller owns; undefined if there is no such object. A range that reaches past the end
   * is cut there. Throws if the store fails.
   */
  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Returns the size in bytes; undefined if there is no such object. */
  head(key: string): Promise<number | undefined>
  /** Returns the size, and when the bytes were put; undefined if there is no such object. */
  stat(key: string): Promise<Omit<StoredObject, 'key'> | undefined>
  /**
   * Atomic: a reader sees all of the bytes or none of them. With `ifAbsent` an existing object stays unchanged and the
   * result is false; on a disk this holds only between callers in one isolate. After a failure the object may or may
   * not exist. The caller must not change the bytes until the promise resolves.
   */
  put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean>
  /** Ignores keys without an object. Not atomic: after a failure some of the objects may be deleted. */
  delete(keys: readonly string[]): Promise<void>
  /** Lists keys that begin with `prefix` and come after `after`, in code unit order; at most `limit` (1 to 1,000). */
  list(options: { readonly prefix: string; readonly after?: string; readonly limit: number }): Promise<{
    readonly objects: readonly StoredObject[]
    readonly hasMore: boolean
  }>
  /**
   * Resolves once these objects, which must have been put before, would survive a power failure. Throws if the store
   * cannot tell.
   */
  sync(keys: readonly string[]): Promise<void>
}

const keyPattern = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/

/** Throws if the string is not a key. That is a bug of this code, since keys are made from slugs and numbers. */
export function checkKey(key: string): void {
  const isKey =
    key.length <= 512 && keyPattern.test(key) && !key.split('/').some((part) => part === '.' || part === '..')
  if (!isKey)
    throw new Error(
      `'${key.slice(0, 100)}' is not an object key: expected up to 512 characters of A-Z, a-z, 0-9, '.', '_', '=', '-' in segments joined by '/'`,
    )
}
