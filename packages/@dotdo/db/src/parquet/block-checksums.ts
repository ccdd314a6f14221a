// Checksums of a file's blocks, so that any range can be read and checked on its own. Parquet's page checksums would
// require reading whole pages, and do not cover footers, indexes and bloom filters.

import { crc32 } from 'node:zlib'

/** Small blocks keep the overhead of a range read low. */
export const blockBytes = 8_192

/** A file whose bytes are missing or wrong. Damaged bytes are never returned as data. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'

  constructor(key: string, what: string) {
    super(`file '${key}' is damaged: ${what}`)
  }
}

/** Returns one CRC-32 per block. The last block may be short. */
export function checksumBlocks(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const checksums = new Uint32Array(Math.ceil(bytes.length / blockBytes))
  for (let at = 0; at < checksums.length; at++)
    checksums[at] = checksum(bytes.subarray(at * blockBytes, (at + 1) * blockBytes))
  return checksums
}

export function checksum(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before) >>> 0
}

/** `bytes` must start at block `firstBlock` and consist of whole blocks, except for the last block of the file. */
export function checkBlocks(options: {
  readonly key: string
  readonly bytes: Uint8Array
  readonly firstBlock: number
  readonly checksums: Uint32Array
}): void {
  const { key, bytes, firstBlock, checksums } = options
  const blocks = Math.ceil(bytes.length / blockBytes)
  for (let at = 0; at < blocks; at++) {
    const block = bytes.subarray(at * blockBytes, (at + 1) * blockBytes)
    if (checksum(block) !== checksums[firstBlock + at])
      throw new DamagedFile(key, `the checksum of block ${firstBlock + at} does not match`)
  }
}

/** Encodes the checksums in base64, for the file's own metadata. */
export function formatChecksums(checksums: Uint32Array): string {
  const view = new DataView(new ArrayBuffer(checksums.length * 4))
  for (let at = 0; at < checksums.length; at++) view.setUint32(at * 4, checksums[at] as number, true)
  let text = ''
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte)
  return btoa(text)
}

export function parseChecksums(text: string): Uint32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Uint32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => view.getUint32(at * 4, true))
}
