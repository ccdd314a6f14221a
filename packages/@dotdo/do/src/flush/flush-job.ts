// The flush: writes the events since the last flush to the object store, as layers of entities and as rows of the log's
// table. Then it records and publishes the manifest that names the new files.

import type { AppendedEvent, Job } from '../jobs/job.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { EntityLayers } from './entity-layers.ts'
import type { EventArchive } from './event-archive.ts'
import type { FileNames } from './file-names.ts'
import { filesLane, storeRetry } from './files-lane.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { LakeState } from './lake-state.ts'
import type { Manifests } from './manifests.ts'

export interface FlushJobOptions {
  readonly log: LogReader
  readonly lake: LakeState
  readonly layers: EntityLayers
  readonly archive: EventArchive
  readonly manifests: Manifests
  readonly names: FileNames
  readonly settings: Pick<FlushSettings, 'intervalMs' | 'eventsMax'>
  readonly now: () => number
  /** Puts copies of the tables that events do not have. */
  readonly keepTables: () => Promise<void>
}

/** Characters of text in one flush, however few events they are: a few seconds of CPU. */
const charactersMax = 32_000_000

export class FlushJob implements Job {
  readonly name = 'flush'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #options: FlushJobOptions
  /** When the oldest event that is not flushed has waited for the interval. */
  #intervalEndMs: number | undefined

  constructor(options: FlushJobOptions) {
    this.#options = options
  }

  /**
   * Call at start. The oldest event has waited since it was written, not since the start, and an alarm that was set may
   * have been replaced.
   */
  resume(): void {
    const { log, now, settings } = this.#options
    const writtenAtMs = log.timestampOf(this.#flushedSeq + 1)
    this.#intervalEndMs = writtenAtMs === undefined ? undefined : Math.min(writtenAtMs, now()) + settings.intervalMs
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    const latestMs = nowMs + this.#options.settings.intervalMs
    const isFirst = event.seq === this.#flushedSeq + 1
    // A later end was set by a clock that has been set back since.
    const isScheduled = !isFirst && this.#intervalEndMs !== undefined && this.#intervalEndMs <= latestMs
    if (isScheduled && !this.#isFull) return undefined
    if (!isScheduled) this.#intervalEndMs = latestMs
    return this.#isFull ? nowMs : latestMs
  }

  dueMs(nowMs: number): number | undefined {
    // Publishing comes first, because readers wait for it.
    if (this.#behind <= 0 || this.#options.manifests.isUnpublished) return undefined
    if (this.#isFull) return nowMs
    return Math.min(this.#intervalEndMs ?? nowMs, nowMs + this.#options.settings.intervalMs)
  }

  /** Records the range of events before it puts any file, so that a repeated step flushes the same events. */
  async step(): Promise<boolean> {
    if (this.#behind <= 0) return false
    const { archive, lake, layers, log, manifests, names, now, settings } = this.#options
    const manifest = layers.begin(manifests.current)
    const intent = lake.read('intent')
    const throughSeq =
      intent !== undefined && intent.throughSeq > manifest.seq && intent.throughSeq <= log.head
        ? intent.throughSeq
        : log.commitEnd(log.endOf({ after: manifest.seq, limit: settings.eventsMax, charactersMax }))
    lake.write('intent', { throughSeq })
    // Events beyond this flush have waited as long.
    this.#intervalEndMs = throughSeq < log.head ? now() : undefined
    const nouns = await layers.flush(manifest, { throughSeq, name: names.next() })
    // Before the events, which cannot be read without their definitions.
    await this.#options.keepTables()
    await archive.append(throughSeq)
    await manifests.commit({ ...manifest, nouns, seq: throughSeq }, () => lake.clear('intent'))
    return true
  }

  get #flushedSeq(): number {
    return this.#options.lake.manifest?.seq ?? 0
  }

  /** Number of events that are not in files. */
  get #behind(): number {
    return this.#options.log.head - this.#flushedSeq
  }

  get #isFull(): boolean {
    return this.#behind >= this.#options.settings.eventsMax
  }
}
