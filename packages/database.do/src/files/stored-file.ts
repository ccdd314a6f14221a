// A stored file: its parts in the tenant's folder of the object store, and a record that is put after all of them. Parts are
// immutable, and a file without its record is an upload that goes on.

import { parseRange, type ByteRange } from '@dotdo/db'
import type { TenantFiles } from '@dotdo/service'
import { assert, isPlainObject, tryParseJson } from 'digital-objects'

export { parseRange }

export interface StoredFile {
  readonly size: number
  /** SHA-256 in hexadecimal digits. */
  readonly hash: string
  /** By the content, not by what the sender said. */
  readonly mediaType: string
  /** The sizes of its parts, in order. */
  readonly parts: readonly number[]
}

/** A file's bytes in memory at one time. */
export const partBytesMax = 4 * 2 ** 20
/** Limits the record, and the requests that an upload may come in. */
export const partsMax = 4_000
const recordFormat = 1
const pageMax = 1_000

export const filePattern = /^file_[0-9a-z]{26}$/

export function isFileId(text: unknown): text is string {
  return typeof text === 'string' && filePattern.test(text)
}

export function makeFileId(random: (count: number) => Uint8Array): string {
  return `file_${[...random(26)].map((byte) => (byte % 36).toString(36)).join('')}`
}

export function partKey(id: string, offset: number): string {
  return `${id}/${String(offset).padStart(13, '0')}`
}

export function partKeys(id: string, parts: readonly number[]): readonly string[] {
  let offset = 0
  return parts.map((bytes) => {
    const key = partKey(id, offset)
    offset += bytes
    return key
  })
}

export function recordKey(id: string): string {
  return `${id}/record.json`
}

export async function putRecord(files: TenantFiles, id: string, file: StoredFile): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ format: recordFormat, ...file }))
  await files.put(recordKey(id), bytes, { ifAbsent: false })
  await files.sync([recordKey(id)])
}

/** Its beginning is that of no part. */
export function thumbnailKey(id: string, size: number): string {
  return `${id}/thumbnail-${size}.webp`
}

/** Returns undefined if there is no such file, or its upload goes on. */
export async function readRecord(files: TenantFiles, id: string): Promise<StoredFile | undefined> {
  const bytes = await files.get(recordKey(id))
  const record = bytes === undefined ? undefined : tryParseJson(new TextDecoder().decode(bytes))
  if (!isPlainObject(record)) return undefined
  assert(record['format'] === recordFormat, `the record of '${id}' has format ${recordFormat}`)
  return record as unknown as StoredFile // written by `putRecord`
}

/** The sizes of the parts that an upload has, in order. */
export async function readParts(files: TenantFiles, id: string): Promise<readonly number[]> {
  const parts: number[] = []
  let after: string | undefined
  for (let hasMore = true; hasMore;) {
    const page = await files.list({ prefix: `${id}/0`, limit: pageMax, ...(after === undefined ? {} : { after }) })
    for (const { key, bytes } of page.objects) {
      assert(key === partKey(id, totalOf(parts)), `the parts of '${id}' are without a gap`)
      parts.push(bytes)
      after = key
    }
    hasMore = page.hasMore && page.objects.length > 0
  }
  return parts
}

export function totalOf(parts: readonly number[]): number {
  return parts.reduce((sum, bytes) => sum + bytes, 0)
}

/** Yields the bytes of a range. Throws if some of them are missing. */
export async function* readRange(
  files: TenantFiles,
  id: string,
  { parts, range }: { readonly parts: readonly number[]; readonly range: ByteRange },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let offset = 0
  for (const bytes of parts) {
    const [start, end] = [Math.max(range.start, offset), Math.min(range.end, offset + bytes)]
    if (start < end) {
      const part = await files.get(partKey(id, offset), { start: start - offset, end: end - offset })
      if (part?.length !== end - start) throw new Error(`bytes ${start} to ${end} of '${id}' are missing`)
      yield part
    }
    offset += bytes
  }
}

/** Reads the next part once the reader has taken the one before. */
export function streamRange(
  files: TenantFiles,
  id: string,
  { parts, range }: Parameters<typeof readRange>[2],
): ReadableStream<Uint8Array> {
  const bytes = readRange(files, id, { parts, range })
  return new ReadableStream<Uint8Array>(
    {
      // Without this workerd drops the content-length.
      expectedLength: range.end - range.start,
      async pull(controller) {
        const { done, value } = await bytes.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await bytes.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Removes the bytes of a file, and its thumbnails. May be repeated. */
export async function removeBytes(files: TenantFiles, id: string): Promise<void> {
  // Without its record, no reader begins on what is being removed.
  await files.delete([recordKey(id)])
  for (;;) {
    const { objects } = await files.list({ prefix: `${id}/`, limit: pageMax })
    if (objects.length === 0) return
    await files.delete(objects.map(({ key }) => key))
  }
}
