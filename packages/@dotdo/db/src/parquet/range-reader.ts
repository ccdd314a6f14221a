// Reads byte ranges of one immutable file. Ranges requested in one tick are merged into as few requests as possible,
// and every byte is checked against the file's checksums before it is returned.

import type { AsyncBuffer } from 'hyparquet'
import type { ByteRange, ObjectStore } from '../object-store/object-store.ts'
import { blockBytes, checkBlocks, DamagedFile } from './block-checksums.ts'

/** A gap up to this size is cheaper to read than a separate request. */
const gapBytesMax = 32_768
/** The largest request, so that memory stays bounded. */
const requestBytesMax = 8 * 2 ** 20

interface Asked extends ByteRange {
  readonly resolve: (bytes: ArrayBuffer) => void
  readonly reject: (error: unknown) => void
}

export interface RangeReaderOptions {
  readonly store: ObjectStore
  readonly key: string
  readonly bytes: number
  /** `checksums` cover the blocks before this offset. The footer follows it and is never requested as a range. */
  readonly footerStart: number
  readonly checksums: Uint32Array
  /** Checked bytes in memory, from this offset to the end of the file. */
  readonly kept: { readonly start: number; readonly bytes: Uint8Array }
}

export class RangeReader implements AsyncBuffer {
  readonly byteLength: number
  readonly #options: RangeReaderOptions
  #asked: Asked[] = []

  constructor(options: RangeReaderOptions) {
    this.#options = options
    this.byteLength = options.bytes
  }

  slice(start: number, end: number = this.byteLength): Promise<ArrayBuffer> {
    const { kept } = this.#options
    if (start >= kept.start) return Promise.resolve(copyOf(kept.bytes.subarray(start - kept.start, end - kept.start)))
    return new Promise((resolve, reject) => {
      this.#asked.push({ start, end, resolve, reject })
      if (this.#asked.length === 1) queueMicrotask(() => this.#fetch())
    })
  }

  #fetch(): void {
    const asked = this.#asked
    this.#asked = []
    for (const range of coalesceRanges(asked, this.#options.footerStart)) void this.#answer(range)
  }

  async #answer(range: ByteRange & { readonly of: readonly Asked[] }): Promise<void> {
    try {
      const bytes = await this.#read(range)
      for (const { start, end, resolve } of range.of)
        resolve(copyOf(bytes.subarray(start - range.start, end - range.start)))
    } catch (error) {
      for (const { reject } of range.of) reject(error)
    }
  }

  async #read(range: ByteRange): Promise<Uint8Array> {
    const { store, key, checksums } = this.#options
    const bytes = await store.get(key, range)
    if (bytes === undefined) throw new DamagedFile(key, 'it is missing')
    if (bytes.length !== range.end - range.start) throw new DamagedFile(key, `it ends at ${range.start + bytes.length}`)
    checkBlocks({ key, bytes, firstBlock: range.start / blockBytes, checksums })
    return bytes
  }
}

/** Extends ranges to whole blocks and merges those that touch or nearly touch. */
export function coalesceRanges<Range extends ByteRange>(
  ranges: readonly Range[],
  limit: number,
): (ByteRange & { readonly of: readonly Range[] })[] {
  const merged: { start: number; end: number; of: Range[] }[] = []
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const start = Math.floor(range.start / blockBytes) * blockBytes
    const end = Math.min(Math.ceil(range.end / blockBytes) * blockBytes, limit)
    const last = merged.at(-1)
    if (
      last !== undefined &&
      start <= last.end + gapBytesMax &&
      Math.max(end, last.end) - last.start <= requestBytesMax
    ) {
      last.end = Math.max(last.end, end)
      last.of.push(range)
    } else {
      merged.push({ start, end, of: [range] })
    }
  }
  return merged
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
