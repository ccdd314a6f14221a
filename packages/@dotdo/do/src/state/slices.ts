// The slices of one read: how many rows the next one examines, the yield after it, and the end of the read's time. A slice is
// sized by the rows that SQLite read for the last one, which is the same on every machine.

import { ObjectError } from 'digital-objects'
import type { SliceSettings } from '../base/slice-settings.ts'

/** The first slice examines a part of the budget, since the work per row is not known yet. */
const firstShare = 16
const growthMax = 4

export interface SlicesOptions {
  readonly settings: Pick<SliceSettings, 'rowsPerSlice' | 'readMs'>
  readonly now: () => number
  /** When the read came, before it waited for others. */
  readonly startMs: number
  /** Throws if the read cannot continue, because definitions have changed. */
  readonly check: () => void
  /** Resolves when the next slice may begin. */
  readonly pause: () => Promise<void>
}

export class Slices {
  readonly #options: SlicesOptions
  #rows: number
  #examined = 0
  #count = 0

  constructor(options: SlicesOptions) {
    this.#options = options
    this.#rows = Math.max(1, Math.floor(options.settings.rowsPerSlice / firstShare))
  }

  /** The number of rows that the next slice examines. */
  get rows(): number {
    return this.#rows
  }

  /** The number of slices so far. */
  get count(): number {
    return this.#count
  }

  /** Call it after each slice, with the rows that it examined and the rows that SQLite read for them. */
  async next({ examined, read }: { readonly examined: number; readonly read: number }): Promise<void> {
    const { settings } = this.#options
    this.#count++
    this.#examined += examined
    const perRow = Math.max(1, read / Math.max(1, examined))
    const wanted = Math.floor(settings.rowsPerSlice / perRow)
    this.#rows = Math.max(1, Math.min(wanted, this.#rows * growthMax))
    await this.pause()
  }

  /** Lets others run between two parts of the work that are no scans. */
  async pause(): Promise<void> {
    const { settings, now, startMs, check, pause } = this.#options
    await pause()
    if (now() - startMs > settings.readMs) throw tooLong(settings.readMs, this.#examined)
    check()
  }
}

function tooLong(readMs: number, examined: number): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'filter',
    message: `the read took longer than ${readMs / 1_000} s and examined ${examined} entities; add a condition on an indexed field`,
    detail: { examined },
  })
}
