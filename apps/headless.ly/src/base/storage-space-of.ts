// Room on the disk, as the launcher measures it. On Cloudflare there is no launcher, and no disk that is shared.

import type { Fetching } from '@dotdo/db'
import { storageFull, type StorageSpace } from 'objects.do'
import type { Env } from './env.ts'

/** The launcher's answer at `GET /space`. */
export interface SpaceReport {
  readonly isFull: boolean
  readonly isExhausted: boolean
  readonly freeBytes: number
  /** Writes continue once this much is free. */
  readonly neededBytes: number
  /** Whether the platform has just reported a damaged database. */
  readonly isDamaged: boolean
  /** The lead of the system's clock over the time that the server goes by. */
  readonly clockOffsetMs: number
}

const validMs = 250
/** A write is stored in the log, in its table and its indexes, and in SQLite's journal of both. */
const storedPerCharacter = 8
const timeoutMs = 1_000

export class LauncherSpace implements StorageSpace {
  readonly #launcher: Fetching
  readonly #now: () => number
  #report: SpaceReport | undefined
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** The bytes that were written since, as far as this isolate knows. */
  #writtenBytes = 0

  constructor(options: { readonly launcher: Fetching; readonly now: () => number }) {
    this.#launcher = options.launcher
    this.#now = options.now
  }

  get report(): SpaceReport | undefined {
    return this.#report
  }

  get isFull(): boolean {
    return this.#report?.isFull === true
  }

  get isExhausted(): boolean {
    return this.#report?.isExhausted === true
  }

  get clockOffsetMs(): number {
    return this.#report?.clockOffsetMs ?? 0
  }

  get isStale(): boolean {
    return Math.abs(this.#now() - this.#askedAtMs) > validMs || this.#writtenBytes > this.#roomBytes
  }

  willWrite(characters: number): void {
    this.#writtenBytes += characters * storedPerCharacter
  }

  /** The bytes that can be written before the disk may count as full. */
  get #roomBytes(): number {
    return this.#report === undefined ? 0 : Math.max(this.#report.freeBytes - this.#report.neededBytes, 0)
  }

  /** Each request asks for itself, because the platform does not let requests share a pending answer. */
  async refresh(): Promise<void> {
    this.#askedAtMs = this.#now()
    this.#writtenBytes = 0
    try {
      const answer = await this.#launcher.fetch('http://launcher/space', { signal: AbortSignal.timeout(timeoutMs) })
      if (answer.ok) this.#report = await answer.json<SpaceReport>()
    } catch {
      // The launcher is busy. What was known before remains the best answer.
    }
  }
}

/** Kept by environment, so that all tenants of an isolate share one answer. */
const spaces = new WeakMap<object, LauncherSpace>()

export function storageSpaceOf(env: Pick<Env, 'LAKE_SYNC'>): LauncherSpace | undefined {
  const { LAKE_SYNC: launcher } = env
  if (launcher === undefined) return undefined
  const space = spaces.get(env) ?? new LauncherSpace({ launcher, now: Date.now })
  spaces.set(env, space)
  return space
}

/** Room that is left to those who work here, as a factor of what writes need. */
const strangersFactor = 4

/** Throws an ObjectError `storage_full` for events of strangers, who could else fill the disk until nobody can write. */
export async function requireRoomForStrangers(space: LauncherSpace | undefined): Promise<void> {
  if (space?.isStale === true) await space.refresh()
  const { freeBytes = Infinity, neededBytes = 0 } = space?.report ?? {}
  if (freeBytes < neededBytes * strangersFactor) throw storageFull()
}
