// The tenant's manifest: the recorded one, which is authoritative, and its published copy for readers.

import { formatManifest, type Manifest, manifestKey, type ObjectStore } from '@dotdo/db'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { EventArchive } from './event-archive.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { LakeState } from './lake-state.ts'

export interface ManifestsOptions {
  readonly store: ObjectStore
  readonly lake: LakeState
  readonly archive: Pick<EventArchive, 'layer'>
  readonly meta: TenantMeta
  readonly settings: Pick<FlushSettings, 'graceMs'>
  readonly now: () => number
}

/** A manifest is published as soon as it is recorded, unless the store fails. */
const promptMs = 5_000

export class Manifests {
  readonly #options: ManifestsOptions

  constructor(options: ManifestsOptions) {
    this.#options = options
  }

  /** The recorded manifest, or an empty one before the first. */
  get current(): Manifest {
    const { archive, lake, meta } = this.#options
    const [tenant, epoch] = [meta.get('tenant') ?? '', meta.get('epoch') ?? '']
    return (
      lake.manifest ?? {
        tenant,
        epoch,
        revision: 0,
        seq: 0,
        madeAt: '',
        nouns: {},
        definitions: [],
        stale: [],
        events: archive.layer,
      }
    )
  }

  get isUnpublished(): boolean {
    const { lake } = this.#options
    return (lake.manifest?.revision ?? 0) > lake.publishedRevision
  }

  /** Records the next manifest and publishes it. `alongside` runs in the recording transaction. */
  async commit(manifest: Manifest, alongside: () => void): Promise<void> {
    const { archive, lake, now, settings } = this.#options
    const revision = (lake.manifest?.revision ?? 0) + 1
    const next = { ...manifest, revision, events: archive.layer, madeAt: new Date(now()).toISOString() }
    lake.commit(next, { dueMs: now() + settings.graceMs, alongside })
    await this.publish()
  }

  /** Publishes the recorded manifest; returns false if it is published already. */
  async publish(): Promise<boolean> {
    const { lake } = this.#options
    const { manifest } = lake
    if (manifest === undefined || !this.isUnpublished) return false
    await this.#put(manifest)
    lake.write('published', manifest.revision)
    return true
  }

  /**
   * Ensures that readers have the recorded manifest before files are deleted. The put of an earlier manifest may have
   * timed out and arrived after a later one, and would name files that are about to be deleted.
   */
  async ensurePublished(): Promise<void> {
    const { manifest } = this.#options.lake
    if (manifest === undefined) return
    const bytes = await this.#options.store.get(manifestKey(manifest.tenant))
    const published = bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    if (published !== formatManifest(manifest)) await this.#put(manifest)
  }

  async #put(manifest: Manifest): Promise<void> {
    const { lake, now, settings, store } = this.#options
    const key = manifestKey(manifest.tenant)
    await store.put(key, new TextEncoder().encode(formatManifest(manifest)), { ifAbsent: false })
    await store.sync([key])
    // Until now, readers may have used a manifest with files that this one replaced.
    if (now() - Date.parse(manifest.madeAt) > promptMs) lake.postpone(now() + settings.graceMs)
  }
}
