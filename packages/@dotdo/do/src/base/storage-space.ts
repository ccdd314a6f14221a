// Whether the disk has room. The platform fails a commit on a full disk and resets the object, so writes are refused
// before that, and background work waits. docs/decisions/0047-a-full-disk-refuses-writes-early.md

import { ObjectError } from 'digital-objects'

export interface StorageSpace {
  /** True below the reserve, as last known: writes are refused. */
  readonly isFull: boolean
  /** True if not even the alarm can be stored, as last known. */
  readonly isExhausted: boolean
  /** How far the server's clock is ahead of the time to go by, as last known: 0 unless it has jumped. */
  readonly clockOffsetMs: number
  /** Whether what is known is too old to decide about a write. */
  readonly isStale: boolean
  /** Asks again. Does not throw. */
  refresh(): Promise<void>
  /** Counts what a write is about to store, so that many writes in a short time make what is known too old. */
  willWrite(characters: number): void
}

/** Throws an ObjectError if the disk has no room for a write. */
export function requireSpace(space: StorageSpace | undefined): void {
  if (space?.isFull === true) throw storageFull()
}

export function storageFull(): ObjectError {
  return new ObjectError({
    code: 'storage_full',
    message: 'the disk of the server is full: nothing was written; reads continue, and writes do once there is room',
  })
}
