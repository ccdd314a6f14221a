// SHA-256 (FIPS 180-4) of a string's UTF-8 bytes, synchronous and without a platform API. It fingerprints small values for
// cache keys, where a collision would leak one caller's answer to another.

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const roundConstants = primes(64).map((prime) => fractionBits(Math.cbrt(prime)))
/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const initialState = primes(8).map((prime) => fractionBits(Math.sqrt(prime)))
const blockBytes = 64

/** Returns 64 lower-case hexadecimal digits. The string must be well-formed Unicode. */
export function sha256Hex(text: string): string {
  const words = paddedWords(utf8Bytes(text))
  const state = [...initialState]
  for (let start = 0; start < words.length; start += blockBytes / 4) addBlock(state, words.slice(start, start + 16))
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function addBlock(state: number[], block: readonly number[]): void {
  const schedule = [...block]
  for (let at = 16; at < 64; at++) {
    const [early, late] = [wordAt(schedule, at - 15), wordAt(schedule, at - 2)]
    const small = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const large = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule.push((wordAt(schedule, at - 16) + small + wordAt(schedule, at - 7) + large) | 0)
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let round = 0; round < 64; round++) {
    const large = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + large + choice + wordAt(roundConstants, round) + wordAt(schedule, round)) | 0
    const small = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + small + majority) | 0]
  }
  for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) state[at] = (wordAt(state, at) + word) | 0
}

/** Returns the bytes, a one bit, zeros, and the length in bits, as big-endian words that fill whole blocks. */
function paddedWords(bytes: readonly number[]): readonly number[] {
  const length = Math.ceil((bytes.length + 9) / blockBytes) * blockBytes
  const words = Array.from({ length: length / 4 }, () => 0)
  for (const [at, byte] of [...bytes, 0x80].entries())
    words[at >> 2] = wordAt(words, at >> 2) | (byte << (24 - (at % 4) * 8))
  words[words.length - 2] = Math.floor((bytes.length * 8) / 2 ** 32)
  words[words.length - 1] = (bytes.length * 8) | 0
  return words
}

function utf8Bytes(text: string): readonly number[] {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
  }
  return bytes
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function wordAt(words: readonly number[], at: number): number {
  return words[at] ?? 0
}

function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
}

function primes(count: number): readonly number[] {
  const found: number[] = []
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime !== 0)) found.push(number)
  return found
}
