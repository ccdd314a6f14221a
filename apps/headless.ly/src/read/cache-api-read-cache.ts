// Cached answers in the Cache API of a Cloudflare data centre, which its isolates share. Plain workerd has none.

import type { CachedAnswer, ReadCache } from './read-cache.ts'

/** A host that no client can request, so cached answers are reachable through this class only. */
const base = 'https://read-cache.invalid'
const urlCharactersMax = 8_192
/** A cached answer never becomes wrong; this limits how long an unused one takes space. */
const lifeSeconds = 86_400
const versionHeader = 'x-version'

export class CacheApiReadCache implements ReadCache {
  readonly #cache: Pick<Cache, 'match' | 'put'>
  readonly #deployment: string

  /** `deployment`: another deployment may format answers differently, so it does not see these. */
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
      return undefined // a failing cache counts as a miss
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
      // A failing cache keeps nothing.
    }
  }

  #urlOf(name: string): string | undefined {
    const url = `${base}/${encodeURIComponent(this.#deployment)}/${encodeURIComponent(name)}`
    return url.length <= urlCharactersMax ? url : undefined
  }
}
