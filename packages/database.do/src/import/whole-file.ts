// Files that cannot be read from front to back, such as workbooks, are held in memory as a whole. Both the bytes of one and the
// number of them are limited.

import { ObjectError } from 'digital-objects'
import { refuseFile } from './import-refused.ts'

/** Two of them take less memory than an isolate has, and a million cells need less. */
export const wholeFileBytesMax = 32 * 2 ** 20
/** Files that are held at the same time by one isolate. */
const heldMax = 2

/** Counts the files that are held. */
export class WholeFiles {
  #held = 0

  /** Holds a file while its rows are read. Throws an ObjectError if too many are held. */
  take(): () => void {
    if (this.#held >= heldMax)
      throw new ObjectError({
        code: 'overloaded',
        field: 'file',
        message: `${heldMax} workbooks or Parquet files are being read: try again shortly, or send the rows as CSV or NDJSON`,
      })
    this.#held++
    let isHeld = true
    return () => {
      if (isHeld) this.#held--
      isHeld = false
    }
  }
}

/** Throws an ObjectError for a larger file. */
export async function readWhole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.length
    if (length > wholeFileBytesMax)
      throw refuseFile(
        `a workbook or Parquet file has at most ${wholeFileBytesMax} bytes: save the rows as CSV or NDJSON, which may be larger`,
      )
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
