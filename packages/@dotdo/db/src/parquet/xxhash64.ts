// XXH64 with seed 0 (xxhash specification), the hash of Parquet's bloom filters. It computes on 32-bit halves: with a
// 64-bit BigInt per step, hashing took two thirds of the time to write a file.

/** The two halves of a hash, both unsigned. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** A 64-bit number in two halves, changed in place. */
interface Word {
  high: number
  low: number
}

const prime1 = { high: 0x9e3779b1, low: 0x85ebca87 }
const prime2 = { high: 0xc2b2ae3d, low: 0x27d4eb4f }
const prime3 = { high: 0x165667b1, low: 0x9e3779f9 }
const prime4 = { high: 0x85ebca77, low: 0xc2b2ae63 }
const prime5 = { high: 0x27d4eb2f, low: 0x165667c5 }

export function xxhash64(bytes: Uint8Array): Hash64 {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { length } = bytes
  const hash: Word = { high: 0, low: 0 }
  let at = 0
  if (length >= 32) {
    at = stripes(view, hash)
  } else {
    hash.high = prime5.high
    hash.low = prime5.low
  }
  add(hash, 0, length)
  const lane: Word = { high: 0, low: 0 }
  for (; at + 8 <= length; at += 8) {
    lane.high = view.getInt32(at + 4, true)
    lane.low = view.getInt32(at, true)
    round(lane)
    xor(hash, lane)
    rotate(hash, 27)
    multiply(hash, prime1)
    add(hash, prime4.high, prime4.low)
  }
  if (at + 4 <= length) {
    lane.high = 0
    lane.low = view.getInt32(at, true)
    multiply(lane, prime1)
    xor(hash, lane)
    rotate(hash, 23)
    multiply(hash, prime2)
    add(hash, prime3.high, prime3.low)
    at += 4
  }
  for (; at < length; at++) {
    lane.high = 0
    lane.low = view.getUint8(at)
    multiply(lane, prime5)
    xor(hash, lane)
    rotate(hash, 11)
    multiply(hash, prime1)
  }
  avalanche(hash)
  return { high: hash.high >>> 0, low: hash.low >>> 0 }
}

/** Merges four lanes over stripes of 32 bytes into `hash`. Returns the offset of the remaining bytes. */
function stripes(view: DataView, hash: Word): number {
  const lanes: readonly [Word, Word, Word, Word] = [
    { high: prime1.high, low: prime1.low },
    { high: prime2.high, low: prime2.low },
    { high: 0, low: 0 },
    { high: 0, low: 0 },
  ]
  add(lanes[0], prime2.high, prime2.low)
  subtract(lanes[3], prime1)
  const word: Word = { high: 0, low: 0 }
  let at = 0
  for (; at + 32 <= view.byteLength; at += 32) {
    for (let index = 0; index < 4; index++) {
      const lane = lanes[index] as Word
      word.low = view.getInt32(at + index * 8, true)
      word.high = view.getInt32(at + index * 8 + 4, true)
      multiply(word, prime2)
      add(lane, word.high, word.low)
      rotate(lane, 31)
      multiply(lane, prime1)
    }
  }
  for (const [index, bits] of [1, 7, 12, 18].entries()) {
    const lane = lanes[index] as Word
    word.high = lane.high
    word.low = lane.low
    rotate(word, bits)
    add(hash, word.high, word.low)
  }
  for (const lane of lanes) {
    round(lane)
    xor(hash, lane)
    multiply(hash, prime1)
    add(hash, prime4.high, prime4.low)
  }
  return at
}

/** One round of a lane whose accumulator is 0, before it is merged into the hash. */
function round(word: Word): void {
  multiply(word, prime2)
  rotate(word, 31)
  multiply(word, prime1)
}

function avalanche(hash: Word): void {
  shiftXor(hash, 33)
  multiply(hash, prime2)
  shiftXor(hash, 29)
  multiply(hash, prime3)
  shiftXor(hash, 32)
}

function add(word: Word, high: number, low: number): void {
  const sum = (word.low >>> 0) + (low >>> 0)
  word.high = (word.high + high + (sum > 0xffffffff ? 1 : 0)) | 0
  word.low = sum | 0
}

function subtract(word: Word, other: Word): void {
  const borrow = word.low >>> 0 < other.low >>> 0 ? 1 : 0
  word.low = (word.low - other.low) | 0
  word.high = (word.high - other.high - borrow) | 0
}

function xor(word: Word, other: Word): void {
  word.high ^= other.high
  word.low ^= other.low
}

/** Rotates left by 1 to 31 bits. */
function rotate(word: Word, bits: number): void {
  const { high, low } = word
  word.high = (high << bits) | (low >>> (32 - bits))
  word.low = (low << bits) | (high >>> (32 - bits))
}

function shiftXor(word: Word, bits: 29 | 32 | 33): void {
  const { high, low } = word
  if (bits === 29) {
    word.low = low ^ ((low >>> 29) | (high << 3))
    word.high = high ^ (high >>> 29)
  } else {
    word.low = low ^ (high >>> (bits - 32))
  }
}

/** Multiplies modulo 2^64. Products of 16-bit parts stay exact. */
function multiply(word: Word, by: Word): void {
  const [aLow, aHigh] = [word.low & 0xffff, word.low >>> 16]
  const [bLow, bHigh] = [by.low & 0xffff, by.low >>> 16]
  const lowest = aLow * bLow
  const middle1 = aHigh * bLow + (lowest >>> 16)
  const middle2 = aLow * bHigh + (middle1 & 0xffff)
  // `middle1` may exceed 32 bits, so it is divided instead of shifted.
  const upper = aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)
  word.high = (Math.imul(word.high, by.low) + Math.imul(word.low, by.high) + (upper | 0)) | 0
  word.low = ((middle2 & 0xffff) << 16) | (lowest & 0xffff)
}
