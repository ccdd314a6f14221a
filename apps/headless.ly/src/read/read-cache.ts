// What is kept of answers, by names that stand for one answer for ever: an entry is never out of date, and is only ever
// dropped. One suite (`read-cache.suite.ts`) says what each implementation owes.

export interface CachedAnswer {
  /** JSON in UTF-8: bytes, since they go out as they are, again and again. Nobody changes them. */
  readonly body: Uint8Array
  /** The entity's `$version`, where the body is one whole entity. */
  readonly version?: number
}

/** Names are printable ASCII. Neither method throws: a cache that fails has nothing and keeps nothing. */
export interface ReadCache {
  get(name: string): Promise<CachedAnswer | undefined>
  /** May keep nothing. The same name always comes with the same answer. */
  put(name: string, answer: CachedAnswer): Promise<void>
}
