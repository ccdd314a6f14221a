// Measures the room on the disks of the data folder. Writes are refused below a reserve: workerd needs some room even for
// reads, and a commit that fails for lack of it resets a tenant's object.

import { statfs } from 'node:fs/promises'

export interface DiskSpaceReport {
  readonly isFull: boolean
  /** True if not even small records, such as an alarm, may fit. */
  readonly isExhausted: boolean
  readonly freeBytes: number
  /** Writes continue once this much is free. */
  readonly neededBytes: number
}

export interface DiskSpaceOptions {
  readonly folders: readonly string[]
  /** Receives a line when the disk becomes full, and when it has room again. */
  readonly warn: (line: string) => void
  /** Set only by tests. */
  readonly measure?: (folder: string) => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
}

const mebibyte = 2 ** 20
/** More than all tenants write between two measurements. */
const reserveBytesMax = 64 * mebibyte
/** On a small disk, the reserve is this part of it. */
const reservePart = 1 / 16
/** SQLite copies a journal of 4 MiB into its database at once. */
const reserveBytesMin = 8 * mebibyte
const exhaustedBytesMax = mebibyte
/** Free space beyond the reserve, as a factor, before writes continue: without it, writes would be refused and accepted in turns. */
const continueFactor = 1.25
const intervalMs = 1_000

export class DiskSpace {
  readonly #options: DiskSpaceOptions
  #isFull = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: DiskSpaceOptions) {
    this.#options = options
  }

  /** Measures the disks again and again, so that the operator reads of a full disk even without requests. */
  watch(): void {
    this.#timer = setInterval(() => void this.report().catch(() => {}), intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async report(): Promise<DiskSpaceReport> {
    const { folders, measure = measureDisk } = this.#options
    const disks = (await Promise.all(folders.map(measure))).map((disk) => ({
      ...disk,
      reserveBytes: Math.min(reserveBytesMax, Math.max(reserveBytesMin, disk.totalBytes * reservePart)),
    }))
    // The disk with the least room in proportion to what it needs decides.
    const [disk] = disks.toSorted((a, b) => a.freeBytes / a.reserveBytes - b.freeBytes / b.reserveBytes)
    const { freeBytes, reserveBytes } = disk ?? { freeBytes: 0, reserveBytes: 0 }
    const neededBytes = Math.ceil(reserveBytes * continueFactor)
    this.#turn(freeBytes < (this.#isFull ? neededBytes : reserveBytes), { freeBytes, neededBytes })
    const isExhausted = freeBytes < Math.min(exhaustedBytesMax, reserveBytes / 4)
    return { isFull: this.#isFull, isExhausted, freeBytes, neededBytes }
  }

  #turn(
    isFull: boolean,
    { freeBytes, neededBytes }: { readonly freeBytes: number; readonly neededBytes: number },
  ): void {
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    const [free, needed] = [formatSize(freeBytes), formatSize(neededBytes)]
    this.#options.warn(
      isFull
        ? `the disk is full (${free} left): writes are refused and reads continue, until ${needed} are free`
        : `the disk has room again (${free} free): writes continue`,
    )
  }
}

async function measureDisk(folder: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

function formatSize(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`
}
