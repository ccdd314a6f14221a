// The background flush: what was written since the last one leaves for the object store, as layers of entities and as
// events of the log; a new manifest is recorded here and then published. Each step begins from what is recorded, so it may
// be killed at any line and made again. Failures of the store are waited out and never reach a writer.

import { formatManifest, type Manifest, manifestKey, type ObjectStore } from '@dotdo/db'
import type { NounLookup } from 'digital-objects'
import type { ArchivedTexts } from '../archived-events.ts'
import type { EventsStore } from '../events-store.ts'
import type { StorageHandler } from '../storage-handler.ts'
import type { TenantMeta } from '../tenant-meta.ts'
import { EntityLayers, keysOf } from './entity-layers.ts'
import { EventArchive } from './event-archive.ts'
import type { FlushSettings } from './flush-settings.ts'
import { LakeState } from './lake-state.ts'

export interface FlusherOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly events: EventsStore
  readonly texts: ArchivedTexts
  readonly state: StorageHandler
  readonly meta: TenantMeta
  readonly lookup: NounLookup
  readonly now: () => number
  readonly random: () => number
  readonly settings: FlushSettings
  /** Does what events up to there still owe here, and tells up to which one nothing is owed. */
  readonly settle: (throughSeq: number) => number
  /** Asks to be run at a moment; undefined for never. `isAtLatest` leaves an earlier wish as it is. */
  readonly wake: (atMs: number | undefined, isAtLatest?: boolean) => void
  readonly log: (message: string) => void
}

const retryFirstMs = 1_000
const retryMaxMs = 60_000
/** A file that was to be put and is in no manifest after this long was left by a crash. */
const orphanMs = 3_600_000
const garbagePerStep = 500
/** A flush that goes on failing tells so, but not each time. */
const failuresPerLog = 10
/** Steps of one command: each ends with less to do. */
const drainStepsMax = 10_000

export class Flusher {
  readonly lake: LakeState
  readonly archive: EventArchive
  readonly layers: EntityLayers
  readonly #options: FlusherOptions
  #running: Promise<unknown> = Promise.resolve()
  #waiting: Promise<void> | undefined
  #failures = 0
  /** When what was written first since the last flush has waited long enough. */
  #flushDueMs: number | undefined

  constructor(options: FlusherOptions) {
    const { now, settings, storage } = options
    this.#options = options
    this.lake = new LakeState(storage)
    const willPut = (key: string): void => this.lake.discard([key], now() + orphanMs)
    const nextName = (): string => this.nextName()
    this.archive = new EventArchive({ ...options, lake: this.lake, willPut, nextName, settings })
    this.layers = new EntityLayers({ ...options, lake: this.lake, willPut })
  }

  /** At start, and when a transaction took the alarm with it: asks for what is owed. */
  resume(): void {
    this.lake.reload()
    this.#schedule()
  }

  /** Inside the transaction of a write: what it wrote will be flushed, also if the object dies right after. */
  changed(): void {
    const { now, settings, wake } = this.#options
    if (this.#flushDueMs !== undefined && !this.#isFull) return
    this.#flushDueMs ??= now() + settings.intervalMs
    wake(this.#isFull ? now() : this.#flushDueMs, true)
  }

  /** One step of what is due, and then asks for the next. Never throws. Whoever calls while one is under way waits for it. */
  run(): Promise<void> {
    this.#waiting ??= this.#inTurn(() => this.#attempt()).finally(() => {
      this.#waiting = undefined
    })
    return this.#waiting
  }

  /** Flushes until everything is, and makes the files tidy; for commands. Throws what a step throws. */
  drain(): Promise<void> {
    return this.#inTurn(async () => {
      for (let step = 0; step < drainStepsMax; step++) if (!(await this.#step(true))) break
      this.#schedule()
    })
  }

  /** Nothing else of the flush happens meanwhile; for commands. */
  exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(run)
  }

  /** The next manifest in the place of the last one, published. `alongside` is part of the transaction. */
  async commit(manifest: Manifest, alongside: () => void): Promise<void> {
    const { now, settings } = this.#options
    const revision = (this.lake.manifest?.revision ?? 0) + 1
    const next = { ...manifest, revision, events: this.archive.layer, madeAt: new Date(now()).toISOString() }
    this.lake.commit(next, { dueMs: now() + settings.graceMs, alongside })
    await this.#publish()
  }

  /** As it is recorded, or as it begins. */
  get manifest(): Manifest {
    return this.lake.manifest ?? this.#firstManifest()
  }

  /**
   * A part of file names that no step had before, so that a put which was given up and arrives late changes nothing that
   * anybody reads. Chance is part of it, since an object may be restored to an older state, and count again.
   */
  nextName(): string {
    const { meta, random } = this.#options
    const attempts = (this.lake.read('attempts') ?? 0) + 1
    this.lake.write('attempts', attempts)
    return `${meta.get('epoch')}-${attempts}-${Math.floor(random() * 36 ** 6).toString(36)}`
  }

  #firstManifest(): Manifest {
    const { meta } = this.#options
    const [tenant, epoch] = [meta.get('tenant') ?? '', meta.get('epoch') ?? '']
    return { tenant, epoch, revision: 0, seq: 0, madeAt: '', nouns: {}, events: this.archive.layer }
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const mine = this.#running.then(run)
    // The next one goes on, whatever becomes of this one.
    this.#running = mine.catch(() => {})
    return mine
  }

  async #attempt(): Promise<void> {
    const { now, wake, log } = this.#options
    try {
      const isProgress = await this.#step(false)
      this.#failures = 0
      this.#schedule({ isStuck: !isProgress })
    } catch (error) {
      this.#failures++
      const text = error instanceof Error ? error.message : String(error)
      if (this.#failures % failuresPerLog === 1) log(`the flush failed, ${this.#failures} times in a row: ${text}`)
      wake(now() + Math.min(retryFirstMs * 2 ** (this.#failures - 1), retryMaxMs))
    }
  }

  /** Tells whether it did anything. What readers wait for comes first. */
  async #step(isForced: boolean): Promise<boolean> {
    if (this.#isUnpublished) {
      await this.#publish()
      return true
    }
    if (this.#behind > 0 && (isForced || this.#isFlushDue)) {
      await this.#flush()
      return true
    }
    const due = this.layers.due(this.manifest)
    if (due === undefined) return (await this.archive.tidy()) || this.#collectGarbage()
    const step = { due, name: this.nextName(), progress: this.lake.read('compaction') }
    const compacted = await this.layers.compact(this.manifest, step)
    if (compacted.kind === 'goes on') {
      const keys = compacted.progress.files.flatMap(keysOf)
      this.lake.discard(keys, this.#options.now() + orphanMs)
      this.lake.write('compaction', compacted.progress)
    } else {
      await this.commit({ ...this.manifest, nouns: compacted.nouns }, () => {
        if (due.kind === 'rewrite') this.lake.clear('compaction')
      })
    }
    return true
  }

  get #behind(): number {
    return this.#options.events.head - (this.lake.manifest?.seq ?? 0)
  }

  get #isFull(): boolean {
    return this.#behind >= this.#options.settings.eventsMax
  }

  get #isUnpublished(): boolean {
    return (this.lake.manifest?.revision ?? 0) > this.lake.publishedRevision
  }

  get #isFlushDue(): boolean {
    return this.#isFull || this.#flushDueMs === undefined || this.#flushDueMs <= this.#options.now()
  }

  /** `isStuck`: what is to be tidied could not be yet, since something else is waited for. */
  #schedule({ isStuck }: { readonly isStuck: boolean } = { isStuck: false }): void {
    const { now, settings, wake } = this.#options
    const isUntidy = this.layers.due(this.manifest) !== undefined || this.archive.isUntidy
    const housekeepingMs = isUntidy ? now() + (isStuck ? retryMaxMs : 0) : undefined
    if (this.#behind > 0) this.#flushDueMs ??= now() + settings.intervalMs
    const flushMs = this.#behind === 0 ? undefined : this.#isFull || this.#isUnpublished ? now() : this.#flushDueMs
    const wanted = [housekeepingMs, flushMs, this.archive.nextTidyMs, this.lake.nextGarbageMs]
    const moments = wanted.filter((ms) => ms !== undefined)
    wake(moments.length === 0 ? undefined : Math.min(...moments))
  }

  /** What is flushed is fixed before anything is put, and stays fixed however often it is tried. */
  async #flush(): Promise<void> {
    const { manifest } = this
    const { events, settings } = this.#options
    const earlier = this.lake.read('intent')
    const throughSeq =
      earlier !== undefined && earlier.throughSeq > manifest.seq
        ? earlier.throughSeq
        : events.commitEnd(manifest.seq + settings.eventsMax)
    this.lake.write('intent', { throughSeq })
    this.#flushDueMs = undefined
    const nouns = await this.layers.flush(manifest, { throughSeq, name: this.nextName() })
    await this.archive.append(throughSeq)
    await this.commit({ ...manifest, nouns, seq: throughSeq }, () => this.lake.clear('intent'))
  }

  async #publish(): Promise<void> {
    const { manifest } = this.lake
    if (manifest === undefined || manifest.revision === this.lake.publishedRevision) return
    await this.#put(manifest)
    this.lake.write('published', manifest.revision)
  }

  async #put(manifest: Manifest): Promise<void> {
    const { store } = this.#options
    const key = manifestKey(manifest.tenant)
    await store.put(key, new TextEncoder().encode(formatManifest(manifest)), { ifAbsent: false })
    await store.sync([key])
  }

  /** Deletes what is due. What the store fails to delete stays noted. */
  async #collectGarbage(): Promise<boolean> {
    const { now, store } = this.#options
    const keys = this.lake.garbageDue(now(), garbagePerStep)
    if (keys.length === 0) return false
    await this.#sureOfReaders()
    await store.delete(keys)
    this.lake.keep(keys)
    return true
  }

  /**
   * Readers have the manifest that is recorded, whose files stay. A put of an earlier one may have been given up and
   * have arrived after that of a later one; then it would be left, and names what is about to be deleted.
   */
  async #sureOfReaders(): Promise<void> {
    const { manifest } = this.lake
    if (manifest === undefined) return
    const bytes = await this.#options.store.get(manifestKey(manifest.tenant))
    const text = bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    if (text !== formatManifest(manifest)) await this.#put(manifest)
  }
}
