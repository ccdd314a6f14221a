// Receives bytes of an upload while they arrive, and stores them in parts. Of two senders at one offset, one part wins, and the
// other sender is told where to go on.

import type { TenantFiles } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { partBytesMax, partKey, partsMax, readParts, totalOf } from './stored-file.ts'

export interface Receiver {
  readonly files: TenantFiles
  readonly id: string
  readonly size: number
  readonly offset: number | undefined
}

/** Returns the sizes of all parts. What has arrived before a fault is kept, so that the sender continues there. */
export async function receiveBytes(
  bytes: AsyncIterable<Uint8Array>,
  { files, id, size, offset }: Receiver,
): Promise<readonly number[]> {
  const parts = [...(await readParts(files, id))]
  if (offset !== undefined && offset !== totalOf(parts)) throw elsewhere(totalOf(parts))
  const buffer = new Uint8Array(Math.max(1, Math.min(partBytesMax, size)))
  const stored: string[] = []
  let held = 0
  const store = async (): Promise<void> => {
    if (held === 0) return
    const at = totalOf(parts)
    if (parts.length >= partsMax) throw tooMany()
    const key = partKey(id, at)
    if (!(await files.put(key, buffer.subarray(0, held), { ifAbsent: true })))
      throw elsewhere(totalOf(await readParts(files, id)))
    stored.push(key)
    parts.push(held)
    held = 0
  }
  try {
    for await (const chunk of bytes) {
      if (totalOf(parts) + held + chunk.length > size) throw tooLong(size)
      for (let start = 0; start < chunk.length;) {
        const some = chunk.subarray(start, start + buffer.length - held)
        buffer.set(some, held)
        held += some.length
        start += some.length
        if (held === buffer.length) await store()
      }
    }
  } finally {
    await store()
    // Bytes that are acknowledged to the sender survive a power failure.
    if (stored.length > 0) await files.sync(stored)
  }
  return parts
}

function elsewhere(offset: number): ObjectError {
  const message = `the upload continues at ${offset}`
  return new ObjectError({ code: 'conflict', field: 'offset', message, detail: { offset } })
}

function tooLong(size: number): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    field: 'body',
    message: `the upload has ${size} bytes, got more`,
  })
}

function tooMany(): ObjectError {
  const message = `an upload comes in at most ${partsMax} pieces: begin again with larger ones`
  return new ObjectError({ code: 'payload_too_large', field: 'body', message })
}
