// Cached answers in KV, below the Cache API: a data centre that has never given an answer gets it from another one's.

import type { KvValues } from './kv-values.ts'
import type { CachedAnswer, ReadCache } from './read-cache.ts'

export class KvReadCache implements ReadCache {
  readonly #values: Pick<KvValues, 'get' | 'put'>
  readonly #deployment: string

  /** `deployment`: another deployment may format answers differently, so it does not see these. */
  constructor(options: { readonly values: Pick<KvValues, 'get' | 'put'>; readonly deployment: string }) {
    this.#values = options.values
    this.#deployment = options.deployment
  }

  async get(name: string): Promise<CachedAnswer | undefined> {
    const value = await this.#values.get(this.#nameOf(name))
    const end = value?.indexOf(newline) ?? -1
    if (value === undefined || end < 0) return undefined
    const version = new TextDecoder().decode(value.subarray(0, end))
    return { body: value.slice(end + 1), ...(version === '' ? {} : { version: Number(version) }) }
  }

  async put(name: string, { body, version }: CachedAnswer): Promise<void> {
    const head = new TextEncoder().encode(`${version ?? ''}\n`)
    const value = new Uint8Array(head.length + body.length)
    value.set(head)
    value.set(body, head.length)
    await this.#values.put(this.#nameOf(name), value)
  }

  #nameOf(name: string): string {
    return `answer ${this.#deployment} ${name}`
  }
}

const newline = 10
