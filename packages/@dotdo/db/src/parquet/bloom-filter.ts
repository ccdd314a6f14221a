// Split-block bloom filter (apache/parquet-format, BloomFilter.md): may say yes wrongly, never no.

import type { Hash64 } from './xxhash64.ts'

const salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31] as const
const wordsPerBlock = salts.length

/**
 * Keeps the false positive rate at 1% or below. Sizes are powers of two, so it is usually lower. Blocks fill unevenly:
 * the 9.7 bits of the specification's formula would give up to 1.5%.
 */
const bitsPerValue = 11
const bytesMin = 32

/** Builds a filter of these distinct hashes, in blocks of 8 words; undefined if there are none. */
export function buildBloomFilter(hashes: readonly Hash64[]): Uint32Array | undefined {
  if (hashes.length === 0) return undefined
  const words = new Uint32Array(bloomFilterBytes(hashes.length) / 4)
  for (const hash of hashes) {
    const first = firstWord(hash, words.length)
    for (let at = 0; at < wordsPerBlock; at++) words[first + at] = (words[first + at] as number) | bitOf(hash, at)
  }
  return words
}

export function bloomFilterMayContain(words: Uint32Array, hash: Hash64): boolean {
  const first = firstWord(hash, words.length)
  for (let at = 0; at < wordsPerBlock; at++) {
    if (((words[first + at] as number) & bitOf(hash, at)) === 0) return false
  }
  return true
}

/** Rounds up to a power of two, which Arrow requires. */
function bloomFilterBytes(distinct: number): number {
  let bytes = bytesMin
  while (bytes * 8 < distinct * bitsPerValue) bytes *= 2
  return bytes
}

/** The upper half of the hash selects the block: `(high * blocks) >> 32`. */
function firstWord(hash: Hash64, words: number): number {
  return Math.floor((hash.high * (words / wordsPerBlock)) / 2 ** 32) * wordsPerBlock
}

/** The lower half selects one bit in each word of the block. */
function bitOf(hash: Hash64, at: number): number {
  return (1 << (Math.imul(hash.low, salts[at] as number) >>> 27)) >>> 0
}
