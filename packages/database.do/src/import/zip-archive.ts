// The files of a ZIP archive (APPNOTE.TXT 6.3) that is in memory. Each is decompressed while it is read, and never beyond the size
// that the archive declares for it, so an archive cannot be larger than it says.

import { checksum } from '@dotdo/db'
import { refuseFile } from './import-refused.ts'

interface Entry {
  readonly method: number
  readonly compressed: number
  readonly size: number
  readonly headerAt: number
  /** CRC-32 of the file. */
  readonly sum: number
}

const [endSignature, entrySignature, fileSignature] = [0x06054b50, 0x02014b50, 0x04034b50]
const [stored, deflated] = [0, 8]
/** The record at the end may have a comment of 65,535 bytes. */
const endBytesMax = 22 + 65_535
/** A workbook has some dozen. */
const entriesMax = 10_000
const chunkBytes = 65_536

export class ZipArchive {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #entries = new Map<string, Entry>()

  /** Throws an ObjectError for bytes that are no archive, or one that this class cannot read. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#readDirectory()
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** The declared size of a file; 0 if there is none. */
  sizeOf(name: string): number {
    return this.#entries.get(name)?.size ?? 0
  }

  /** Chunks of a file. Throws an ObjectError if it is missing, damaged, or has more than `bytesMax` bytes. */
  async *read(name: string, bytesMax: number): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw refuseFile(`the workbook has no '${name.slice(0, 200)}': it is damaged`)
    if (entry.size > bytesMax)
      throw refuseFile(
        `'${name.slice(0, 200)}' has ${entry.size} bytes, and at most ${bytesMax} are read: save it as CSV`,
      )
    const start = entry.headerAt + 30 + this.#u16(entry.headerAt + 26) + this.#u16(entry.headerAt + 28)
    if (this.#u32(entry.headerAt) !== fileSignature || start + entry.compressed > this.#bytes.length) throw damaged()
    const data = this.#bytes.subarray(start, start + entry.compressed)
    let [size, sum] = [0, 0]
    for await (const chunk of entry.method === stored ? pieces(data) : inflated(data)) {
      size += chunk.length
      if (size > entry.size) throw damaged()
      sum = checksum(chunk, sum)
      yield chunk
    }
    if (size !== entry.size || sum !== entry.sum) throw damaged()
  }

  #readDirectory(): void {
    const end = this.#endRecord()
    const count = this.#u16(end + 10)
    let at = this.#u32(end + 16)
    if (count > entriesMax || at === 0xff_ff_ff_ff) throw refuseFile('the workbook is a ZIP64 archive: save it as CSV')
    for (let n = 0; n < count; n++) {
      if (at + 46 > this.#bytes.length || this.#u32(at) !== entrySignature) throw damaged()
      const method = this.#u16(at + 10)
      const [compressed, size] = [this.#u32(at + 20), this.#u32(at + 24)]
      const [nameLength, extraLength, commentLength] = [this.#u16(at + 28), this.#u16(at + 30), this.#u16(at + 32)]
      const isEncrypted = (this.#u16(at + 8) & 1) === 1
      if (isEncrypted || (method !== stored && method !== deflated))
        throw refuseFile('the workbook is encrypted or compressed by an unknown method: save it without a password')
      const name = new TextDecoder().decode(this.#bytes.subarray(at + 46, at + 46 + nameLength))
      this.#entries.set(name, { method, compressed, size, headerAt: this.#u32(at + 42), sum: this.#u32(at + 16) })
      at += 46 + nameLength + extraLength + commentLength
    }
  }

  #endRecord(): number {
    const last = this.#bytes.length - 22
    for (let at = last; at >= 0 && at >= last - endBytesMax; at--) if (this.#u32(at) === endSignature) return at
    throw damaged()
  }

  #u16(at: number): number {
    return at + 2 > this.#bytes.length ? 0 : this.#view.getUint16(at, true)
  }

  #u32(at: number): number {
    return at + 4 > this.#bytes.length ? 0 : this.#view.getUint32(at, true)
  }
}

function* pieces(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes)
}

async function* inflated(data: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  try {
    for (;;) {
      const { value, done } = await read(reader)
      if (done) return
      yield* pieces(value)
    }
  } finally {
    // A reader that was left early has an open stream.
    await reader.cancel().catch(() => undefined)
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: true; readonly value?: undefined } | { readonly done: false; readonly value: Uint8Array }> {
  try {
    const { value, done } = await reader.read()
    return done ? { done } : { done: false, value }
  } catch (error) {
    if (error instanceof TypeError || error instanceof Error) throw damaged()
    throw error
  }
}

function damaged(): Error {
  return refuseFile('the file is no whole .xlsx workbook: save it again, or as CSV')
}
