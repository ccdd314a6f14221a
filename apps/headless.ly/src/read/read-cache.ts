// A cache of answers under names that each stand for one answer for ever: an entry never becomes stale, and may be
// evicted at any time. Every implementation passes one suite (`read-cache.suite.ts`).

export interface CachedAnswer {
  /** JSON in UTF-8. Bytes, since they are sent unchanged many times; nobody modifies them. */
  readonly body: Uint8Array
  /** The entity's `$version`, if the body is one whole entity. */
  readonly version?: number
}

/** Names are printable ASCII. Neither method throws: a failing cache has nothing and keeps nothing. */
export interface ReadCache {
  get(name: string): Promise<CachedAnswer | undefined>
  /** May keep nothing. The same name always has the same answer. */
  put(name: string, answer: CachedAnswer): Promise<void>
}
