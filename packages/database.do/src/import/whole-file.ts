// Files that cannot be read from front to back, such as workbooks, are held in memory as a whole. Both the bytes of one and the
// number of them are limited.

import { joinBytes } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { refuseFile } from './import-refused.ts'

/** Two of them take less memory than an isolate has, and a million cells need less. */
export const wholeFileBytesMax = 32 * 2 ** 20
/** Files that are held at the same time by one isolate. */
const heldMax = 2
/** A sender that is slower would keep others from importing. */
const arrivalMsMax = 120_000

/** Counts the files that are held. */
export class WholeFiles {
  #held = 0
  readonly #tenants = new Set<string>()

  /** Holds a file of a tenant while its rows are read. Throws an ObjectError if too many are held, or the tenant holds one. */
  take(tenant: string): () => void {
    if (this.#tenants.has(tenant))
      throw new ObjectError({
        code: 'overloaded',
        field: 'file',
        message:
          'a workbook or Parquet file of this tenant is being read: try again once it is, or send the rows as CSV or NDJSON',
      })
    if (this.#held >= heldMax)
      throw new ObjectError({
        code: 'overloaded',
        field: 'file',
        message: `${heldMax} workbooks or Parquet files are being read: try again shortly, or send the rows as CSV or NDJSON`,
      })
    this.#held++
    this.#tenants.add(tenant)
    let isHeld = true
    return () => {
      if (!isHeld) return
      this.#held--
      this.#tenants.delete(tenant)
      isHeld = false
    }
  }
}

/** Throws an ObjectError for a larger file, and for one that takes longer to arrive than a slow line needs. */
export async function readWhole(
  bytes: AsyncIterable<Uint8Array>,
  now: () => number = Date.now,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  const endsMs = now() + arrivalMsMax
  let length = 0
  for await (const chunk of bytes) {
    if (now() > endsMs)
      throw new ObjectError({
        code: 'timeout',
        field: 'file',
        message: `a workbook or Parquet file arrives within ${arrivalMsMax / 1_000} s: upload it as a file first, and import that, or send the rows as CSV or NDJSON`,
      })
    length += chunk.length
    if (length > wholeFileBytesMax)
      throw refuseFile(
        `a workbook or Parquet file has at most ${wholeFileBytesMax} bytes: save the rows as CSV or NDJSON, which may be larger`,
      )
    chunks.push(chunk)
  }
  return joinBytes(chunks)
}
