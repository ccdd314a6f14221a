// XXH64 with seed 0 (xxhash specification), the hash of Parquet's bloom filters. It computes on 32-bit halves in local
// variables: a 64-bit BigInt per step, or an object for each number, takes several times as long.

/** The two halves of a number of 64 bits; those of a hash are unsigned. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

const prime1 = { high: 0x9e3779b1, low: 0x85ebca87 }
const prime2 = { high: 0xc2b2ae3d, low: 0x27d4eb4f }
const prime3 = { high: 0x165667b1, low: 0x9e3779f9 }
const prime4 = { high: 0x85ebca77, low: 0xc2b2ae63 }
const prime5 = { high: 0x27d4eb2f, low: 0x165667c5 }
const stripeBytes = 32

export function xxhash64(bytes: Uint8Array): Hash64 {
  const { length } = bytes
  const tail = length - (length % stripeBytes)
  const start = tail === 0 ? prime5 : stripes(bytes, tail)
  let low = (start.low + length) | 0
  let high = (start.high + carry(low, length)) | 0
  let at = tail
  for (; at + 8 <= length; at += 8) {
    const laneLow = word(bytes, at)
    const laneHigh = word(bytes, at + 4)
    // One round of a lane that starts at 0.
    const low2 = Math.imul(laneLow, prime2.low)
    const high2 = timesHigh(laneHigh, laneLow, prime2)
    const low31 = (low2 << 31) | (high2 >>> 1)
    const high31 = (high2 << 31) | (low2 >>> 1)
    low ^= Math.imul(low31, prime1.low)
    high ^= timesHigh(high31, low31, prime1)
    const low27 = (low << 27) | (high >>> 5)
    const high27 = (high << 27) | (low >>> 5)
    low = (Math.imul(low27, prime1.low) + prime4.low) | 0
    high = (timesHigh(high27, low27, prime1) + prime4.high + carry(low, prime4.low)) | 0
  }
  if (at + 4 <= length) {
    const lane = word(bytes, at)
    low ^= Math.imul(lane, prime1.low)
    high ^= timesHigh(0, lane, prime1)
    const low23 = (low << 23) | (high >>> 9)
    const high23 = (high << 23) | (low >>> 9)
    low = (Math.imul(low23, prime2.low) + prime3.low) | 0
    high = (timesHigh(high23, low23, prime2) + prime3.high + carry(low, prime3.low)) | 0
    at += 4
  }
  for (; at < length; at++) {
    const lane = bytes[at] as number
    low ^= Math.imul(lane, prime5.low)
    high ^= timesHigh(0, lane, prime5)
    const low11 = (low << 11) | (high >>> 21)
    const high11 = (high << 11) | (low >>> 21)
    low = Math.imul(low11, prime1.low)
    high = timesHigh(high11, low11, prime1)
  }
  return avalanche(high, low)
}

function avalanche(high: number, low: number): Hash64 {
  const low33 = low ^ (high >>> 1)
  const low2 = Math.imul(low33, prime2.low)
  const high2 = timesHigh(high, low33, prime2)
  const low29 = low2 ^ ((low2 >>> 29) | (high2 << 3))
  const high29 = high2 ^ (high2 >>> 29)
  const low3 = Math.imul(low29, prime3.low)
  const high3 = timesHigh(high29, low29, prime3)
  return { high: high3 >>> 0, low: (low3 ^ high3) >>> 0 }
}

/** The upper half of a product modulo 2^64. Products of 32 by 16 bits, and their sum, are exact. */
function timesHigh(high: number, low: number, by: Hash64): number {
  const unsigned = low >>> 0
  const lower = unsigned * (by.low & 0xffff)
  const upper = unsigned * (by.low >>> 16)
  const carried = Math.floor((upper + Math.floor(lower / 0x10000)) / 0x10000)
  return (Math.imul(high, by.low) + Math.imul(low, by.high) + carried) | 0
}

/** 1 if a sum of 32 bits, of which one term is given, exceeded them. */
function carry(sum: number, term: number): number {
  return sum >>> 0 < term >>> 0 ? 1 : 0
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/** Merges the four lanes over all stripes, which end before `end`. */
function stripes(bytes: Uint8Array, end: number): Hash64 {
  const lanes = laneStarts.map((start, index) => laneOf(bytes, { start, from: index * 8, end }))
  let [high, low] = [0, 0]
  for (const [index, lane] of lanes.entries()) {
    const bits = laneRotations[index] as number
    const rotatedLow = (lane.low << bits) | (lane.high >>> (32 - bits))
    low = (low + rotatedLow) | 0
    high = (high + ((lane.high << bits) | (lane.low >>> (32 - bits))) + carry(low, rotatedLow)) | 0
  }
  for (const lane of lanes) {
    const low2 = Math.imul(lane.low, prime2.low)
    const high2 = timesHigh(lane.high, lane.low, prime2)
    const low31 = (low2 << 31) | (high2 >>> 1)
    const high31 = (high2 << 31) | (low2 >>> 1)
    const mixedLow = low ^ Math.imul(low31, prime1.low)
    const mixedHigh = high ^ timesHigh(high31, low31, prime1)
    low = (Math.imul(mixedLow, prime1.low) + prime4.low) | 0
    high = (timesHigh(mixedHigh, mixedLow, prime1) + prime4.high + carry(low, prime4.low)) | 0
  }
  return { high, low }
}

/** Lanes start at prime 1 + prime 2, prime 2, 0 and -prime 1. */
const laneStarts = [
  { high: 0x60ea27ee, low: 0xadc0b5d6 },
  prime2,
  { high: 0, low: 0 },
  { high: 0x61c8864e, low: 0x7a143579 },
] as const
const laneRotations = [1, 7, 12, 18] as const

/** Runs one lane over its 8 bytes of each stripe. */
function laneOf(
  bytes: Uint8Array,
  { start, from, end }: { readonly start: Hash64; readonly from: number; readonly end: number },
): Hash64 {
  let { high, low } = start
  for (let at = from; at < end; at += stripeBytes) {
    const wordLow = word(bytes, at)
    const wordHigh = word(bytes, at + 4)
    const term = Math.imul(wordLow, prime2.low)
    const sum = (low + term) | 0
    const sumHigh = (high + timesHigh(wordHigh, wordLow, prime2) + carry(sum, term)) | 0
    const low31 = (sum << 31) | (sumHigh >>> 1)
    const high31 = (sumHigh << 31) | (sum >>> 1)
    low = Math.imul(low31, prime1.low)
    high = timesHigh(high31, low31, prime1)
  }
  return { high, low }
}
