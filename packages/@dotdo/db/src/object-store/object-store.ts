// Where files are kept: a flat map from keys to immutable bytes, the little that R2, a disk and memory have in common.
// One suite (`object-store.suite.ts`) says what each implementation owes.

/** A range of bytes; `end` is exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
}

/** Keys are segments of `[A-Za-z0-9._=-]`, joined by `/`; none is empty, `.` or `..`. At most 512 characters. */
export interface ObjectStore {
  /**
   * The bytes, which belong to the caller; undefined when there is no such object. A range that goes beyond the end is
   * cut there. Throws when the store fails.
   */
  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** The size in bytes; undefined when there is no such object. */
  head(key: string): Promise<number | undefined>
  /**
   * All of the bytes or nothing: no reader ever sees a part. With `ifAbsent` an object that is there stays as it is, and
   * the answer is false; on a disk that holds between callers of one isolate only. After a failure the object may be
   * there or not. The bytes must not be changed until it is done.
   */
  put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean>
  /** Those that are not there are no fault. Not atomic: after a failure some may be gone. */
  delete(keys: readonly string[]): Promise<void>
  /** Keys that begin with `prefix`, in code unit order, those after `after`; at most `limit` (1 to 1,000). */
  list(options: { readonly prefix: string; readonly after?: string; readonly limit: number }): Promise<{
    readonly objects: readonly StoredObject[]
    readonly hasMore: boolean
  }>
  /** Resolves when these objects, which were put before, would survive a loss of power; throws when that is not known. */
  sync(keys: readonly string[]): Promise<void>
}

const keyPattern = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/

/** Throws for what is no key: a fault of ours, since keys are made from slugs and numbers. */
export function checkKey(key: string): void {
  const isKey =
    key.length <= 512 && keyPattern.test(key) && !key.split('/').some((part) => part === '.' || part === '..')
  if (!isKey) throw new Error(`'${key.slice(0, 100)}' is no key of an object`)
}
