// The manifests of tenants as this isolate knows them. A manifest is the one thing of a lake that changes under its name,
// so that it is kept for a short while only: that while bounds how much later than its publication a flush is seen.

import { LruCache, type Manifest, manifestKey, type ObjectStore, parseManifest } from '@dotdo/db'

export const manifestLifeMs = 1_000
/** Rough bytes of all that are kept, and of one beside its text. */
const bytesMax = 8 * 2 ** 20
const entryBytes = 500

interface Known {
  /** Undefined where none was published yet. */
  readonly manifest: Manifest | undefined
  readonly untilMs: number
}

export class CurrentManifests {
  readonly #store: Pick<ObjectStore, 'get'>
  readonly #now: () => number
  readonly #known = new LruCache<Known>(bytesMax)
  /** Those that are being read: who asks meanwhile waits for the same. */
  readonly #reading = new Map<string, Promise<Manifest | undefined>>()

  constructor(options: { readonly store: Pick<ObjectStore, 'get'>; readonly now: () => number }) {
    this.#store = options.store
    this.#now = options.now
  }

  /** `undefined` in it: there is none. Undefined itself: it would have to be read. */
  known(tenant: string): { readonly manifest: Manifest | undefined } | undefined {
    const known = this.#known.get(tenant)
    return known !== undefined && this.#now() < known.untilMs ? known : undefined
  }

  /** Rejects when it cannot be read or is not the tenant's; then there is none for a while. */
  read(tenant: string): Promise<Manifest | undefined> {
    const reading = this.#reading.get(tenant) ?? this.#read(tenant)
    this.#reading.set(tenant, reading)
    return reading
  }

  /** Whoever asks next begins anew: what is being read does not come. */
  giveUp(tenant: string): void {
    this.#reading.delete(tenant)
  }

  async #read(tenant: string): Promise<Manifest | undefined> {
    // From before the read on: what is published meanwhile may not be in it.
    const untilMs = this.#now() + manifestLifeMs
    const key = manifestKey(tenant)
    try {
      const bytes = await this.#store.get(key)
      const text = bytes === undefined ? '' : new TextDecoder().decode(bytes)
      const manifest = bytes === undefined ? undefined : parseManifest(text, key)
      if (manifest !== undefined && manifest.tenant !== tenant)
        throw new Error(`manifest '${key}' is that of tenant '${manifest.tenant}'`)
      this.#known.set(tenant, { manifest, untilMs }, 4 * text.length + entryBytes)
      return manifest
    } catch (error) {
      this.#known.set(tenant, { manifest: undefined, untilMs }, entryBytes)
      throw error
    } finally {
      this.#reading.delete(tenant)
    }
  }
}
