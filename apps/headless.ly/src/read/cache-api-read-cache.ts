// Answers in Cloudflare's cache of a data centre, which its isolates share. Plain workerd has none.

import type { CachedAnswer, ReadCache } from './read-cache.ts'

/** A name that no one can ask the server for: answers are reached through it alone. */
const base = 'https://read-cache.invalid'
const urlCharactersMax = 8_192
/** An answer is right for ever; this bounds how long one that nobody asks for takes room. */
const lifeSeconds = 86_400
const versionHeader = 'x-version'

export class CacheApiReadCache implements ReadCache {
  readonly #cache: Pick<Cache, 'match' | 'put'>
  readonly #deployment: string

  /** `deployment`: whoever has another one may form answers in another way, and does not see these. */
  constructor(options: { readonly cache: Pick<Cache, 'match' | 'put'>; readonly deployment: string }) {
    this.#cache = options.cache
    this.#deployment = options.deployment
  }

  async get(name: string): Promise<CachedAnswer | undefined> {
    const url = this.#urlOf(name)
    if (url === undefined) return undefined
    try {
      const kept = await this.#cache.match(url)
      if (kept === undefined) return undefined
      const version = kept.headers.get(versionHeader)
      const body = new Uint8Array(await kept.arrayBuffer())
      return { body, ...(version === null ? {} : { version: Number(version) }) }
    } catch {
      return undefined // as the interface has it: where the cache fails, the answer is made again
    }
  }

  async put(name: string, answer: CachedAnswer): Promise<void> {
    const url = this.#urlOf(name)
    if (url === undefined) return
    const { body, version } = answer
    const headers = {
      'cache-control': `public, max-age=${lifeSeconds}, immutable`,
      ...(version === undefined ? {} : { [versionHeader]: String(version) }),
    }
    try {
      await this.#cache.put(url, new Response(body, { headers }))
    } catch {
      // Nothing is kept: see above.
    }
  }

  #urlOf(name: string): string | undefined {
    const url = `${base}/${encodeURIComponent(this.#deployment)}/${encodeURIComponent(name)}`
    return url.length <= urlCharactersMax ? url : undefined
  }
}
