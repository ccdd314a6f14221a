// The tenants' manifests as this isolate knows them. A manifest is the only part of a lake that changes under its key,
// so it is cached briefly. That time is the longest delay between the publication of a flush and its visibility.

import { LruCache, type Manifest, manifestKey, type ObjectStore, parseManifest } from '@dotdo/db'

export const manifestLifeMs = 1_000
/** Approximate bytes of the whole cache, and of an entry without its JSON. */
const bytesMax = 8 * 2 ** 20
const entryBytes = 500

interface Known {
  /** Absent if no manifest has been published yet. */
  readonly manifest: Manifest | undefined
  readonly untilMs: number
}

export class CurrentManifests {
  readonly #store: Pick<ObjectStore, 'get'>
  readonly #now: () => number
  readonly #known = new LruCache<Known>(bytesMax)
  /** Reads in progress, shared by concurrent readers. */
  readonly #reading = new Map<string, Promise<Manifest | undefined>>()

  constructor(options: { readonly store: Pick<ObjectStore, 'get'>; readonly now: () => number }) {
    this.#store = options.store
    this.#now = options.now
  }

  /** Returns undefined if the manifest has to be read, and a result without a manifest if the tenant has none. */
  known(tenant: string): { readonly manifest: Manifest | undefined } | undefined {
    const known = this.#known.get(tenant)
    return known !== undefined && this.#now() < known.untilMs ? known : undefined
  }

  /** Rejects if the manifest cannot be read or belongs to another tenant; for a while there is none then. */
  read(tenant: string): Promise<Manifest | undefined> {
    const reading = this.#reading.get(tenant) ?? this.#read(tenant)
    this.#reading.set(tenant, reading)
    return reading
  }

  /** Drops what is known of a tenant that has been deleted. */
  forget(tenant: string): void {
    this.#known.delete(tenant)
    this.#reading.delete(tenant)
  }

  /** Drops a read that hangs, so that the next reader starts a new one. */
  giveUp(tenant: string): void {
    this.#reading.delete(tenant)
  }

  async #read(tenant: string): Promise<Manifest | undefined> {
    // Counted from the start of the read, since a later publication may not be in it.
    const untilMs = this.#now() + manifestLifeMs
    const key = manifestKey(tenant)
    try {
      const bytes = await this.#store.get(key)
      const text = bytes === undefined ? '' : new TextDecoder().decode(bytes)
      const manifest = bytes === undefined ? undefined : parseManifest(text, key)
      if (manifest !== undefined && manifest.tenant !== tenant)
        throw new Error(`manifest '${key}' belongs to tenant '${manifest.tenant}'`)
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
