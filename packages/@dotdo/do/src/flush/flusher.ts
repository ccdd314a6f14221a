// The background flush: what was written since the last one leaves for the object store, as layers of entities and as
// events of the log; a new manifest is recorded here and then published. Each step begins from what is recorded, so it may
// be killed at any line and made again. Failures of the store are waited out and never reach a writer.

import { formatManifest, type Manifest, manifestKey, type ObjectStore } from '@dotdo/db'
import type { NounLookup } from 'digital-objects'
import type { ArchivedTexts } from '../log/archived-events.ts'
import type { EventsStore } from '../log/events-store.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import { Backoff } from './backoff.ts'
import { EntityLayers } from './entity-layers.ts'
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
  readonly settle: (throughSeq: number) => Promise<number>
  /** Asks to be run at a moment; undefined for never. `isAtLatest` leaves an earlier wish as it is. */
  readonly wake: (atMs: number | undefined, isAtLatest?: boolean) => void
  readonly log: (message: string) => void
}

/** How long something is waited for that no clock tells of: work that is owed, a command. */
const waitMs = 60_000
/** A file that was to be put and is in no manifest after this long was left by a crash. */
const orphanMs = 3_600_000
const garbagePerStep = 500
/** A manifest is published as soon as it is made, unless the store fails. */
const promptMs = 5_000
/** A flush that goes on failing tells so, but not each time. */
const failuresPerLog = 10
/** One flush takes about as much text, however few its events are: some seconds of CPU. */
const charactersMax = 32_000_000
/** Steps of one command: each ends with less to do. */
const drainStepsMax = 10_000

export class Flusher {
  readonly lake: LakeState
  readonly archive: EventArchive
  readonly layers: EntityLayers
  readonly #options: FlusherOptions
  readonly #flushing: Backoff
  readonly #tidying: Backoff
  #running: Promise<unknown> = Promise.resolve()
  #waiting: Promise<void> | undefined
  /** Under way, or waiting for their turn. */
  #commands = 0
  /** Which kind of tidying comes first. */
  #firstJob = 0
  /** When what was written first since the last flush has waited long enough. */
  #flushDueMs: number | undefined

  constructor(options: FlusherOptions) {
    const { now, settings, storage } = options
    this.#options = options
    this.#flushing = new Backoff(now)
    this.#tidying = new Backoff(now)
    this.lake = new LakeState(storage)
    const willPut = (key: string): void => this.lake.discard([key], now() + orphanMs)
    const nextName = (): string => this.nextName()
    this.archive = new EventArchive({ ...options, lake: this.lake, willPut, nextName, settings })
    this.layers = new EntityLayers({ ...options, lake: this.lake, willPut })
  }

  /** At start: asks for what is owed. */
  resume(): void {
    const { events, now, settings } = this.#options
    this.lake.reload()
    this.layers.register()
    // An alarm that woke the object does not ring when a later one is set meanwhile: what waits goes on waiting from when
    // it was written, and not from now.
    const nowMs = now()
    const writtenMs = events.momentOf((this.lake.manifest?.seq ?? 0) + 1)
    this.#flushDueMs = writtenMs === undefined ? undefined : Math.min(writtenMs, nowMs) + settings.intervalMs
    this.#schedule()
  }

  /** Inside the transaction of a write: what it wrote will be flushed, also if the object dies right after. */
  changed(): void {
    const { now, settings, wake } = this.#options
    const nowMs = now()
    const latestMs = nowMs + settings.intervalMs
    // A moment beyond that is one of a clock that was set back since.
    const isKnown = this.#flushDueMs !== undefined && this.#flushDueMs <= latestMs
    if (isKnown && !this.#isFull) return
    if (!isKnown) this.#flushDueMs = latestMs
    wake(this.#flushing.earliest(this.#isFull ? nowMs : latestMs), true)
  }

  /**
   * One step of what is due, and then asks for the next. What a step throws is tried again later. Whoever calls while one
   * is under way waits for it, but not for a command: an alarm has a limit of its own.
   */
  run(): Promise<void> {
    const { now, wake } = this.#options
    if (this.#commands > 0) {
      wake(now() + waitMs)
      return Promise.resolve()
    }
    this.#waiting ??= this.#inTurn(() => this.#attempt()).finally(() => {
      this.#waiting = undefined
    })
    return this.#waiting
  }

  /** Flushes until everything is, and makes the files tidy; for commands. Throws what a step throws. */
  drain(): Promise<void> {
    return this.exclusively(async () => {
      for (let step = 0; step < drainStepsMax; step++) if (!(await this.#step(true))) break
    })
  }

  /** Nothing else of the flush happens meanwhile; for commands. */
  async exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#commands++
    try {
      return await this.#inTurn(run)
    } finally {
      this.#commands--
      this.#schedule()
    }
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
    const isFlush = this.#isFlushNext(false)
    const backoff = isFlush ? this.#flushing : this.#tidying
    let isProgress = false
    try {
      isProgress = await this.#step(false)
      if (isProgress) backoff.succeeded()
    } catch (error) {
      backoff.failed()
      const text = error instanceof Error ? error.message : String(error)
      if (backoff.failures % failuresPerLog === 1)
        this.#options.log(
          `${isFlush ? 'the flush' : 'tidying files'} failed, ${backoff.failures} times in a row: ${text}`,
        )
    }
    this.#schedule({ isStuck: !isProgress })
  }

  /** Tells whether it did anything. What readers wait for comes first. */
  async #step(isForced: boolean): Promise<boolean> {
    if (!this.#isFlushNext(isForced)) return (isForced || this.#tidying.isOver) && this.#tidy()
    if (this.#isUnpublished) await this.#publish()
    else await this.#flush()
    return true
  }

  #isFlushNext(isForced: boolean): boolean {
    const isDue = this.#isUnpublished || (this.#behind > 0 && (isForced || this.#isFlushDue))
    return isDue && (isForced || this.#flushing.isOver)
  }

  /** One step of what keeps files few. One kind that goes on failing keeps no other from its turn. */
  async #tidy(): Promise<boolean> {
    const jobs = [() => this.#compact(), () => this.archive.tidy(), () => this.#collectGarbage()]
    const first = this.#firstJob
    let isProgress = false
    for (let at = 0; at < jobs.length && !isProgress; at++) {
      const job = (first + at) % jobs.length
      // Should it throw, the next one is first.
      this.#firstJob = (job + 1) % jobs.length
      isProgress = (await jobs[job]?.()) ?? false
    }
    this.#firstJob = 0
    return isProgress
  }

  async #compact(): Promise<boolean> {
    this.layers.register()
    const due = this.layers.due(this.manifest)
    if (due === undefined) return false
    const step = { due, name: this.nextName(), progress: this.lake.read('compaction') }
    const compacted = await this.layers.compact(this.manifest, step)
    if (compacted.kind === 'goes on') {
      this.lake.goOn(compacted.progress)
    } else {
      await this.commit({ ...this.manifest, nouns: compacted.nouns }, () => {
        if (due.kind === 'rewrite') this.layers.rewrote(due.noun)
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
    const nowMs = now()
    // Where it is known, an alarm is set for it: the next write relies on that.
    if (this.#behind > 0) this.#flushDueMs ??= nowMs + settings.intervalMs
    else this.#flushDueMs = undefined
    const flushMs = this.#isUnpublished || this.#isFull ? nowMs : this.#behind > 0 ? this.#flushDueMs : undefined
    const isUntidy = this.layers.due(this.manifest) !== undefined || this.archive.isUntidy
    const tidyMs = isUntidy ? nowMs + (isStuck ? waitMs : 0) : undefined
    const moments = [
      ...[flushMs].flatMap((ms) => (ms === undefined ? [] : this.#flushing.earliest(ms))),
      ...[tidyMs, this.archive.nextTidyMs, this.lake.nextGarbageMs].flatMap((ms) =>
        ms === undefined ? [] : this.#tidying.earliest(ms),
      ),
    ]
    wake(moments.length === 0 ? undefined : Math.max(nowMs, Math.min(...moments)))
  }

  /** What is flushed is fixed before anything is put, and stays fixed however often it is tried. */
  async #flush(): Promise<void> {
    const { manifest } = this
    const { events, now, settings } = this.#options
    const earlier = this.lake.read('intent')
    const throughSeq =
      earlier !== undefined && earlier.throughSeq > manifest.seq && earlier.throughSeq <= events.head
        ? earlier.throughSeq
        : events.commitEnd(events.endOf({ after: manifest.seq, limit: settings.eventsMax, charactersMax }))
    this.lake.write('intent', { throughSeq })
    // What is left has waited as long.
    this.#flushDueMs = throughSeq < events.head ? now() : undefined
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
    const { now, settings, store } = this.#options
    const key = manifestKey(manifest.tenant)
    await store.put(key, new TextEncoder().encode(formatManifest(manifest)), { ifAbsent: false })
    await store.sync([key])
    // Until now readers were told of files that are to go since it was made.
    if (now() - Date.parse(manifest.madeAt) > promptMs) this.lake.postpone(now() + settings.graceMs)
  }

  /** Deletes what is due. What the store fails to delete stays noted. */
  async #collectGarbage(): Promise<boolean> {
    const { now, store } = this.#options
    const keys = this.lake.garbageDue(now(), garbagePerStep)
    if (keys.length === 0) return false
    await this.#sureOfReaders()
    if (this.lake.garbageDue(now(), 1).length === 0) return true
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
